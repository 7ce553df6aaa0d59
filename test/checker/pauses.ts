import type { Report, Rule } from './rule.ts'
import { templateOf } from './scene.ts'
import type { WireRequest } from './wire.ts'

const ALL = '*'

/** Calls to a master wait for each other. One that was handed over before the pause leaves within this time. */
const LEAVING_MS = 30_000

/**
 * What was answered to an operator who paused a template holds from then on, over crashes, until a call to resume: no
 * agent is made any more, and none that was made before is launched, but for calls that are on their way.
 */
export class Pauses implements Rule {
  readonly #now: () => number
  readonly #report: Report
  readonly #since = new Map<string, number>()
  /** When agents were first stored, by the key of their record. */
  readonly #made = new Map<string, number>()

  constructor(now: () => number, report: Report) {
    this.#now = now
    this.#report = report
  }

  /** The call was answered well. @param template `undefined`: all of them */
  paused(template: string | undefined): void {
    const key = template ?? ALL
    if (!this.#since.has(key)) this.#since.set(key, this.#now())
  }

  /** The call is about to be made. */
  resuming(template: string | undefined): void {
    if (template === undefined) this.#since.clear()
    else this.#since.delete(template)
  }

  has(template: string): boolean {
    return this.#since.has(ALL) || this.#since.has(template)
  }

  readonly committed = (stored: ReadonlyMap<string, object>): void => {
    for (const key of stored.keys()) if (!this.#made.has(key)) this.#made.set(key, this.#now())
  }

  readonly request = ({ call, sentAt = 0 }: WireRequest): void => {
    for (const { launch } of call?.accept?.operations ?? []) {
      for (const { task_id } of launch?.task_infos ?? []) {
        const template = templateOf(task_id.value)
        const since = this.#since.get(ALL) ?? this.#since.get(template)
        const made = this.#made.get(`agent/${task_id.value}`) ?? sentAt
        if (since === undefined || sentAt <= since || (made <= since && sentAt <= since + LEAVING_MS)) continue
        this.#report(0, `${task_id.value} is launched ${sentAt - since} ms after its template was paused`)
      }
    }
  }
}
