import type { Blocked } from './blocked.ts'
import type { Order } from './orders.ts'
import type { ScaleUp } from './scale-up.ts'
import type { Template } from './template.ts'

/** An order with what this round wants for it. */
export interface OrderDemand {
  readonly order: Order
  readonly wanted: number
  /** What keeps the rest from being wanted. */
  readonly blocked: Blocked | undefined
}

/** Wants what is still missing of each, as agents of the smallest size that the template has. */
export function wantOrders(
  orders: readonly Order[],
  templates: readonly Template[],
  scaleUp: ScaleUp,
): readonly OrderDemand[] {
  return orders.flatMap((order) => {
    const template = templates.find(({ name }) => name === order.template)
    if (template === undefined) return []
    const missing = order.agents - order.launched - order.making.length
    let wanted = 0
    let blocked: Blocked | undefined
    while (wanted < missing && blocked === undefined) {
      blocked = scaleUp.order(template, reasonOf(order), order.id)
      if (blocked === undefined) wanted += 1
    }
    return [{ order, wanted, blocked }]
  })
}

export function reasonOf({ agents }: Order): string {
  return `an operator asked for ${count(agents)}`
}

function count(n: number): string {
  return n === 1 ? '1 agent' : `${n} agents`
}
