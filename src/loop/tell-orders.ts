import type { Log } from '../core/log.ts'
import type { Instant } from '../core/model.ts'
import type { Plan } from '../core/snapshot.ts'

/** Room is mostly offered by then, and nobody need be told that it is waited for. */
const OFFERS_COME_MS = 15_000

/** Says what becomes of agents that operators asked for: when something else keeps them waiting, and when it is over. */
export class OrderTeller {
  readonly #log: Log
  /** What each waits for, by its id. */
  #states: ReadonlyMap<string, string> = new Map()

  constructor(log: Log) {
    this.#log = log
  }

  tell({ explanation: { orders = [], endedOrders = [] } }: Plan, now: Instant): void {
    const told = orders.filter(({ askedAt, state }) => state !== 'waiting_offer' || now - askedAt >= OFFERS_COME_MS)
    for (const { id, template, waiting, state, words } of told) {
      if (waiting === 0 || this.#states.get(id) === state) continue
      this.#log.info({ template, state, words }, 'agents that an operator asked for wait')
    }
    this.#states = new Map(told.map(({ id, state }) => [id, state]))
    for (const { order, why } of endedOrders) {
      const { template, agents, launched } = order
      if (why === 'launched') this.#log.info({ template, agents }, 'the agents that an operator asked for are launched')
      else {
        const words = why === 'late' ? 'ten minutes are over' : 'its template is not configured any more'
        this.#log.warn(
          { template, agents, launched, why: words },
          'agents that an operator asked for are not wanted any more',
        )
      }
    }
  }
}
