import { failed, NO_BACKOFF, succeeded } from './backoff.ts'
import type { AgentRecord, Instant, TemplateName } from './model.ts'
import type { Memory } from './snapshot.ts'

/** A host where a launch failed is avoided for this long. */
const HOST_BACKOFF_MS = 60_000

/** What a launch that came to nothing says about its template and its host. */
export type Blame =
  /** Maybe the configuration: the template backs off and the host is avoided. */
  | 'template'
  /** The environment: only the host is avoided. */
  | 'host'
  /** Bad luck: a new agent is planned at once. */
  | 'nobody'

/** The agent ended, or was given up, before it was ever online. */
export function launchFailed(memory: Memory, record: AgentRecord, blame: Blame, now: Instant): Memory {
  if (blame === 'nobody') return memory
  const live = Object.fromEntries(Object.entries(memory.hostBackoff).filter(([, until]) => until > now))
  const hostBackoff = record.hostname === undefined ? live : { ...live, [record.hostname]: now + HOST_BACKOFF_MS }
  if (blame === 'host') return { ...memory, hostBackoff }
  return { ...withFailure(memory, record.template, now), hostBackoff }
}

/** Its node could not be made in Jenkins: no host is to blame. */
export function withFailure(memory: Memory, template: TemplateName, now: Instant): Memory {
  const backoff = { ...memory.backoff, [template]: failed(memory.backoff[template] ?? NO_BACKOFF, now) }
  return { ...memory, backoff }
}

/** The agent came online: its template works. */
function launchSucceeded(memory: Memory, record: AgentRecord): Memory {
  if (memory.backoff[record.template] === undefined) return memory
  return { ...memory, backoff: { ...memory.backoff, [record.template]: succeeded() } }
}

const NOBODY = new Set(['REASON_INVALID_OFFERS', 'REASON_TASK_KILLED_DURING_LAUNCH', 'REASON_FRAMEWORK_REMOVED'])
const HOST = new Set([
  'REASON_AGENT_DISCONNECTED',
  'REASON_AGENT_REMOVED',
  'REASON_AGENT_REMOVED_BY_OPERATOR',
  'REASON_AGENT_RESTARTED',
  'REASON_AGENT_DRAINING',
  'REASON_RESOURCES_UNKNOWN',
  'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
  'REASON_EXECUTOR_REREGISTRATION_TIMEOUT',
  'REASON_RECONCILIATION',
])

/** Who is to blame for a task that ended before its agent was online. */
export function blameFor(state: string, reason: string | undefined): Blame {
  if (reason !== undefined && NOBODY.has(reason)) return 'nobody'
  if (reason !== undefined && HOST.has(reason)) return 'host'
  // A user that the host lacks, or a limit that it cannot set, is told as DROPPED as well: it must not go round for ever.
  if (state === 'TASK_DROPPED' && reason === undefined) return 'nobody'
  return 'template'
}

/** What the records say that happened between two looks at Jenkins. */
export function learn(
  memory: Memory,
  before: readonly AgentRecord[],
  after: readonly AgentRecord[],
  now: Instant,
): Memory {
  let learned = memory
  const old = new Map(before.map((record) => [record.agentId, record]))
  for (const record of after) {
    const was = old.get(record.agentId)
    if (was === record || was === undefined) continue
    if (was.state === 'starting' && record.state === 'online') learned = launchSucceeded(learned, record)
    if (was.state === 'starting' && record.reapReason === 'connect_timeout') {
      learned = launchFailed(learned, record, 'template', now)
    }
  }
  return learned
}
