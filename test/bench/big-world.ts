import type { JenkinsNode, QueueItem } from '../../src/core/jenkins-reading.ts'
import { offlineReason } from '../../src/core/markers.ts'
import type { AgentId, AgentRecord, AgentState } from '../../src/core/model.ts'
import type { Offer } from '../../src/core/offer.ts'
import { plan } from '../../src/core/plan.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import {
  aNode,
  anchorOf,
  anItem,
  anOffer,
  aReading,
  aRecord,
  aSnapshot,
  aTemplate,
  NOW,
  nodeOf,
} from '../support/builders.ts'

export interface WorldSize {
  readonly items: number
  readonly hosts: number
  readonly agents: number
  /** Every labelled item has an expression that no other has. */
  readonly differentLabels?: boolean
}

/**
 * A large farm in the middle of its day: agents in every state, a queue of every kind of item, offers of hosts that
 * are empty, half full and nearly full, and the memory of a round before. The same size gives the same world.
 */
export function bigWorld(size: WorldSize): Snapshot {
  const templates = TEAMS.flatMap((team, index) => templatesOf(team, index, size.agents))
  const agents = Array.from({ length: size.agents }, (_, index) => agent(index, pick(templates, index * 7)))
  const statics = Array.from({ length: Math.ceil(size.agents / 40) }, (_, index) => staticNode(index))
  const records = agents.map(({ record }) => record)
  const nodes: JenkinsNode[] = [
    ...templates.map((template) => anchorOf(template)),
    ...statics,
    ...agents.flatMap(({ node }) => node ?? []),
  ]
  const queue = Array.from({ length: size.items }, (_, index) => item(index, size.differentLabels ?? false))
  const first = aSnapshot({
    templates,
    records,
    offers: Array.from({ length: size.hosts }, (_, index) => offersOf(index)).flat(),
    jenkins: aReading({ nodes, queue }),
    caps: { maxAgents: size.agents * 3, maxCpus: size.agents * 6_000, maxMem: size.agents * 24_000_000 },
    ready: new Set(records.filter(({ state }) => state === 'planned').map(({ agentId }) => agentId)),
    busy: new Set(agentIdsOfEvery(100, records)),
  })
  const { memory } = plan({ ...first, offers: [] }, NOW)
  return { ...first, memory }
}

const TEAMS = [
  'web',
  'app',
  'data',
  'infra',
  'mobile',
  'search',
  'billing',
  'ads',
  'core',
  'qa',
  'docs',
  'lab',
] as const

function templatesOf(team: string, index: number, agents: number): readonly Template[] {
  const maxAgents = Math.ceil(agents / 6)
  const shared = { maxAgents, minIdle: index % 4, oneShot: false }
  return [
    aTemplate({
      ...shared,
      name: `${team}-small`,
      labels: ['linux', team, 'small'],
      executors: { min: 1, max: 2 },
      cpus: { agent: 200 + index * 10, perExecutor: 900 },
      memMib: { agent: 512 + index * 16, perExecutor: 1024, factor: 1.1 },
    }),
    aTemplate({
      ...shared,
      name: `${team}-docker`,
      labels: ['linux', 'docker', team],
      executors: { min: 1, max: 4 },
      cpus: { agent: 100, perExecutor: 1_500 + index * 20 },
      memMib: { agent: 768, perExecutor: 2048 + index * 32, factor: 1.1 },
      diskMib: 4096,
    }),
    aTemplate({
      ...shared,
      name: `${team}-big`,
      labels: ['linux', 'docker', 'big', team, index % 2 === 0 ? 'gpu' : 'arm'],
      mode: 'EXCLUSIVE',
      oneShot: true,
      cpus: { agent: 100, perExecutor: 4_000 },
      memMib: { agent: 1024, perExecutor: 8192 + index * 64, factor: 1.1 },
    }),
  ]
}

/** Of a hundred agents. */
const STATES: readonly (readonly [AgentState, number])[] = [
  ['online', 76],
  ['starting', 8],
  ['planned', 3],
  ['disconnected', 4],
  ['unreachable', 2],
  ['draining', 4],
  ['stopping', 3],
]

function stateOf(index: number): AgentState {
  let left = (index * 37) % 100
  for (const [state, share] of STATES) {
    if (left < share) return state
    left -= share
  }
  return 'online'
}

function agent(
  index: number,
  template: Template,
): { readonly record: AgentRecord; readonly node: JenkinsNode | undefined } {
  const state = stateOf(index)
  const coming = state === 'planned' || state === 'starting'
  const busy = (state === 'online' || state === 'draining') && index % 3 !== 0
  // Nobody's launch is overdue: a template that is backed off asks for nothing.
  const since = NOW - (index % (coming ? 280 : 600)) * 1_000
  const record = aRecord(
    {
      agentId: `mesos-${template.name}-${index.toString(36).padStart(10, '0')}`,
      state,
      since,
      executors: template.executors.min + (index % template.executors.max),
      hostname: `host-${index % 997}`,
      launchedAt: state === 'planned' ? undefined : since,
      onlineAt: coming ? undefined : since,
      idleSince: coming || busy ? undefined : since,
      taskState: state === 'unreachable' ? 'TASK_UNREACHABLE' : 'TASK_RUNNING',
      nodeGone: state === 'stopping',
    },
    template,
  )
  if (state === 'stopping' || (state === 'planned' && index % 2 === 0)) return { record, node: undefined }
  const node = nodeOf(record, {
    offline: state !== 'online',
    temporarilyOffline: state === 'draining' || state === 'unreachable',
    offlineReason: state === 'draining' ? offlineReason('idle for 180 s') : '',
    idle: !busy,
    running: busy ? [{ url: `job/build-${index % 700}/${index}/`, name: `build-${index % 700} #${index}` }] : [],
  })
  return { record, node }
}

function staticNode(index: number): JenkinsNode {
  const busy = index % 4 !== 0
  return aNode({
    name: `static-${index}`,
    labels: [index % 2 === 0 ? 'windows' : 'mac', pick(TEAMS, index)],
    executors: 2,
    idle: !busy,
    running: busy ? [0, 1].map((n) => ({ url: `job/native/${index}${n}/`, name: `native #${index}${n}` })) : [],
  })
}

/** What Jenkins says, in about the shares in which a busy controller says it. */
function item(index: number, differentLabels: boolean): QueueItem {
  const job = `folder-${index % 40}/build-${index % 700}`
  const since = NOW - ((index * 7_919) % 900_000)
  const base = { id: String(100_000 + index), job, jobUrl: `http://jenkins.test/job/${job}/`, stuck: false }
  const waiting = { ...base, buildable: false, buildableSince: undefined, queuedSince: since }
  const kind = (index * 13) % 100
  if (kind < 6) return anItem({ ...waiting, why: `In the quiet period. Expires in ${index % 5} sec` })
  if (kind < 14) {
    const why = `Build #${index} is already in progress (ETA: ${index % 50} min)`
    return anItem({ ...waiting, blocked: true, why })
  }
  const buildable = { ...base, buildableSince: since, queuedSince: since - 5_000, stuck: index % 5 === 0 }
  if (kind < 16) return anItem({ ...buildable, pending: true, why: undefined })
  if (!differentLabels) {
    if (kind < 26) return anItem({ ...buildable, stuck: false, why: 'Waiting for next available executor' })
    if (kind < 36) return anItem({ ...buildable, why: `‘anchor-${pick(TEAMS, index)}-small’ is offline` })
    if (kind < 38) return anItem({ ...buildable, why: `‘static-${index % 10}’ is offline` })
    if (kind < 44) return anItem({ ...buildable, why: composite(labelOf(index)) })
  }
  const label = differentLabels ? `${labelOf(index)}&&!quarantine-${index}` : labelOf(index)
  const why =
    kind % 3 === 0 ? `Waiting for next available executor on ‘${label}’` : `All nodes of label ‘${label}’ are offline`
  return anItem({ ...buildable, why })
}

function composite(label: string): string {
  const parts = [0, 4, 8].map((n) => `‘static-${n}’ doesn’t have label ‘${label}’`)
  return `${parts.join('; ')}; ‘anchor-web-big’ is reserved for jobs with matching label expression; ... and 9 more`
}

function labelOf(index: number): string {
  const team = pick(TEAMS, index)
  switch (index % 6) {
    case 0:
      return `linux&&${team}`
    case 1:
      return `docker&&${team}&&!big`
    case 2:
      return `(gpu||arm)&&${team}`
    case 3:
      return team
    case 4:
      return `big->${team}`
    default:
      return index % 60 === 5 ? 'solaris&&sparc' : `linux&&docker&&(${team}||qa)`
  }
}

/** One in four hosts offers in two pieces, one in ten has next to nothing left. */
function offersOf(index: number): readonly Offer[] {
  const nearlyFull = index % 10 === 0
  const free = {
    cpus: nearlyFull ? 300 : 2_000 + (index % 15) * 2_000,
    mem: nearlyFull ? 256_000 : 4_096_000 + (index % 31) * 2_048_000,
    disk: 50_000_000 + index * 1_000,
  }
  const one = anOffer({ id: `O-${index}-0`, host: index, free })
  return index % 4 === 0
    ? [one, anOffer({ id: `O-${index}-1`, host: index, free: { cpus: 500, mem: 512_000 } })]
    : [one]
}

function agentIdsOfEvery(nth: number, records: readonly AgentRecord[]): readonly AgentId[] {
  return records.filter((_, index) => index % nth === 0).map(({ agentId }) => agentId)
}

function pick<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}
