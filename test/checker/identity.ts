import type { Report, Rule } from './rule.ts'
import type { Scene } from './scene.ts'
import type { WireRequest } from './wire.ts'

/** Invariant 4: no task id and no node name comes twice. */
export class Identity implements Rule {
  readonly #report: Report
  readonly #launched = new Set<string>()
  readonly #there = new Set<string>()
  readonly #gone = new Set<string>()

  constructor(report: Report) {
    this.#report = report
  }

  readonly request = ({ call, again }: WireRequest): void => {
    if (again) return
    for (const { launch } of call?.accept?.operations ?? []) {
      for (const { task_id } of launch?.task_infos ?? []) {
        if (this.#launched.has(task_id.value)) this.#report(4, `task id ${task_id.value} is launched twice`)
        this.#launched.add(task_id.value)
      }
    }
  }

  readonly look = ({ nodes, ready }: Scene): void => {
    if (!ready) return
    for (const name of this.#there) {
      if (nodes.has(name)) continue
      this.#there.delete(name)
      this.#gone.add(name)
    }
    for (const name of nodes) {
      if (this.#there.has(name)) continue
      this.#there.add(name)
      if (this.#gone.has(name)) this.#report(4, `node ${name} is made again`)
    }
  }
}
