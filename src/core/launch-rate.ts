import type { DemandPlan } from './demand-plan.ts'
import type { Instant, OfferId } from './model.ts'
import type { PlacementPlan, Provision } from './placement.ts'
import { SHORT_REFUSE_SECONDS } from './refuse-times.ts'
import type { LaunchRate, LaunchTokens, Waitings } from './remembered.ts'
import type { Want } from './scale-up.ts'
import type { Action, ItemExplanation } from './snapshot.ts'

/** What may be launched now. A fresh start may launch a whole burst; a clock that was set back counts on from there. */
export function refill(before: LaunchTokens | undefined, rate: LaunchRate, now: Instant): LaunchTokens {
  if (before === undefined) return { tokens: rate.burst, at: now }
  const seconds = Math.max(0, now - before.at) / 1000
  return { tokens: Math.min(rate.burst, before.tokens + seconds * rate.perSecond), at: now }
}

/** Offers are held for no longer: whoever has to wait longer for a launch wants none yet. */
const WORTH_HOLDING_MS = 5_000

/** Nothing is wanted while the next launch is further away than offers can be held for it. */
export function withoutHopeless(demand: DemandPlan, { tokens }: LaunchTokens, rate: LaunchRate): DemandPlan {
  if (tokens >= 1 || (1 - tokens) * 1000 <= WORTH_HOLDING_MS * rate.perSecond) return demand
  const words = wordsOf(rate)
  const drafts = demand.drafts.map((draft) =>
    draft.state === 'waiting_offer' ? { ...draft, state: 'rate_limited' as const, words } : draft,
  )
  return { ...demand, wants: [], drafts }
}

export interface PacedInput {
  readonly placement: PlacementPlan
  /** In the order of the asking. */
  readonly wants: readonly Want[]
  readonly launches: LaunchTokens
  readonly rate: LaunchRate
  /** What was kept for big agents before this round. */
  readonly waitings: Waitings
}

export interface Paced {
  readonly placement: PlacementPlan
  /** What is left for the next round. */
  readonly launches: LaunchTokens
}

/**
 * Leaves out of what was placed the agents that are too many at once, those that were asked for last. Of these the
 * offers are held that can still be used while they may be held; the others are given back, as somebody else may have a
 * use for them. Agents that are placed a second time cost nothing.
 */
export function paced({ placement, wants, launches, rate, waitings }: PacedInput): Paced {
  const ranked = inOrderOfWants(placement, wants)
  const may = Math.floor(launches.tokens)
  if (ranked.length <= may) {
    return { placement, launches: { ...launches, tokens: launches.tokens - ranked.length } }
  }
  const left = launches.tokens - may
  const soon = Math.floor(left + (WORTH_HOLDING_MS / 1000) * rate.perSecond)
  const held = ranked.slice(may)
  const unplaced = new Map(placement.unplaced)
  for (const { template } of held) unplaced.set(template.name, (unplaced.get(template.name) ?? 0) + 1)
  const waiting = new Set<Action>(held)
  return {
    placement: {
      ...placement,
      actions: [
        ...placement.actions.filter((action) => !waiting.has(action)),
        ...givenBack(placement.actions, new Set<Action>(held.slice(soon))),
      ],
      items: toldToWait(placement, held, wordsOf(rate)),
      wantedRoles: soon === 0 ? placement.wantedRoles : rolesWith(placement.wantedRoles, held),
      unplaced,
      waitings: stillKept(placement.waitings, waitings, held),
    },
    launches: { ...launches, tokens: left },
  }
}

/** Those that were asked for first come first, however they were packed. */
function inOrderOfWants({ provisions }: PlacementPlan, wants: readonly Want[]): readonly Provision[] {
  const places = new Map(wants.map((want, place) => [want, place]))
  return [...provisions]
    .map(([provision, want]) => ({ provision, place: places.get(want) ?? wants.length }))
    .sort((a, b) => a.place - b.place)
    .map(({ provision }) => provision)
}

/** Offers that nobody uses who is launched now or soon. Several agents may go onto one host. */
function givenBack(actions: readonly Action[], late: ReadonlySet<Action>): readonly Action[] {
  const offers = new Set<OfferId>()
  const placing = actions.filter((action) => action.kind === 'provision' || action.kind === 'place')
  for (const action of placing) if (late.has(action)) for (const id of action.place.offers) offers.add(id)
  for (const action of placing) if (!late.has(action)) for (const id of action.place.offers) offers.delete(id)
  return offers.size === 0 ? [] : [{ kind: 'decline', offers: [...offers], refuseSeconds: SHORT_REFUSE_SECONDS }]
}

function rolesWith(roles: ReadonlySet<string>, held: readonly Provision[]): ReadonlySet<string> {
  return new Set([...roles, ...held.map(({ template }) => template.role)])
}

/** A host is kept until the agent that it is kept for is launched there. */
function stillKept(after: Waitings, before: Waitings, held: readonly Provision[]): Waitings {
  const kept = Object.entries(before).filter(
    ([role, waiting]) =>
      waiting.kept !== undefined &&
      held.some(
        ({ template, place }) =>
          place.role === role &&
          place.mesosAgentId === waiting.kept?.mesosAgentId &&
          template.name === waiting.template,
      ),
  )
  return kept.length === 0 ? after : { ...after, ...Object.fromEntries(kept) }
}

/** Items wait whose agent was left out. */
function toldToWait(
  { items, provisions }: PlacementPlan,
  held: readonly Provision[],
  words: string,
): readonly ItemExplanation[] {
  const waiting = new Set(held.flatMap((provision) => provisions.get(provision)?.items.map(({ id }) => id) ?? []))
  return items.map((item) =>
    waiting.has(item.itemId)
      ? {
          ...item,
          state: 'rate_limited',
          hostname: undefined,
          words: `template ${item.template ?? ''} serves it; ${words}`,
        }
      : item,
  )
}

function wordsOf({ burst, perSecond }: LaunchRate): string {
  return `agents are started one after the other, ${burst} at once and then ${perSecond} a second (LAUNCH_BURST, LAUNCH_RATE_PER_SECOND)`
}
