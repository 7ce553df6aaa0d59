import { isEnd } from './ended.ts'
import type { Report, Rule } from './rule.ts'
import type { Scene } from './scene.ts'
import type { Told, WireRequest } from './wire.ts'

/** Invariant 7: when an ACKNOWLEDGE arrives, the store already holds what the status said. */
export class Acknowledgement implements Rule {
  readonly #report: Report
  /** What was told, by uuid, and how often without an answer. */
  readonly #told = new Map<string, { readonly state: string; open: number }>()
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
    if (uuid === undefined) return
    const before = this.#told.get(uuid)
    if (before === undefined) this.#told.set(uuid, { state, open: 1 })
    else before.open += 1
  }

  readonly request = ({ call, again }: WireRequest, scene: () => Scene): void => {
    const acknowledge = call?.acknowledge
    if (acknowledge === undefined || again) return
    const id = acknowledge.task_id.value
    const told = this.#told.get(acknowledge.uuid)
    if (told === undefined) {
      this.#report(7, `an update of ${id} is acknowledged that was never told, or more often than it was told`)
      return
    }
    told.open -= 1
    if (told.open === 0) this.#told.delete(acknowledge.uuid)
    const { state } = told
    const record = scene().record(id)
    // A task without a record has nothing to be stored; what ended stays ended, whatever is told later.
    if (record === undefined || record.taskEnded) {
      if (isEnd(state)) this.#history.delete(id)
      return
    }
    const history = this.#history.get(id) ?? []
    const later = history.slice(history.indexOf(state))
    if (isEnd(state) || record.taskState === undefined || !later.includes(record.taskState))
      this.#report(
        7,
        `${state} of ${id} is acknowledged, and the store holds ${record.state} ${record.taskState ?? ''}`,
      )
  }
}
