import type { BuildLedger } from './builds.ts'
import type { EndedTasks } from './ended.ts'
import type { Report, Rule } from './rule.ts'
import type { WireRequest } from './wire.ts'

/** Invariant 1: no node is removed and no task killed under a build, unless Mesos has said that the task is over. */
export class Removal implements Rule {
  readonly #builds: BuildLedger
  readonly #report: Report
  readonly #ended: EndedTasks
  /** A person asked for it. */
  forced = false

  constructor(builds: BuildLedger, ended: EndedTasks, report: Report) {
    this.#builds = builds
    this.#ended = ended
    this.#report = report
  }

  readonly request = ({ action, node, call }: WireRequest): void => {
    const name = action === 'doDelete' ? node : action === 'KILL' ? call?.kill?.task_id.value : undefined
    if (name !== undefined) this.#check(action, name)
    if (action === 'TEARDOWN') for (const busy of this.#builds.running().keys()) this.#check(action, busy)
  }

  #check(action: string, name: string): void {
    if (this.forced || this.#ended.has(name)) return
    const builds = this.#builds.running().get(name)
    if (builds !== undefined) this.#report(1, `${action} of ${name}, where ${builds.join(', ')} runs`)
  }
}
