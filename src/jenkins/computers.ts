import type { JenkinsNode, RunningBuild } from '../core/jenkins-reading.ts'
import type { JenkinsClient } from './client.ts'
import { unescapeTwice } from './html.ts'
import { type Computer, Computers, type Executor } from './shapes.ts'

const EXECUTOR = 'number,idle,currentExecutable[url,fullDisplayName,displayName]'
export const COMPUTER_TREE = `displayName,description,assignedLabels[name],numExecutors,idle,offline,temporarilyOffline,offlineCauseReason,executors[${EXECUTOR}],oneOffExecutors[${EXECUTOR}]`
const COMPUTERS_PATH = `computer/api/json?tree=${encodeURIComponent(`computer[${COMPUTER_TREE}]`)}`

/** What the built-in node was called over the years; only asked where Jenkins tells no `_class`. */
const BUILT_IN_NAMES = new Set(['master', '(master)', 'Built-In Node', '(built-in)'])

/** Why a node is offline, where the controller itself does not tell. */
export type KnownReason = (name: string) => string | undefined

export interface NodesReading {
  readonly nodes: readonly JenkinsNode[]
  /** Not one computer told a description, as controllers of old do: the empty ones mean nothing. */
  readonly silent: boolean
}

export async function readNodes(
  client: JenkinsClient,
  knownReason: KnownReason,
  signal?: AbortSignal,
): Promise<NodesReading> {
  const { computer } = await client.getJson(COMPUTERS_PATH, Computers, signal)
  return {
    nodes: computer.map((one) => toNode(one, knownReason)),
    silent: computer.every(({ description }) => description === undefined),
  }
}

export function toNode(computer: Computer, knownReason: KnownReason): JenkinsNode {
  const name = computer.displayName
  const executors = [...computer.executors, ...(computer.oneOffExecutors ?? [])]
  const running = executors.flatMap((executor) => runningOn(name, executor))
  return {
    name,
    builtIn: isBuiltIn(computer),
    description: computer.description ?? '',
    labels: labelsOf(computer),
    executors: computer.numExecutors,
    running,
    // An executor that has taken a build but not begun it is not idle, and has nothing to show yet.
    idle: computer.idle && running.length === 0 && executors.every((executor) => executor.idle !== false),
    offline: computer.offline,
    temporarilyOffline: computer.temporarilyOffline,
    offlineReason: reasonOf(computer, knownReason),
    mode: undefined,
  }
}

function isBuiltIn(computer: Computer): boolean {
  const { _class: type } = computer
  return typeof type === 'string' ? type.endsWith('$MasterComputer') : BUILT_IN_NAMES.has(computer.displayName)
}

/** Old controllers list labels without saying a word of them: `[{}]`. */
function labelsOf(computer: Computer): readonly string[] | undefined {
  const names: string[] = []
  for (const { name } of computer.assignedLabels ?? []) {
    if (typeof name !== 'string') return undefined
    if (name !== computer.displayName) names.push(name)
  }
  return computer.assignedLabels ? names.sort() : undefined
}

function reasonOf(computer: Computer, knownReason: KnownReason): string {
  if (typeof computer.offlineCauseReason === 'string') return unescapeTwice(computer.offlineCauseReason)
  return computer.temporarilyOffline ? (knownReason(computer.displayName) ?? '') : ''
}

/** A step of a pipeline may show neither URL nor name; it runs all the same. */
function runningOn(node: string, executor: Executor): readonly RunningBuild[] {
  const build = executor.currentExecutable
  if (!build) return []
  const name = build.fullDisplayName ?? build.displayName ?? undefined
  const url = build.url ? jobPath(build.url) : (name ?? `${node}/executor/${executor.number ?? '?'}`)
  return [{ url, name: name ?? url }]
}

/** `job/app/17/`: without host and context path, which differ with the URL that Jenkins was asked by. */
function jobPath(url: string): string {
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, '')
  const job = /(?:^|\/)(job\/.*)$/.exec(path)
  return job?.[1] ?? path.replace(/^\//, '')
}
