import { failed, failedForSure, NO_BACKOFF, succeeded } from './backoff.ts'
import type { AgentRecord, Instant, StatusFacts, TemplateName } from './model.ts'
import { backsOff, goesElsewhere, type Verdict } from './outcomes.ts'
import type { AvoidedHosts } from './remembered.ts'
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

const NO_HOSTS: AvoidedHosts = { hostBackoff: {}, hostFailures: {} }

/** Nobody is to blame. */
export const BAD_LUCK: Verdict = { blame: 'nobody', advice: undefined }
const SILENT: Verdict = { blame: 'template', advice: undefined }

/** The agent ended, or was given up, before it was ever online. */
export function launchFailed(memory: Memory, record: AgentRecord, verdict: Verdict, now: Instant): Memory {
  if (!goesElsewhere(verdict)) return memory
  if (!backsOff(verdict)) return { ...memory, ...blameHost(memory, record.hostname, now) }
  // The host may be well: a wrong image in the label of one job must not take hosts from everybody.
  const key = keyOf(record)
  const own = blameHost(memory.avoidedBy[key] ?? NO_HOSTS, record.hostname, now)
  const avoided = { ...memory, avoidedBy: { ...memory.avoidedBy, [key]: own } }
  return withFailure(avoided, key, now, isCertain(verdict))
}

/** Nothing is placed there for a while. */
export function avoidHost(memory: Memory, hostname: string | undefined, now: Instant): Memory {
  return { ...memory, hostBackoff: avoiding(memory.hostBackoff, hostname, now, HOST_BACKOFF_MS) }
}

function avoiding(
  before: AvoidedHosts['hostBackoff'],
  hostname: string | undefined,
  now: Instant,
  forMs: number,
): AvoidedHosts['hostBackoff'] {
  const live = stillAvoided(before, now)
  return hostname === undefined ? live : { ...live, [hostname]: now + forMs }
}

/** A launch failed there: it is avoided the longer the more failed before without one that went well. */
function blameHost(before: AvoidedHosts, hostname: string | undefined, now: Instant): AvoidedHosts {
  const hostFailures = notForgiven(before.hostFailures, now)
  const failures = hostname === undefined ? 0 : (hostFailures[hostname]?.count ?? 0)
  const forMs = Math.min(HOST_BACKOFF_LAST_MS, HOST_BACKOFF_MS * 2 ** Math.min(failures, 10))
  const hostBackoff = avoiding(before.hostBackoff, hostname, now, forMs)
  if (hostname === undefined) return { hostBackoff, hostFailures }
  return { hostBackoff, hostFailures: { ...hostFailures, [hostname]: { count: failures + 1, lastAt: now } } }
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

/** Templates that are gone, and times that are over. */
export function forgetGone(memory: Memory, templates: readonly Template[], now: Instant): Memory {
  const names = new Set<string>(templates.map(({ name }) => name))
  const gone = (Object.keys(memory.backoff) as TemplateName[]).filter((key) => !names.has(readLaunchKey(key).template))
  const isOver = isPartlyOver(memory, now) || Object.values(memory.avoidedBy).some((own) => isPartlyOver(own, now))
  if (gone.length === 0 && !isOver) return memory
  const avoidedBy = Object.entries(memory.avoidedBy)
    .map(([key, own]) => [key, whatIsLeft(own, now)] as const)
    .filter(([, { hostFailures }]) => Object.keys(hostFailures).length > 0)
  return {
    ...memory,
    backoff: without(memory.backoff, gone),
    ...whatIsLeft(memory, now),
    avoidedBy: Object.fromEntries(avoidedBy),
  }
}

function isPartlyOver({ hostBackoff, hostFailures }: AvoidedHosts, now: Instant): boolean {
  return (
    Object.values(hostBackoff).some((until) => until <= now) ||
    Object.values(hostFailures).some(({ lastAt }) => now - lastAt >= HOST_FORGIVEN_MS)
  )
}

function whatIsLeft({ hostBackoff, hostFailures }: AvoidedHosts, now: Instant): AvoidedHosts {
  return { hostBackoff: stillAvoided(hostBackoff, now), hostFailures: notForgiven(hostFailures, now) }
}

function stillAvoided(hostBackoff: AvoidedHosts['hostBackoff'], now: Instant): AvoidedHosts['hostBackoff'] {
  return Object.fromEntries(Object.entries(hostBackoff).filter(([, until]) => until > now))
}

function notForgiven(hostFailures: AvoidedHosts['hostFailures'], now: Instant): AvoidedHosts['hostFailures'] {
  return Object.fromEntries(Object.entries(hostFailures).filter(([, { lastAt }]) => now - lastAt < HOST_FORGIVEN_MS))
}

/** A template that was changed is tried at once: what was wrong may be mended. Those of no template are forgotten. */
export function forgetMended(memory: Memory, templates: readonly Template[]): Memory {
  const revisions = new Map(templates.map(({ name, revision }) => [name, revision]))
  const mended = (Object.keys(memory.troubles) as TemplateName[]).filter(
    (key) => baseRevision(memory.troubles[key]?.revision ?? '') !== revisions.get(readLaunchKey(key).template),
  )
  const gone = (Object.keys(memory.avoidedBy) as TemplateName[]).filter(
    (key) => mended.includes(key) || !revisions.has(readLaunchKey(key).template),
  )
  if (mended.length === 0 && gone.length === 0) return memory
  return {
    ...memory,
    troubles: without(memory.troubles, mended),
    backoff: without(memory.backoff, mended),
    avoidedBy: without(memory.avoidedBy, gone),
  }
}

/** The agent came online: its template works, and so does its host. */
function launchSucceeded(before: Memory, record: AgentRecord): Memory {
  const key = keyOf(record)
  const memory = forgiveHost(before, key, record.hostname)
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
  const { backoff, troubles, avoidedBy } = memory
  const unused = Object.keys({ ...backoff, ...troubles, ...avoidedBy }).filter(isUnused) as TemplateName[]
  if (unused.length === 0) return memory
  return {
    ...memory,
    backoff: without(backoff, unused),
    troubles: without(troubles, unused),
    avoidedBy: without(avoidedBy, unused),
  }
}

/** An agent came online there: the host is well, and so is what was launched. */
function forgiveHost(memory: Memory, key: TemplateName, hostname: string | undefined): Memory {
  if (hostname === undefined) return memory
  const own = memory.avoidedBy[key]
  const isKnown = memory.hostFailures[hostname] !== undefined
  const forgiven = isKnown ? { ...memory, ...forgiving(memory, hostname) } : memory
  if (own?.hostFailures[hostname] === undefined) return forgiven
  return { ...forgiven, avoidedBy: { ...forgiven.avoidedBy, [key]: forgiving(own, hostname) } }
}

function forgiving({ hostFailures, hostBackoff }: AvoidedHosts, hostname: string): AvoidedHosts {
  const { [hostname]: _failures, ...failures } = hostFailures
  const { [hostname]: _until, ...until } = hostBackoff
  return { hostFailures: failures, hostBackoff: until }
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
