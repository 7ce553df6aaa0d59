import type { AgentRecord, Instant, MesosAgentId, TemplateName } from './model.ts'
import type { KnownHost } from './offer.ts'
import type { Reserved, Waiting, Waitings } from './remembered.ts'
import { amount, fits, plus, type Resources } from './resources.ts'
import { type HostOffer, isOpen, type MatchContext, type Need } from './stages.ts'

/** Room often comes by itself so soon. */
const PATIENCE_MS = 10_000
/** A host is kept for so long, and twice as long each time that it was in vain. */
const KEEP_FIRST_MS = 300_000
const KEEP_LAST_MS = 3_600_000
const REST_MS = 60_000

/** Hosts that are kept now, by role. */
export function keptHosts(waitings: Waitings, now: Instant): ReadonlyMap<string, Reserved> {
  return new Map(
    Object.entries(waitings).flatMap(([role, { kept }]) =>
      kept === undefined || kept.until <= now ? [] : [[role, kept]],
    ),
  )
}

export type Seeking = Need & { readonly template: TemplateName }

export interface ReserveInput {
  readonly before: Waitings
  readonly placed: readonly { readonly need: Seeking }[]
  readonly unplaced: readonly Seeking[]
  readonly records: readonly AgentRecord[]
  readonly hosts: readonly KnownHost[]
  readonly context: MatchContext
}

/**
 * Small agents fill each hole as soon as it comes, and a big one would wait for ever. So when the biggest of the most
 * urgent has waited a while beside smaller ones, one host is kept for it, of those that would have room without our
 * agents there; what it offers is held for the usual time and comes back as one offer with what has become free
 * meanwhile. One host a role, for a limited time, then the small ones have their turn.
 */
export function planReservations(input: ReserveInput): Waitings {
  const { before, unplaced, records } = input
  const roles = new Set(unplaced.map(({ role }) => role))
  if (roles.size === 0) return {}
  const ours = byHost(records)
  return Object.fromEntries(
    [...roles].flatMap((role) => {
      const waiting = next(role, before[role], input, ours)
      return waiting === undefined ? [] : [[role, waiting]]
    }),
  )
}

type ByHost = ReadonlyMap<MesosAgentId, readonly AgentRecord[]>

function next(role: string, before: Waiting | undefined, input: ReserveInput, ours: ByHost): Waiting | undefined {
  const { now } = input.context
  const waits = input.unplaced.filter((seeker) => seeker.role === role)
  const placed = input.placed.flatMap(({ need }) => (need.role === role ? [need] : []))
  const big = biggest(waits, before, input, ours)
  if (big === undefined) return undefined
  const { template, resources, priority = 0 } = big
  const had = placed.some((other) => other.template === template && fits(resources, other.resources))
  if (before === undefined || before.template !== template || had) {
    if (!isContested(big, [...waits, ...placed]) && before?.template !== template) return undefined
    return { template, since: now, kept: undefined, notBefore: now + PATIENCE_MS, tries: 0 }
  }
  const { kept } = before
  // Agents of one template are of several sizes: only as much is kept as is still wanted.
  if (kept !== undefined) {
    return kept.until > now ? { ...before, kept: { ...kept, resources, priority } } : resting(before, now)
  }
  if (now < before.notBefore) return before
  const host = roomiest(big, input, ours)
  if (host === undefined) return before
  const until = now + Math.min(KEEP_LAST_MS, KEEP_FIRST_MS * 2 ** Math.min(before.tries, 10))
  return { ...before, kept: { mesosAgentId: host.mesosAgentId, template, resources, priority, until } }
}

function resting(before: Waiting, now: Instant): Waiting {
  return { ...before, kept: undefined, notBefore: now + REST_MS, tries: before.tries + 1 }
}

/**
 * The most urgent, of these who waited as such before, then the biggest. Who has room on no host whatever goes away
 * stands in nobody's way.
 */
function biggest(
  waits: readonly Seeking[],
  before: Waiting | undefined,
  input: ReserveInput,
  ours: ByHost,
): Seeking | undefined {
  const ofTemplates = new Map<TemplateName, Seeking>()
  for (const seeker of waits) {
    const known = ofTemplates.get(seeker.template)
    if (known === undefined || excess(seeker.resources, known.resources) > 0) ofTemplates.set(seeker.template, seeker)
  }
  const isKnown = ({ template }: Seeking): number => Number(template === before?.template)
  const inOrder = [...ofTemplates.values()].sort(
    (a, b) => (b.priority ?? 0) - (a.priority ?? 0) || isKnown(b) - isKnown(a) || excess(b.resources, a.resources),
  )
  const hasHost = before?.kept === undefined ? undefined : before.template
  return inOrder.find((one) => one.template === hasHost || roomiest(one, input, ours) !== undefined) ?? inOrder[0]
}

function excess(a: Resources, b: Resources): number {
  return amount(a, 'mem') - amount(b, 'mem') || amount(a, 'cpus') - amount(b, 'cpus')
}

function isContested(big: Seeking, all: readonly Seeking[]): boolean {
  const { priority = 0, resources } = big
  return all.some((other) => (other.priority ?? 0) <= priority && !fits(resources, other.resources))
}

function byHost(records: readonly AgentRecord[]): ByHost {
  const ours = new Map<MesosAgentId, AgentRecord[]>()
  for (const record of records) {
    if (record.mesosAgentId === undefined) continue
    const there = ours.get(record.mesosAgentId)
    if (there === undefined) ours.set(record.mesosAgentId, [record])
    else there.push(record)
  }
  return ours
}

/** Where most of what it needs is free already, of the hosts that could ever hold it. */
function roomiest(big: Seeking, { hosts, context }: ReserveInput, ours: ByHost): KnownHost | undefined {
  const unreserved = { ...context, reserved: new Map<string, Reserved>() }
  let best: { readonly host: KnownHost; readonly room: number } | undefined
  for (const host of hosts) {
    const free = host.free[big.role]
    if (free === undefined || !couldHold(big, host, free, ours.get(host.mesosAgentId) ?? [])) continue
    if (!isOpen(toOffer(host, big.role, free), big, unreserved)) continue
    const room = Math.min(part(free, big.resources, 'cpus'), part(free, big.resources, 'mem'))
    if (best === undefined || room > best.room) best = { host, room }
  }
  return best?.host
}

/** Agents that were launched after the offer are in what was free then. */
function couldHold(big: Seeking, { seenAt }: KnownHost, free: Resources, ours: readonly AgentRecord[]): boolean {
  const before = ours.filter(({ launchedAt, role }) => (launchedAt ?? seenAt) < seenAt && role === big.role)
  return fits(
    big.resources,
    before.reduce((total, { resources }) => plus(total, resources), free),
  )
}

function part(free: Resources, needed: Resources, name: string): number {
  const asked = amount(needed, name)
  return asked === 0 ? 1 : Math.min(1, amount(free, name) / asked)
}

function toOffer(host: KnownHost, role: string, free: Resources): HostOffer {
  return { ...host, role, free, address: '', offers: [] }
}
