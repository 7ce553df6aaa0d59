import { explainOrder, type OrderDemand, type OrderExplanation } from './orders.ts'
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
