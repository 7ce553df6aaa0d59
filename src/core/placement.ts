import type { DemandPlan } from './demand-plan.ts'
import { favouriteHosts } from './favourites.ts'
import { hostAttributes } from './host-attributes.ts'
import { explainRefusals, mergeOffers, noOffers } from './match.ts'
import { matchContext } from './match-context.ts'
import type { AgentId, AgentRecord, Instant, TemplateName } from './model.ts'
import { Needs } from './needs.ts'
import { pack } from './packing.ts'
import { finisher, type Going } from './placed-items.ts'
import { LONG_REFUSE_SECONDS, longRefusals, SHORT_REFUSE_SECONDS, uselessOf } from './refuse-times.ts'
import { keptHosts, planReservations, type Seeking } from './reserve.ts'
import type { Want } from './scale-up.ts'
import type { Action, ItemExplanation, Memory, Place, Snapshot } from './snapshot.ts'
import type { HostOffer, MatchContext } from './stages.ts'
import type { Template } from './template.ts'
import { templateOf as launchedFrom } from './variant.ts'

export type Provision = Extract<Action, { kind: 'provision' }>

export interface PlacementPlan {
  readonly actions: readonly Action[]
  /** For whom the new ones among these are. */
  readonly provisions: ReadonlyMap<Provision, Want>
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
  const provisions = new Map<Provision, Want>()
  const places = placed.map(({ need, host }): Action => {
    if (need.kind === 'planned') return placeAgain(need, host)
    const provision = provisionOn(need.want, host)
    provisions.set(provision, need.want)
    return provision
  })
  const actions: Action[] = [
    ...places,
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
    provisions,
    items: demand.drafts.map(finisher(placed.flatMap(goingOf), waiting, snapshot.dryRun === true)),
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
  for (const want of demand.wants) {
    const { role, resources, template, items } = want
    const near = template.affinity ? favouriteHosts(items, snapshot.memory.jobHosts) : []
    seekers.push({ kind: 'want', ...needs.of(template, resources, role), near, want })
  }
  return seekers
}

function placeAgain({ record, recipe }: Extract<Seeker, { kind: 'planned' }>, host: HostOffer): Action {
  return { kind: 'place', agentId: record.agentId, template: recipe, place: placeOf(host) }
}

function provisionOn({ template, executors, resources, reason, order }: Want, host: HostOffer): Provision {
  const forOrder = order !== undefined && { order }
  return { kind: 'provision', template, executors, resources, place: placeOf(host), reason, ...forOrder }
}

function placeOf(host: HostOffer): Place {
  const { offers, hostname, mesosAgentId, address, role } = host
  return { offers, hostname, mesosAgentId, address, role, hostAttributes: hostAttributes(host) }
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

function goingOf({ need, host }: { readonly need: Seeker; readonly host: HostOffer }): readonly Going[] {
  return need.kind === 'want' ? [{ items: need.want.items, hostname: host.hostname }] : []
}

function countWants(unplaced: readonly Seeker[]): ReadonlyMap<TemplateName, number> {
  const counts = new Map<TemplateName, number>()
  for (const { template } of unplaced) counts.set(template, (counts.get(template) ?? 0) + 1)
  return counts
}
