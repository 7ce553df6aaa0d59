import type { DemandPlan, ItemDraft } from './demand-plan.ts'
import { explainItem } from './explain.ts'
import { Favourites } from './favourites.ts'
import { hostAttributes } from './host-attributes.ts'
import { explainRefusals, mergeOffers, noOffers } from './match.ts'
import { matchContext } from './match-context.ts'
import type { AgentId, AgentRecord, Instant, TemplateName } from './model.ts'
import { Needs } from './needs.ts'
import { pack } from './packing.ts'
import { keptHosts, planReservations, type Seeking } from './reserve.ts'
import type { Want } from './scale-up.ts'
import type { Action, ItemExplanation, Memory, Place, Snapshot } from './snapshot.ts'
import { canNeverFit, type HostOffer, type MatchContext } from './stages.ts'
import type { Template } from './template.ts'
import { templateOf as launchedFrom } from './variant.ts'

export interface PlacementPlan {
  readonly actions: readonly Action[]
  readonly wantedRoles: ReadonlySet<string>
  readonly items: readonly ItemExplanation[]
  /** Agents wanted that found no place in this round. */
  readonly unplaced: ReadonlyMap<TemplateName, number>
  readonly refusals: Memory['refusals']
  /** Roles whose filters must not hold any more. */
  readonly revive: ReadonlySet<string>
  readonly refusedLong: Memory['refusedLong']
  readonly waitings: Memory['waitings']
}

export interface PlacementInput {
  readonly snapshot: Snapshot
  readonly records: readonly AgentRecord[]
  readonly demand: DemandPlan
  readonly templates: ReadonlyMap<string, Template>
  readonly now: Instant
}

/** What looks for a place: an agent that is wanted, or a `planned` one that lost its offer. */
type Seeker =
  | (Seeking & { readonly kind: 'want'; readonly want: Want })
  | (Seeking & { readonly kind: 'planned'; readonly record: AgentRecord; readonly recipe: Template })

/** Hosts short of resources are asked again soon. */
const SHORT_REFUSE_SECONDS = 5
/** Hosts that nobody who waits can ever use: asked again when somebody else waits. */
const LONG_REFUSE_SECONDS = 300

/** Matches what is wanted with what is offered; every offer that serves nobody is declined. */
export function planPlacement(input: PlacementInput): PlacementPlan {
  const { snapshot, records, demand, now } = input
  const { memory } = snapshot
  const hosts = mergeOffers(snapshot.offers)
  const seekers = seekersOf(input)
  const context = contextOf(input, seekers)
  const may = mayPlace(snapshot)
  const { placed, unplaced, after } =
    may === undefined ? pack(seekers, hosts, context) : { placed: [], unplaced: seekers, after: context }
  const refusals = refusalsOf(unplaced, hosts, after, memory.refusals)
  const waiting = new Map(unplaced.map((seeker) => [seeker.template, may ?? wordsOf(seeker, refusals)]))
  const used = new Set(placed.flatMap(({ host }) => host.offers))
  const waitings =
    may === undefined
      ? planReservations({ before: memory.waitings, placed, unplaced, records, hosts: snapshot.hosts, context: after })
      : memory.waitings
  const kept = keptHosts(waitings, now)
  const idle = hosts.filter(
    ({ offers, role, mesosAgentId }) =>
      offers.every((id) => !used.has(id)) && kept.get(role)?.mesosAgentId !== mesosAgentId,
  )
  const useless = may === undefined ? uselessOf(idle, unplaced, after) : new Set<HostOffer>()
  const actions: Action[] = [
    ...placed.map(({ need, host }) => placeAction(need, host)),
    ...declineOf(
      idle.filter((host) => !useless.has(host)),
      SHORT_REFUSE_SECONDS,
    ),
    ...declineOf([...useless], LONG_REFUSE_SECONDS),
  ]
  const wantedRoles = new Set(may === undefined ? unplaced.map(({ role }) => role) : [])
  return {
    actions,
    wantedRoles,
    ...longRefusals(unplaced, wantedRoles, useless, memory.refusedLong),
    items: demand.drafts.map(finisher(placed, waiting)),
    unplaced: countWants(unplaced),
    refusals,
    waitings,
  }
}

function contextOf({ snapshot, records, now }: PlacementInput, seekers: readonly Seeker[]): MatchContext {
  const ruled = new Set(seekers.flatMap(({ rules, template }) => (rules?.length ? [template] : [])))
  const seeking = new Set<AgentId>(
    seekers.flatMap((seeker) => (seeker.kind === 'planned' ? [seeker.record.agentId] : [])),
  )
  return matchContext(snapshot, records, ruled, seeking, now)
}

function declineOf(hosts: readonly HostOffer[], refuseSeconds: number): readonly Action[] {
  const offers = hosts.flatMap((host) => host.offers)
  return offers.length === 0 ? [] : [{ kind: 'decline', offers, refuseSeconds }]
}

/** Hosts that can never serve anybody of their role who waits. Where nobody waits none is useless. */
function uselessOf(
  hosts: readonly HostOffer[],
  waiting: readonly Seeker[],
  context: MatchContext,
): ReadonlySet<HostOffer> {
  if (hosts.length === 0) return new Set()
  const needs = new Map<string, Map<string, Seeker>>()
  for (const seeker of waiting) {
    const ofRole = needs.get(seeker.role) ?? new Map<string, Seeker>()
    needs.set(seeker.role, ofRole)
    ofRole.set(seeker.template, seeker)
  }
  const distinct = new Map([...needs].map(([role, seekers]) => [role, [...seekers.values()]]))
  return new Set(
    hosts.filter((host) => distinct.get(host.role)?.every((need) => canNeverFit(host, need, context)) ?? false),
  )
}

/**
 * A host that was refused for long may be just right for a template that begins to wait later: then the filters of
 * its role are lifted.
 */
function longRefusals(
  waiting: readonly Seeker[],
  wantedRoles: ReadonlySet<string>,
  useless: ReadonlySet<HostOffer>,
  before: Memory['refusedLong'],
): Pick<PlacementPlan, 'revive' | 'refusedLong'> {
  const refusedRoles = new Set([...useless].map(({ role }) => role))
  const revive = new Set<string>()
  const refusedLong: Record<string, readonly TemplateName[]> = {}
  for (const role of wantedRoles) {
    const names = new Set(waiting.filter((seeker) => seeker.role === role).map(({ template }) => template))
    const known = before[role]
    if (known !== undefined && [...names].some((name) => !known.includes(name))) revive.add(role)
    else if (known !== undefined) refusedLong[role] = known
    if (refusedRoles.has(role)) refusedLong[role] = [...names]
  }
  return { revive, refusedLong }
}

/** Why nothing may be placed in this round; `undefined` where it may. */
function mayPlace({ mesos }: Snapshot): string | undefined {
  if (!mesos.subscribed) return 'waits for Mesos: not subscribed'
  if (!mesos.reconciled) return 'waits for Mesos to tell which of our tasks run'
  return undefined
}

function seekersOf({ snapshot, records, demand, templates }: PlacementInput): readonly Seeker[] {
  const needs = new Needs()
  const seekers: Seeker[] = []
  for (const record of records) {
    const recipe = launchedFrom(record, templates)
    if (record.state !== 'planned' || recipe === undefined || !snapshot.ready.has(record.agentId)) continue
    seekers.push({ kind: 'planned', ...needs.of(recipe, record.resources, record.role), record, recipe })
  }
  const jobs = new Favourites(demand, snapshot.memory)
  for (const want of demand.wants) {
    const { role, resources, template } = want
    const near = template.affinity ? jobs.next(want) : []
    seekers.push({ kind: 'want', ...needs.of(template, resources, role), near, want })
  }
  return seekers
}

function placeAction(seeker: Seeker, host: HostOffer): Action {
  const place: Place = {
    offers: host.offers,
    hostname: host.hostname,
    mesosAgentId: host.mesosAgentId,
    address: host.address,
    role: host.role,
    hostAttributes: hostAttributes(host),
  }
  if (seeker.kind === 'planned') {
    return { kind: 'place', agentId: seeker.record.agentId, template: seeker.recipe, place }
  }
  const { template, executors, resources, reason } = seeker.want
  return { kind: 'provision', template, executors, resources, place, reason }
}

/** Of this round where there were offers, else of the last round that had some. */
function refusalsOf(
  unplaced: readonly Seeker[],
  hosts: readonly HostOffer[],
  context: MatchContext,
  before: Memory['refusals'],
): Memory['refusals'] {
  const refusals: Record<TemplateName, string> = {}
  for (const seeker of unplaced) {
    const name = seeker.template
    if (refusals[name] !== undefined) continue
    const offered = hosts.some(({ role }) => role === seeker.role)
    const words = offered ? explainRefusals(seeker, hosts, context) : before[name]
    if (words !== undefined) refusals[name] = words
  }
  return refusals
}

function wordsOf(seeker: Seeker, refusals: Memory['refusals']): string {
  return refusals[seeker.template] ?? noOffers(seeker)
}

/** Says of the items whose agent is wanted whether it found a place, and why not. */
function finisher(
  placed: readonly { readonly need: Seeker; readonly host: HostOffer }[],
  waiting: ReadonlyMap<TemplateName, string>,
): (draft: ItemDraft) => ItemExplanation {
  const going = new Map<TemplateName, { readonly hostname: string; left: number }[]>()
  for (const { need, host } of placed) {
    if (need.kind !== 'want') continue
    const place = { hostname: host.hostname, left: need.want.executors }
    const before = going.get(need.template)
    if (before === undefined) going.set(need.template, [place])
    else before.push(place)
  }
  return ({ item, wish, state, template, words, node }) => {
    if (state !== 'waiting_offer' || template === undefined) {
      return explainItem(item, wish, state, template, words, { node })
    }
    // The oldest items come first, as they do when agents are wanted for them.
    const places = going.get(template)
    const place = places?.at(-1)
    const refusal = waiting.get(template)
    if (place === undefined && refusal !== undefined) {
      return explainItem(item, wish, 'waiting_offer', template, `template ${template} serves it; ${refusal}`)
    }
    if (place !== undefined) {
      place.left -= 1
      if (place.left === 0) places?.pop()
    }
    const hostname = place?.hostname
    const said = `an agent of template ${template} is being started on ${hostname ?? 'a host'}`
    return explainItem(item, wish, 'starting', template, said, { hostname })
  }
}

function countWants(unplaced: readonly Seeker[]): ReadonlyMap<TemplateName, number> {
  const counts = new Map<TemplateName, number>()
  for (const { template } of unplaced) counts.set(template, (counts.get(template) ?? 0) + 1)
  return counts
}
