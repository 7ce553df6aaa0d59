import type { DemandPlan } from './demand-plan.ts'
import type { Instant } from './model.ts'
import type { PlacementPlan } from './placement.ts'
import type { LaunchRate, LaunchTokens } from './remembered.ts'
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

export interface Paced {
  readonly placement: PlacementPlan
  /** What is left for the next round. */
  readonly launches: LaunchTokens
}

/**
 * Leaves out of what was placed the agents that are too many at once, those that were asked for last. Their offers are
 * neither taken nor declined: they are held for the rounds that follow. Agents that are placed a second time cost
 * nothing.
 */
export function paced(placement: PlacementPlan, demand: DemandPlan, launches: LaunchTokens, rate: LaunchRate): Paced {
  const provisions = placement.actions.filter((action) => action.kind === 'provision')
  const may = Math.floor(launches.tokens)
  if (provisions.length <= may) {
    return { placement, launches: { ...launches, tokens: launches.tokens - provisions.length } }
  }
  const held = new Set<Action>(inOrderOfWants(provisions, demand.wants).slice(may))
  const wantedRoles = new Set(placement.wantedRoles)
  const unplaced = new Map(placement.unplaced)
  const executors = new Map<string, number>()
  for (const action of held) {
    if (action.kind !== 'provision') continue
    const { name, role } = action.template
    wantedRoles.add(role)
    unplaced.set(name, (unplaced.get(name) ?? 0) + 1)
    executors.set(name, (executors.get(name) ?? 0) + action.executors)
  }
  return {
    placement: {
      ...placement,
      actions: placement.actions.filter((action) => !held.has(action)),
      items: toldToWait(placement.items, demand, executors, wordsOf(rate)),
      wantedRoles,
      unplaced,
    },
    launches: { ...launches, tokens: launches.tokens - may },
  }
}

type Provision = Extract<Action, { kind: 'provision' }>

/** Those that were asked for first come first, however they were packed. */
function inOrderOfWants(provisions: readonly Provision[], wants: readonly Want[]): readonly Provision[] {
  const places = new Map<string, number[]>()
  wants.forEach(({ template, executors, reason }, place) => {
    const key = keyOf(template.name, executors, reason)
    const known = places.get(key)
    if (known === undefined) places.set(key, [place])
    else known.push(place)
  })
  const ranked = provisions.map((provision) => {
    const { template, executors, reason } = provision
    return { provision, place: places.get(keyOf(template.name, executors, reason))?.shift() ?? wants.length }
  })
  return ranked.sort((a, b) => a.place - b.place).map(({ provision }) => provision)
}

function keyOf(template: string, executors: number, reason: string): string {
  return `${template} ${executors} ${reason}`
}

/** The last items of a template wait for what was left out. */
function toldToWait(
  items: readonly ItemExplanation[],
  { drafts }: DemandPlan,
  executors: Map<string, number>,
  words: string,
): readonly ItemExplanation[] {
  const told = [...items]
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index]
    if (item?.template === undefined || item.state !== 'starting' || drafts[index]?.state !== 'waiting_offer') continue
    const left = executors.get(item.template) ?? 0
    if (left === 0) continue
    executors.set(item.template, left - 1)
    told[index] = { ...item, state: 'rate_limited', words: `template ${item.template} serves it; ${words}` }
  }
  return told
}

function wordsOf({ burst, perSecond }: LaunchRate): string {
  return `agents are started one after the other, ${burst} at once and then ${perSecond} a second (LAUNCH_BURST, LAUNCH_RATE_PER_SECOND)`
}
