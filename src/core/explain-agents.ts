import type { IdleFacts } from './explain-idle.ts'
import type { AgentExplanation, KeepCode } from './explain-types.ts'
import { timeoutOf } from './idle-takings.ts'
import type { JenkinsNode } from './jenkins-reading.ts'
import { isOurOffline, provisionedBecause } from './markers.ts'
import type { AgentRecord, Instant, MesosAgentId } from './model.ts'
import { type Addresses, addressDoubt, type Stranded } from './moved.ts'
import type { Unavailability } from './offer.ts'
import type { Template } from './template.ts'

export interface AgentContext {
  readonly templates: ReadonlyMap<string, Template>
  readonly nodes: ReadonlyMap<string, JenkinsNode>
  readonly windows: ReadonlyMap<MesosAgentId, Unavailability>
  /** Jobs that an idle agent is about to take, by its name. */
  readonly taken: ReadonlyMap<string, readonly string[]>
  readonly idle: IdleFacts
  readonly addresses: Addresses | undefined
  readonly stranded: Stranded
  readonly now: Instant
}

/** Of agents whose template was taken out of the configuration. */
const IDLE_MS = 180_000
const CONNECT_MS = 300_000
const RECONNECT_MS = 300_000
const UNREACHABLE_MS = 900_000
/** A `planned` agent that finds no offer for this long is given up. */
const PLANNED_MS = 60_000

interface Keeping {
  readonly keep: KeepCode
  readonly words: string
  readonly goesAt: Instant | undefined
}

/** Why an agent was provisioned, why it is kept or goes, and when at the earliest. */
export function explainAgent(record: AgentRecord, context: AgentContext): AgentExplanation {
  const { agentId, template, state, since, hostname } = record
  const node = context.nodes.get(agentId)
  return {
    agentId,
    template,
    state,
    since,
    hostname,
    provisioned: provisionedWords(record, node),
    ...keeping(record, node, context),
  }
}

/** A record says so only until it is on its way out; its node says so for as long as it is there. */
function provisionedWords(record: AgentRecord, node: JenkinsNode | undefined): string {
  const told = node === undefined ? undefined : provisionedBecause(node.description)
  if (told !== undefined && told !== '') return told
  const before = record.state === 'planned' || record.state === 'starting' || record.state === 'online'
  return before && record.reapReason === undefined ? record.reason : 'not known any more'
}

function keeping(record: AgentRecord, node: JenkinsNode | undefined, context: AgentContext): Keeping {
  const { now, templates } = context
  const { state, since } = record
  const template = templates.get(record.template)
  const age = `for ${seconds(now - since)}`
  switch (state) {
    case 'planned':
      return {
        keep: 'planned',
        words: `its node is being made, or it looks for an offer, ${age}`,
        goesAt: since + PLANNED_MS,
      }
    case 'starting': {
      const limit = template?.connectTimeoutMs ?? CONNECT_MS
      const from = record.launchedAt ?? since
      const words = `starting for ${seconds(now - from)}: it must be online ${seconds(limit)} after its launch`
      return (
        lost(record, 'starting', `starting for ${seconds(now - from)}`, context) ?? {
          keep: 'starting',
          words: `${words}${addressDoubt(record, context.addresses)}`,
          goesAt: from + limit,
        }
      )
    }
    case 'online':
      return online(record, node, template, context)
    case 'disconnected': {
      const limit = template?.reconnectTimeoutMs ?? RECONNECT_MS
      const builds = buildsOf(node)
      if (builds !== undefined) {
        return {
          keep: 'disconnected',
          words: `disconnected ${age}; Jenkins still counts on ${builds} there`,
          goesAt: undefined,
        }
      }
      return (
        lost(record, 'disconnected', `disconnected ${age}`, context) ?? {
          keep: 'disconnected',
          words: `disconnected ${age} of ${seconds(limit)}${addressDoubt(record, context.addresses)}`,
          goesAt: since + limit,
        }
      )
    }
    case 'unreachable': {
      const limit = template?.unreachableTimeoutMs ?? UNREACHABLE_MS
      const words = `Mesos cannot reach its host ${age}; given up after ${seconds(limit)}`
      return { keep: 'unreachable', words, goesAt: since + limit }
    }
    case 'draining': {
      const builds = buildsOf(node)
      const until =
        builds === undefined ? '' : `; it goes when ${builds} ${(node?.running.length ?? 0) > 1 ? 'end' : 'ends'}`
      return {
        keep: 'draining',
        words: `draining ${age}: ${record.reason}${until}`,
        goesAt: builds === undefined ? now : undefined,
      }
    }
    case 'stopping':
    case 'gone':
      return { keep: 'stopping', words: `going ${age}: ${record.reason}`, goesAt: now }
  }
}

/** It cannot come back. */
function lost(
  { agentId }: AgentRecord,
  keep: KeepCode,
  words: string,
  { stranded, now }: AgentContext,
): Keeping | undefined {
  const why = stranded.get(agentId)
  return why === undefined ? undefined : { keep, words: `${words}: ${why}`, goesAt: now }
}

function online(
  record: AgentRecord,
  node: JenkinsNode | undefined,
  template: Template | undefined,
  context: AgentContext,
): Keeping {
  const { now, taken } = context
  const window = closingAt(record, template, context)
  const old = record.maxAgeMs === undefined ? undefined : (record.onlineAt ?? record.since) + record.maxAgeMs
  const builds = buildsOf(node)
  if (node?.temporarilyOffline === true && !isOurOffline(node.offlineReason)) {
    const why = node.offlineReason === '' ? '' : `: ${node.offlineReason}`
    const words = `somebody took it offline in Jenkins${why}; it stays until it is back online or deleted`
    return { keep: 'offline_by_person', words, goesAt: undefined }
  }
  if (builds !== undefined) {
    const after = record.oneShot ? '; it is one-shot and goes afterwards' : lastBuild(record)
    return { keep: 'busy', words: `busy with ${builds}${after}`, goesAt: undefined }
  }
  const [job] = taken.get(record.agentId) ?? []
  if (job !== undefined) return { keep: 'taken', words: `idle, and is to take job ${job}`, goesAt: undefined }
  const { warm, coolUntil } = context.idle
  const limit = timeoutOf(record, template ?? { idleTimeoutMs: IDLE_MS })
  const idleSince = record.idleSince ?? now
  const idle = seconds(now - idleSince)
  const others = [window, old].filter((at) => at !== undefined)
  const pool = warm.get(record.agentId)
  if (pool !== undefined) {
    const words = `idle for ${idle}; kept in the warm pool of ${pool}`
    return { keep: 'warm_pool', words, goesAt: earliest(others) }
  }
  if (limit === Number.POSITIVE_INFINITY) {
    return {
      keep: 'idle',
      words: `idle for ${idle}; its template keeps idle agents for ever`,
      goesAt: earliest(others),
    }
  }
  const cool = coolUntil.get(record.template) ?? 0
  const cooling = cool > Math.max(now, idleSince + limit) ? '; one of its template was launched not long ago' : ''
  return {
    keep: 'idle',
    words: `idle for ${idle} of ${seconds(limit)}${cooling}`,
    goesAt: earliest([Math.max(idleSince + limit, cool), ...others]),
  }
}

function lastBuild({ maxBuilds, buildsSeen }: AgentRecord): string {
  if (maxBuilds === undefined) return ''
  return buildsSeen >= maxBuilds ? `; it was its last of ${maxBuilds}` : `; ${buildsSeen} of ${maxBuilds} builds`
}

/** Its host goes into maintenance, and no build may start there any more. */
function closingAt(
  { mesosAgentId }: AgentRecord,
  template: Template | undefined,
  { windows }: AgentContext,
): Instant | undefined {
  const window = mesosAgentId === undefined ? undefined : windows.get(mesosAgentId)
  return window === undefined ? undefined : window.startsAt - (template?.maxBuildMs ?? 3_600_000)
}

function earliest(times: readonly Instant[]): Instant | undefined {
  return times.length === 0 ? undefined : Math.min(...times)
}

/** `job app #7 and 1 more`; `undefined` where none runs. */
function buildsOf(node: JenkinsNode | undefined): string | undefined {
  const [first] = node?.running ?? []
  if (node === undefined || first === undefined) return node?.idle === false ? 'a build' : undefined
  const more = node.running.length - 1
  return `${first.name}${more > 0 ? ` and ${more} more` : ''}`
}

function seconds(ms: number): string {
  return `${Math.max(0, Math.floor(ms / 1000))} s`
}
