import type { Report, Rule } from './rule.ts'
import type { Scene } from './scene.ts'
import type { Told, WireRequest } from './wire.ts'

const OVER = /^TASK_(?:FINISHED|FAILED|KILLED|ERROR|LOST|DROPPED|GONE|GONE_BY_OPERATOR)$/

/** Invariant 7: when an ACKNOWLEDGE arrives, the store already holds what the status said. */
export class Acknowledgement implements Rule {
  readonly #report: Report
  /** What was told, by uuid. */
  readonly #told = new Map<string, string>()
  /** States of a task in the order in which they were told last. */
  readonly #history = new Map<string, string[]>()

  constructor(report: Report) {
    this.#report = report
  }

  readonly told = ({ update }: Told): void => {
    if (update === undefined) return
    const { task_id, state, uuid } = update.status
    const history = this.#history.get(task_id.value) ?? []
    history.push(state)
    this.#history.set(task_id.value, history.slice(-20))
    if (uuid !== undefined) this.#told.set(uuid, state)
  }

  readonly request = ({ call }: WireRequest, scene: () => Scene): void => {
    const acknowledge = call?.acknowledge
    if (acknowledge === undefined) return
    const id = acknowledge.task_id.value
    const state = this.#told.get(acknowledge.uuid)
    if (state === undefined) {
      this.#report(7, `an update of ${id} is acknowledged that was never told`)
      return
    }
    const record = scene().record(id)
    // A task without a record has nothing to be stored; what ended stays ended, whatever is told later.
    if (record === undefined || record.taskEnded) {
      if (OVER.test(state)) this.#history.delete(id)
      return
    }
    const history = this.#history.get(id) ?? []
    const later = history.slice(history.indexOf(state))
    if (OVER.test(state) || record.taskState === undefined || !later.includes(record.taskState))
      this.#report(
        7,
        `${state} of ${id} is acknowledged, and the store holds ${record.state} ${record.taskState ?? ''}`,
      )
  }
}
