import type { BuildLedger } from './builds.ts'
import type { Report, Rule } from './rule.ts'
import type { Told, WireRequest } from './wire.ts'

const OVER = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
])

/** Invariant 1: no node is removed and no task killed under a build, unless Mesos has said that the task is over. */
export class Removal implements Rule {
  readonly #builds: BuildLedger
  readonly #report: Report
  readonly #over = new Set<string>()
  /** Mesos removed the framework: all of its tasks are over. */
  #allOver = false
  /** A person asked for it. */
  forced = false

  constructor(builds: BuildLedger, report: Report) {
    this.#builds = builds
    this.#report = report
  }

  readonly told = ({ type, update, error }: Told): void => {
    if (update !== undefined && OVER.has(update.status.state)) this.#over.add(update.status.task_id.value)
    if (type === 'ERROR' && error?.message.includes('removed') === true) this.#allOver = true
    if (type === 'SUBSCRIBED') this.#allOver = false
  }

  readonly request = ({ action, node, call }: WireRequest): void => {
    const name = action === 'doDelete' ? node : action === 'KILL' ? call?.kill?.task_id.value : undefined
    if (name !== undefined) this.#check(action, name)
    if (action === 'TEARDOWN') for (const busy of this.#builds.running().keys()) this.#check(action, busy)
  }

  #check(action: string, name: string): void {
    if (this.forced || this.#over.has(name) || this.#allOver) return
    const builds = this.#builds.running().get(name)
    if (builds !== undefined) this.#report(1, `${action} of ${name}, where ${builds.join(', ')} runs`)
  }
}
