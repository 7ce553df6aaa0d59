import type { Blocked } from './blocked.ts'
import { type OrderDemand, reasonOf } from './order-demand.ts'
import type { OrderExplanation, OrderState } from './orders.ts'
import type { PlacementPlan } from './placement.ts'
import type { Action } from './snapshot.ts'

/** What becomes of each order of an operator in this round. @param mayLaunch launches are not used up for a while */
export function explainOrders(
  orders: readonly OrderDemand[],
  { actions, provisions, refusals }: PlacementPlan,
  mayLaunch: boolean,
): readonly OrderExplanation[] {
  if (orders.length === 0) return []
  const going = new Set<Action>(actions)
  return orders.map((asked) => {
    const { id, template } = asked.order
    const placed = [...provisions].filter(([, want]) => want.order === id).map(([provision]) => provision)
    return explainOrder(asked, {
      begun: placed.filter((provision) => going.has(provision)).length,
      heldBack: !mayLaunch || placed.some((provision) => !going.has(provision)),
      refused: refusals[template] ?? 'no host has offered room yet',
    })
  })
}

/** What became of what was wanted for an order. */
interface OrderOutcome {
  readonly begun: number
  /** Had a place, and launches come one after the other. */
  readonly heldBack: boolean
  /** Why there was no place. */
  readonly refused: string
}

function explainOrder(
  { order, wanted, blocked }: OrderDemand,
  { begun, heldBack, refused }: OrderOutcome,
): OrderExplanation {
  const { id, template, agents, askedAt, launched } = order
  const starting = order.making.length + begun
  const waiting = agents - launched - starting
  const state = stateOf(waiting, wanted - begun, blocked, heldBack)
  const why = state === 'rate_limited' ? 'agents are started one after the other' : refused
  const reasons = [...(wanted > begun ? [why] : []), ...(blocked === undefined ? [] : [blocked.words])]
  const parts = [
    ...(launched > 0 ? [`${launched} ${is(launched)} launched`] : []),
    ...(starting > 0 ? [`${starting} ${is(starting)} being started`] : []),
    ...(waiting > 0 ? [`${waiting} ${waiting === 1 ? 'waits' : 'wait'}: ${reasons.join('; ')}`] : []),
  ]
  return {
    id,
    template,
    agents,
    askedAt,
    launched,
    starting,
    waiting,
    room: order.making.length + wanted,
    blocked: blocked?.words,
    state,
    words: `${reasonOf(order)}: ${parts.join(', ')}`,
  }
}

function stateOf(waiting: number, unplaced: number, blocked: Blocked | undefined, heldBack: boolean): OrderState {
  if (waiting <= 0) return 'starting'
  if (unplaced > 0) return heldBack ? 'rate_limited' : 'waiting_offer'
  return blocked?.kind ?? 'waiting_offer'
}

function is(n: number): string {
  return n === 1 ? 'is' : 'are'
}
