import { failed, failedForSure, NO_BACKOFF, succeeded } from './backoff.ts'
import type { AgentRecord, Instant, StatusFacts, TemplateName } from './model.ts'
import { backsOff, goesElsewhere, type Verdict } from './outcomes.ts'
import type { Memory, Trouble } from './snapshot.ts'
import type { Template } from './template.ts'
import { baseRevision, launchKey, readLaunchKey } from './variant.ts'

/** A host where a launch failed is avoided for so long, and twice as long with each further one. */
const HOST_BACKOFF_MS = 60_000
const HOST_BACKOFF_LAST_MS = 600_000
/** A failure so long ago says nothing of the host any more. */
const HOST_FORGIVEN_MS = 3_600_000
/** A template that failed so often in a row is told of, even if nobody can say what a person should do. */
const TROUBLE_AT = 3

/** Nobody is to blame. */
export const BAD_LUCK: Verdict = { blame: 'nobody', advice: undefined }
const SILENT: Verdict = { blame: 'template', advice: undefined }

/** The agent ended, or was given up, before it was ever online. */
export function launchFailed(memory: Memory, record: AgentRecord, verdict: Verdict, now: Instant): Memory {
  const avoided = goesElsewhere(verdict) ? blameHost(memory, record.hostname, now) : memory
  return backsOff(verdict) ? withFailure(avoided, keyOf(record), now, isCertain(verdict)) : avoided
}

/** Nothing is placed there for a while. */
export function avoidHost(
  memory: Memory,
  hostname: string | undefined,
  now: Instant,
  forMs: number = HOST_BACKOFF_MS,
): Memory {
  const live = Object.fromEntries(Object.entries(memory.hostBackoff).filter(([, until]) => until > now))
  return { ...memory, hostBackoff: hostname === undefined ? live : { ...live, [hostname]: now + forMs } }
}

/** A launch failed there: it is avoided the longer the more failed before without one that went well. */
function blameHost(memory: Memory, hostname: string | undefined, now: Instant): Memory {
  const recent = Object.entries(memory.hostFailures).filter(([, { lastAt }]) => now - lastAt < HOST_FORGIVEN_MS)
  const hostFailures = Object.fromEntries(recent)
  if (hostname === undefined) return avoidHost({ ...memory, hostFailures }, hostname, now)
  const before = hostFailures[hostname]?.count ?? 0
  const forMs = Math.min(HOST_BACKOFF_LAST_MS, HOST_BACKOFF_MS * 2 ** Math.min(before, 10))
  return {
    ...avoidHost(memory, hostname, now, forMs),
    hostFailures: { ...hostFailures, [hostname]: { count: before + 1, lastAt: now } },
  }
}

/**
 * A launch failed that no host is to blame for. `certain`: only a person can put it right, so it is soon
 * tried at long intervals.
 *
 * @param key a launch key: a template, or an image that a job asked it for
 */
export function withFailure(memory: Memory, key: TemplateName, now: Instant, certain = false): Memory {
  const before = memory.backoff[key] ?? NO_BACKOFF
  const next = certain ? failedForSure(before, now) : failed(before, now)
  return { ...memory, backoff: { ...memory.backoff, [key]: next } }
}

function keyOf({ template, revision }: AgentRecord): TemplateName {
  return launchKey(template, revision)
}

function isCertain({ blame }: Verdict): boolean {
  return blame === 'operator'
}

/** Keeps for people what ended a task, where they must do something about it. */
export function withTrouble(memory: Memory, record: AgentRecord, status: StatusFacts, verdict: Verdict): Memory {
  const failures = memory.backoff[keyOf(record)]?.failures ?? 0
  if (!isCertain(verdict) && !(backsOff(verdict) && failures >= TROUBLE_AT)) return memory
  const trouble: Trouble = { revision: record.revision, words: troubleWords(record, status, verdict) }
  return { ...memory, troubles: { ...memory.troubles, [keyOf(record)]: trouble } }
}

const LONGEST_MESSAGE = 200

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** No host and no id in it: the same trouble is told once, whoever has it. */
function troubleWords(record: AgentRecord, status: StatusFacts, { advice }: Verdict): string {
  const { template, agentId } = record
  const { image } = readLaunchKey(keyOf(record))
  const { state, reason } = status
  const message = (status.message ?? '').replaceAll(agentId, '…').replaceAll(UUID, '…')
  const said = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message
  const what = [state, reason, said].filter((part) => part !== undefined && part !== '').join(', ')
  const whose = image === undefined ? 'its agents' : `its agents with the image ${image}, which a job asked for,`
  return `template ${template}: ${whose} end (${what})${advice === undefined ? '' : `: ${advice}`}`
}

/** A template that was changed is tried at once: what was wrong may be mended. Those of no template are forgotten. */
export function forgetMended(memory: Memory, templates: readonly Template[]): Memory {
  const revisions = new Map(templates.map(({ name, revision }) => [name, revision]))
  const mended = (Object.keys(memory.troubles) as TemplateName[]).filter(
    (key) => baseRevision(memory.troubles[key]?.revision ?? '') !== revisions.get(readLaunchKey(key).template),
  )
  if (mended.length === 0) return memory
  return { ...memory, troubles: without(memory.troubles, mended), backoff: without(memory.backoff, mended) }
}

/** The agent came online: its template works, and so does its host. */
function launchSucceeded(before: Memory, record: AgentRecord): Memory {
  const key = keyOf(record)
  const memory = forgiveHost(before, record.hostname)
  const known = memory.backoff[key] !== undefined || memory.troubles[key] !== undefined
  if (!known) return memory
  return {
    ...memory,
    backoff: memory.backoff[key] === undefined ? memory.backoff : { ...memory.backoff, [key]: succeeded() },
    troubles: without(memory.troubles, [key]),
  }
}

/** Nobody asks for the image any more: what is wrong with it is nobody's trouble. */
export function forgetUnused(memory: Memory, customLabels: Memory['customLabels']): Memory {
  const labels = Object.keys(customLabels)
  const isUnused = (key: string): boolean => {
    const { image } = readLaunchKey(key as TemplateName)
    return image !== undefined && !labels.some((label) => label.endsWith(`:${image}`))
  }
  const unused = [...Object.keys(memory.backoff), ...Object.keys(memory.troubles)].filter(isUnused) as TemplateName[]
  if (unused.length === 0) return memory
  return { ...memory, backoff: without(memory.backoff, unused), troubles: without(memory.troubles, unused) }
}

function forgiveHost(memory: Memory, hostname: string | undefined): Memory {
  if (hostname === undefined || memory.hostFailures[hostname] === undefined) return memory
  const { [hostname]: _failures, ...hostFailures } = memory.hostFailures
  const { [hostname]: _until, ...hostBackoff } = memory.hostBackoff
  return { ...memory, hostFailures, hostBackoff }
}

function without<T>(
  from: Readonly<Record<TemplateName, T>>,
  names: readonly TemplateName[],
): Readonly<Record<TemplateName, T>> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name as TemplateName)))
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
      learned = launchFailed(learned, record, SILENT, now)
    }
  }
  return learned
}
