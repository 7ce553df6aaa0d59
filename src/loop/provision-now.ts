import type { TemplateName } from '../core/model.ts'
import { MOST_ORDERS, type Order, type OrderExplanation } from '../core/orders.ts'
import { isPaused } from '../core/pause.ts'
import { plan as decide } from '../core/plan.ts'
import type { Context } from './context.ts'
import type { CallOutcome } from './operator-outcome.ts'

/** The planner wants so many agents of a template beyond demand, until they were launched or ten minutes are over. */
export function provisionNow(context: Context, template: TemplateName, agents: number): CallOutcome {
  const { world, clock, chance, log, trigger } = context
  if (world.mesos.standingBack !== undefined) return conflict(`Nothing is started here: ${world.mesos.standingBack}.`)
  if (isPaused(world.paused, template)) {
    const which = world.paused.all ? 'All templates are' : `Template ${template} is`
    return conflict(`${which} paused: POST /api/v1/actions/resume first.`)
  }
  const { orders } = world.memory
  if (orders.length >= MOST_ORDERS) {
    return conflict(`${orders.length} such calls wait for their agents already: ask again when some of them have them.`)
  }
  const order: Order = {
    id: chance.letters(10),
    template,
    agents,
    askedAt: clock.now(),
    making: [],
    launched: 0,
  }
  world.memory = { ...world.memory, orders: [...orders, order] }
  const words = wordsFor(order, context)
  log.warn({ template, agents, words }, 'an operator asked for agents')
  trigger('asked')
  return { ok: true, words }
}

/** What will come of it, as far as the planner can tell now. */
function wordsFor({ id, template, agents }: Order, context: Context): string {
  const many = agents === 1 ? `1 agent of template ${template} is` : `${agents} agents of template ${template} are`
  const wanted = `${many} wanted beyond what the queue calls for`
  const { world } = context
  if (!world.mesos.subscribed)
    return `${wanted}; Mesos is not connected (${world.mesos.why ?? 'not yet'}), and ${WAITS}`
  const found = lookAhead(id, context)
  if (typeof found === 'string') return `${wanted}; ${found}, and ${WAITS}`
  const { blocked, room } = found
  if (blocked === undefined) return `${wanted}: each is started as soon as a host offers room, within 10 minutes.`
  const now = room === 0 ? 'none may be started now' : `there is room for ${room} now`
  return `${wanted}; ${now}: ${blocked}. What was not started within 10 minutes is not wanted any more.`
}

const WAITS = 'they wait for that for 10 minutes.'

/** The planner is asked once more, on what is known: it alone knows caps, back-off and all that stands in the way. */
function lookAhead(id: string, { world, clock }: Context): OrderExplanation | string {
  const before = world.lastSnapshot
  if (before === undefined) return 'no round has looked at Jenkins yet'
  const snapshot = {
    ...before,
    fresh: false,
    offers: [],
    records: world.records,
    busy: new Set(world.busy),
    ready: new Set(world.ready),
    paused: world.paused,
    memory: world.memory,
  }
  const { orders, held } = decide(snapshot, clock.now()).explanation
  return orders?.find((order) => order.id === id) ?? held ?? 'nothing can be said of it yet'
}

function conflict(words: string): CallOutcome {
  return { ok: false, kind: 'conflict', words }
}
