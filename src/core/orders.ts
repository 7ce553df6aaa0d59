import type { Blocked } from './blocked.ts'
import type { AgentId, AgentRecord, AgentState, Instant, TemplateName } from './model.ts'
import type { Template } from './template.ts'

/**
 * Agents that an operator asked for, beyond what the queue calls for. It holds until so many were launched, at most for
 * ten minutes, and is lost with the process: an agent of it that was begun has a record, and goes on.
 */
export interface Order {
  readonly id: string
  readonly template: TemplateName
  /** How many were asked for. */
  readonly agents: number
  readonly askedAt: Instant
  /** Those that were begun and not launched yet. */
  readonly making: readonly AgentId[]
  /** Whatever became of them afterwards: a launch that failed is not made again. */
  readonly launched: number
}

const HOLDS_MS = 600_000

/** Open at once: more is a loop that got out of hand. */
export const MOST_ORDERS = 20

export interface EndedOrder {
  readonly order: Order
  /** All were launched; its time was over; its template is not configured any more. */
  readonly why: 'launched' | 'late' | 'template'
}

/** A record of an agent was made for it. */
export function begunFor(orders: readonly Order[], id: string | undefined, agentId: AgentId): readonly Order[] {
  if (id === undefined) return orders
  return orders.map((order) => (order.id === id ? { ...order, making: [...order.making, agentId] } : order))
}

/** The ACCEPT of an agent has left. */
export function launchedFor(orders: readonly Order[], agentId: AgentId): readonly Order[] {
  return orders.map((order) =>
    order.making.includes(agentId)
      ? { ...order, making: order.making.filter((id) => id !== agentId), launched: order.launched + 1 }
      : order,
  )
}

/**
 * What still holds. An agent that went before it was launched is wanted again; one of which Mesos told something is
 * launched, also where the answer to its ACCEPT has not come yet, or never comes.
 */
export function settleOrders(
  orders: readonly Order[],
  records: readonly AgentRecord[],
  templates: readonly Template[],
  now: Instant,
): { readonly open: readonly Order[]; readonly ended: readonly EndedOrder[] } {
  if (orders.length === 0) return { open: orders, ended: [] }
  const states = new Map(records.map(({ agentId, state }) => [agentId, state]))
  const known = new Set(templates.map(({ name }) => name))
  const open: Order[] = []
  const ended: EndedOrder[] = []
  for (const before of orders) {
    const making = before.making.filter((agentId) => states.get(agentId) === 'planned')
    const launched = before.launched + before.making.filter((agentId) => isLaunched(states.get(agentId))).length
    // Also where the clock was set back: it holds no longer than that from now.
    const order = { ...before, making, launched, askedAt: Math.min(before.askedAt, now) }
    const why = endOf(order, known, now)
    if (why === undefined) open.push(order)
    else ended.push({ order, why })
  }
  return { open, ended }
}

function isLaunched(state: AgentState | undefined): boolean {
  return state !== undefined && state !== 'planned' && state !== 'gone'
}

function endOf(order: Order, known: ReadonlySet<TemplateName>, now: Instant): EndedOrder['why'] | undefined {
  if (order.launched >= order.agents) return 'launched'
  if (now - order.askedAt >= HOLDS_MS) return 'late'
  return known.has(order.template) ? undefined : 'template'
}

/** An order with what this round wants for it. */
export interface OrderDemand {
  readonly order: Order
  readonly wanted: number
  /** What keeps the rest from being wanted. */
  readonly blocked: Blocked | undefined
}

/** Collects what a round wants to start. @returns what stands in the way of one agent more */
interface Collector {
  readonly order: (template: Template, what: string, order: string) => Blocked | undefined
}

/** Wants what is still missing of each, as agents of the smallest size that the template has. */
export function wantOrders(
  orders: readonly Order[],
  templates: readonly Template[],
  scaleUp: Collector,
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

function reasonOf({ agents }: Order): string {
  return `an operator asked for ${count(agents)}`
}

/** What an order waits for: few values. */
export type OrderState = 'starting' | 'waiting_offer' | 'rate_limited' | Blocked['kind']

export interface OrderExplanation {
  readonly id: string
  readonly template: TemplateName
  readonly agents: number
  readonly askedAt: Instant
  readonly launched: number
  /** Being made, or begun by this round. */
  readonly starting: number
  readonly waiting: number
  /** Of the waiting ones those that nothing but a place is missing for, and those that start. */
  readonly room: number
  /** What keeps the rest from being started; `undefined`: nothing. */
  readonly blocked: string | undefined
  readonly state: OrderState
  readonly words: string
}

/** What became of what was wanted for an order. */
export interface OrderOutcome {
  readonly begun: number
  /** Had a place, and launches come one after the other. */
  readonly heldBack: boolean
  /** Why there was no place. */
  readonly refused: string
}

export function explainOrder(
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

function count(n: number): string {
  return n === 1 ? '1 agent' : `${n} agents`
}
