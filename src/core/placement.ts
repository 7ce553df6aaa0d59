import type { DemandPlan, ItemDraft } from './demand-plan.ts'
import { explainItem } from './explain.ts'
import { explainRefusals, type HostOffer, type MatchContext, mergeOffers, type Need, pack } from './match.ts'
import type { AgentRecord, Instant, Template, TemplateName } from './model.ts'
import type { Want } from './scale-up.ts'
import type { Action, ItemExplanation, Memory, Place, Snapshot } from './snapshot.ts'

export interface PlacementPlan {
  readonly actions: readonly Action[]
  readonly wantedRoles: ReadonlySet<string>
  readonly items: readonly ItemExplanation[]
  /** Agents wanted that found no place in this round. */
  readonly unplaced: ReadonlyMap<TemplateName, number>
  readonly refusals: Memory['refusals']
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
  | (Need & { readonly kind: 'want'; readonly want: Want })
  | (Need & { readonly kind: 'planned'; readonly record: AgentRecord; readonly template: Template })

/** Hosts short of resources are asked again soon; REVIVE lifts the filter of all others. */
const SHORT_REFUSE_SECONDS = 5

/** Matches what is wanted with what is offered; every offer that serves nobody is declined. */
export function planPlacement(input: PlacementInput): PlacementPlan {
  const { snapshot, demand, now } = input
  const context: MatchContext = { now, hostBackoff: snapshot.memory.hostBackoff }
  const hosts = mergeOffers(snapshot.offers)
  const seekers = seekersOf(input)
  const may = mayPlace(snapshot)
  const { placed, unplaced } = may === undefined ? pack(seekers, hosts, context) : { placed: [], unplaced: seekers }
  const refusals = refusalsOf(unplaced, hosts, context, snapshot.memory.refusals)
  const waiting = new Map(unplaced.map((seeker) => [templateOf(seeker), may ?? wordsOf(seeker, refusals)]))
  const used = new Set(placed.flatMap(({ host }) => host.offers))
  const idleOffers = snapshot.offers.filter(({ id }) => !used.has(id)).map(({ id }) => id)
  const actions: Action[] = placed.map(({ need, host }) => placeAction(need, host))
  if (idleOffers.length > 0) actions.push({ kind: 'decline', offers: idleOffers, refuseSeconds: SHORT_REFUSE_SECONDS })
  return {
    actions,
    wantedRoles: new Set(may === undefined ? unplaced.map(({ role }) => role) : []),
    items: demand.drafts.map(finisher(placed, waiting)),
    unplaced: countWants(unplaced),
    refusals,
  }
}

/** Why nothing may be placed in this round; `undefined` where it may. */
function mayPlace({ mesos }: Snapshot): string | undefined {
  if (!mesos.subscribed) return 'waits for Mesos: not subscribed'
  if (!mesos.reconciled) return 'waits for Mesos to tell which of our tasks run'
  return undefined
}

function seekersOf({ snapshot, records, demand, templates }: PlacementInput): readonly Seeker[] {
  const seekers: Seeker[] = []
  for (const record of records) {
    const template = templates.get(record.template)
    if (record.state !== 'planned' || template === undefined || !snapshot.ready.has(record.agentId)) continue
    seekers.push({ kind: 'planned', role: record.role, resources: record.resources, record, template })
  }
  for (const want of demand.wants) seekers.push({ kind: 'want', role: want.role, resources: want.resources, want })
  return seekers
}

function placeAction(seeker: Seeker, host: HostOffer): Action {
  const place: Place = {
    offers: host.offers,
    hostname: host.hostname,
    mesosAgentId: host.mesosAgentId,
    address: host.address,
    role: host.role,
  }
  if (seeker.kind === 'planned') {
    return { kind: 'place', agentId: seeker.record.agentId, template: seeker.template, place }
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
    const name = templateOf(seeker)
    if (refusals[name] !== undefined) continue
    const offered = hosts.some(({ role }) => role === seeker.role)
    const words = offered ? explainRefusals(seeker, hosts, context) : before[name]
    if (words !== undefined) refusals[name] = words
  }
  return refusals
}

function wordsOf(seeker: Seeker, refusals: Memory['refusals']): string {
  return refusals[templateOf(seeker)] ?? `no host has offered resources to role ${seeker.role} yet`
}

/** Says of the items whose agent is wanted whether it found a place, and why not. */
function finisher(
  placed: readonly { readonly need: Seeker; readonly host: HostOffer }[],
  waiting: ReadonlyMap<TemplateName, string>,
): (draft: ItemDraft) => ItemExplanation {
  const going = new Map<TemplateName, string>()
  for (const { need, host } of placed) going.set(templateOf(need), host.hostname)
  return ({ item, wish, state, template, words }) => {
    if (state !== 'waiting_offer' || template === undefined) return explainItem(item, wish, state, template, words)
    const refusal = waiting.get(template)
    if (refusal !== undefined) {
      return explainItem(item, wish, 'waiting_offer', template, `template ${template} serves it; ${refusal}`)
    }
    const host = going.get(template) ?? 'a host'
    return explainItem(item, wish, 'starting', template, `an agent of template ${template} is being started on ${host}`)
  }
}

function templateOf(seeker: Seeker): TemplateName {
  return seeker.kind === 'want' ? seeker.want.template.name : seeker.template.name
}

function countWants(unplaced: readonly Seeker[]): ReadonlyMap<TemplateName, number> {
  const counts = new Map<TemplateName, number>()
  for (const seeker of unplaced) counts.set(templateOf(seeker), (counts.get(templateOf(seeker)) ?? 0) + 1)
  return counts
}
