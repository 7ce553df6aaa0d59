import type { HostRefusal, HostsReport } from './explain-types.ts'
import { lastOffer } from './last-offer.ts'
import { mergeOffers } from './match.ts'
import type { AgentRecord, Instant } from './model.ts'
import { amount, fromMilli, minus, plus } from './resources.ts'
import type { Snapshot } from './snapshot.ts'
import { type HostOffer, type MatchContext, type Need, refusals } from './stages.ts'

/** A host as it stands for one role: by its offer of now, else by the last one. */
export interface SeenHost {
  /** What is free there, less what was given since. */
  readonly now: HostOffer
  /** The same, if none of our agents ran there. */
  readonly empty: HostOffer
  readonly offering: boolean
  readonly seenAt: Instant
}

/** So many hosts are told one by one. */
const NEAREST = 10

/** Hosts that offer to a role, or did since the subscription began. */
export function seenHosts(
  { offers, hosts }: Pick<Snapshot, 'offers' | 'hosts'>,
  records: readonly AgentRecord[],
  role: string,
): readonly SeenHost[] {
  const ours = new Map<string, AgentRecord[]>()
  for (const record of records) {
    const { mesosAgentId, state } = record
    if (record.role !== role || mesosAgentId === undefined || state === 'gone') continue
    const before = ours.get(mesosAgentId)
    if (before === undefined) ours.set(mesosAgentId, [record])
    else before.push(record)
  }
  const seen = new Map<string, SeenHost>()
  const add = (host: HostOffer, offering: boolean, seenAt: Instant): void => {
    let { free } = host
    let all = free
    for (const { createdAt, resources } of ours.get(host.mesosAgentId) ?? []) {
      // What an offer tells as free is so without what was given before.
      if (createdAt >= seenAt) free = minus(free, resources)
      else all = plus(all, resources)
    }
    seen.set(host.mesosAgentId, { now: { ...host, free }, empty: { ...host, free: all }, offering, seenAt })
  }
  for (const host of hosts) {
    const offer = lastOffer(host, role)
    if (offer !== undefined) add(offer, false, host.seenAt)
  }
  const receivedAt = new Map(offers.map((offer) => [offer.id, offer.receivedAt]))
  for (const host of mergeOffers(offers)) {
    if (host.role === role) add(host, true, Math.max(...host.offers.map((id) => receivedAt.get(id) ?? 0)))
  }
  return [...seen.values()]
}

/** Why hosts refuse a need: the nearest ones in full, the others counted. */
export function reportHosts(need: Need, hosts: readonly SeenHost[], context: MatchContext): HostsReport {
  const refusing: { readonly host: HostRefusal; readonly distance: number }[] = []
  for (const { now, offering, seenAt } of hosts) {
    const found = refusals(now, need, context)
    if (found.length === 0) continue
    const short = found.flatMap((one) => one.short)
    const host = {
      hostname: now.hostname,
      offering,
      seenAt,
      refusals: found.map(({ stage, words, passing }) => ({ stage, words, passing })),
      short: short.map(({ name, needed, available }) => ({
        name,
        needs: fromMilli(needed),
        has: fromMilli(Math.max(0, available)),
      })),
    }
    refusing.push({ host, distance: distanceOf(host) })
  }
  refusing.sort((a, b) => a.distance - b.distance || (a.host.hostname < b.host.hostname ? -1 : 1))
  const others: Record<string, number> = {}
  for (const { host } of refusing.slice(NEAREST)) {
    const stage = host.refusals[0]?.stage ?? 'unknown'
    others[stage] = (others[stage] ?? 0) + 1
  }
  return {
    role: need.role,
    known: hosts.length,
    offering: hosts.filter(({ offering }) => offering).length,
    fitting: hosts.length - refusing.length,
    nearest: refusing.slice(0, NEAREST).map(({ host }) => host),
    others,
  }
}

/** A shortage counts by its share of what is needed; any other refusal is further away, and a lasting one furthest. */
function distanceOf({ refusals: found, short }: HostRefusal): number {
  const shares = short.map(({ needs, has }) => (needs - has) / needs)
  const rest = found.filter(({ stage }) => stage !== 'resources')
  return Math.max(0, ...shares) + rest.reduce((sum, { passing }) => sum + (passing ? 10 : 100), 0)
}

/** The most of a scalar that one host could give. */
export function mostOf(name: string, hosts: readonly SeenHost[]): number {
  return hosts.reduce((most, { empty }) => Math.max(most, amount(empty.free, name)), 0)
}
