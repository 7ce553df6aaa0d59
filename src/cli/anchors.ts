import type { Config } from '../config/config.ts'
import { planAnchors } from '../core/anchors.ts'
import { customLabels } from '../core/custom-labels.ts'
import type { JenkinsReading } from '../core/jenkins-reading.ts'
import { readMark } from '../core/markers.ts'
import type { Action } from '../core/snapshot.ts'
import type { Template } from '../core/template.ts'
import { NodeKeeper } from '../loop/keep-nodes.ts'
import type { JenkinsPort } from '../loop/ports.ts'
import { systemClock } from '../system-clock.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK } from './io.ts'
import { makeLogger } from './logger.ts'
import { lookAround } from './look-around.ts'
import { table } from './table.ts'

/** `anchors create`: what `start` would make for its templates. Done twice, the second time finds nothing to do. */
export async function createAnchors(io: CommandIo): Promise<number> {
  return await lookAround(io, async ({ jenkins, config }) => await makeAnchors(jenkins, config, io))
}

/** `anchors remove`: those of this configuration's sidecar, whatever their templates. Without `--yes` it only says which. */
export async function removeAnchors(isSure: boolean, io: CommandIo): Promise<number> {
  return await lookAround(io, async ({ jenkins, config }) => await dropAnchors(jenkins, config, isSure, io))
}

type AnchorOptions = Pick<Config, 'templates' | 'mesos'>
type Io = Pick<CommandIo, 'out' | 'err' | 'stopped' | 'paper'>

/** An anchor with other labels goes after the new one is there, which a second look sees. */
const MOST_PASSES = 4

export async function makeAnchors(jenkins: JenkinsPort, config: AnchorOptions, io: Io): Promise<number> {
  const { templates } = config
  const owner = config.mesos.frameworkName
  const done = new Map<string, string>()
  for (let pass = 1; ; pass++) {
    const reading = await jenkins.read(io.stopped)
    const { actions, byNode, problems, notes, complete } = planAnchors(
      reading,
      templates,
      owner,
      inUse(reading, config),
    )
    if (actions.length === 0 || pass === MOST_PASSES || io.stopped.aborted) {
      const rows = templates.map((template) => rowOf(template, byNode, done))
      io.out(table(['template', 'anchor', 'labels', 'found'], rows, io.paper.out))
      for (const [node, words] of done) if (!byNode.has(node)) io.out(`${node}: ${words}`)
      for (const note of notes) io.out(`for your information: ${note}`)
      for (const problem of problems) io.err(`needs a look: ${problem}`)
      return complete && actions.length === 0 ? EXIT_OK : EXIT_FAILED
    }
    const failures = await carryOut(actions, jenkins, owner)
    for (const action of actions) if ('node' in action) done.set(action.node, failures.get(action.node) ?? said(action))
    if (failures.size > 0) pass = MOST_PASSES - 1 // another look shows what is there, and that is all
  }
}

/** Of labels that name an image: those that a sidecar made anchors for, and those that builds ask for now. */
function inUse(reading: JenkinsReading, { templates, mesos }: AnchorOptions): readonly Template[] {
  const { variants } = customLabels(reading, [], templates, mesos.frameworkName, {}, systemClock.now())
  return [...variants.values()].flatMap(([best]) => best ?? [])
}

function rowOf(
  template: Template,
  byNode: ReadonlyMap<string, Template>,
  done: ReadonlyMap<string, string>,
): readonly string[] {
  const [node] = [...byNode].find(([, one]) => one === template) ?? []
  const labels = template.labels.join(' ')
  if (node === undefined) return [template.name, '', labels, 'missing']
  return [template.name, node, labels, done.get(node) ?? 'was there']
}

export async function dropAnchors(
  jenkins: JenkinsPort,
  config: AnchorOptions,
  isSure: boolean,
  io: Io,
): Promise<number> {
  const owner = config.mesos.frameworkName
  const reading = await jenkins.read(io.stopped)
  // Without templates every anchor of ours is left over, but for one that something runs on.
  const { actions } = planAnchors(reading, [], owner)
  const going = actions.flatMap((action) => (action.kind === 'deleteAnchor' ? [action] : []))
  for (const name of busyAnchors(reading, owner))
    io.err(`${name} stays: a build runs there, which no anchor should have`)
  const agents = agentsOf(reading, owner)
  if (agents > 0) {
    const these = agents === 1 ? '1 agent' : `${agents} agents`
    io.err(`warning: ${these} of ${owner} are in Jenkins: a sidecar that runs makes its anchors again within seconds`)
  }
  if (going.length === 0) {
    io.out(`There is no anchor of ${owner}.`)
    return EXIT_OK
  }
  if (!isSure) {
    io.out(`Would be removed: ${going.map(({ node }) => node).join(', ')}`)
    io.out('Nothing was done. Stop the sidecar first: it makes its anchors again. Then call with --yes.')
    return EXIT_OK
  }
  const failures = await carryOut(going, jenkins, owner)
  for (const { node } of going) io.out(`${node}: ${failures.get(node) ?? 'removed'}`)
  return failures.size === 0 ? EXIT_OK : EXIT_FAILED
}

/** As the sidecar does it. @returns what did not work, by node */
async function carryOut(
  actions: readonly Action[],
  jenkins: JenkinsPort,
  frameworkName: string,
): Promise<ReadonlyMap<string, string>> {
  const quiet = (): void => undefined
  const keeper = new NodeKeeper({
    jenkins,
    log: makeLogger('fatal'),
    report: { orphanRemoved: quiet },
    trigger: quiet,
    settings: { frameworkName },
  })
  for (const action of actions) {
    if (action.kind === 'createAnchor') keeper.createAnchor(action.template, action.node)
    if (action.kind === 'offlineAnchor') keeper.offlineAnchor(action.node)
    if (action.kind === 'deleteAnchor') keeper.deleteAnchor(action.node, action.reason)
  }
  await keeper.idle()
  return new Map(keeper.failures)
}

function said(action: Action): string {
  switch (action.kind) {
    case 'createAnchor':
      return 'made'
    case 'offlineAnchor':
      return 'taken offline'
    case 'deleteAnchor':
      return `removed: ${action.reason}`
    default:
      return action.kind
  }
}

function busyAnchors({ nodes }: JenkinsReading, owner: string): readonly string[] {
  return nodes
    .filter(({ running }) => running.length > 0)
    .filter(({ description }) => {
      const mark = readMark(description)
      return mark?.kind === 'anchor' && mark.owner === owner
    })
    .map(({ name }) => name)
}

function agentsOf({ nodes }: JenkinsReading, owner: string): number {
  return nodes.filter(({ description }) => {
    const mark = readMark(description)
    return mark?.kind === 'agent' && mark.owner === owner
  }).length
}
