import type { BuildLedger } from './builds.ts'
import type { Report, Rule } from './rule.ts'
import type { WireRequest } from './wire.ts'

const START = /\/job\/([^/]+)\/build(?:WithParameters)?$/

/** A build that was lost is started again once at most: never more of a job than ended badly. */
export class Restarts implements Rule {
  /** Builds that sidecars started, by job. */
  readonly started = new Map<string, number>()
  readonly #builds: BuildLedger
  readonly #report: Report

  constructor(builds: BuildLedger, report: Report) {
    this.#builds = builds
    this.#report = report
  }

  readonly request = ({ path, again }: WireRequest): void => {
    const job = START.exec(path)?.[1]
    if (job === undefined || again) return
    this.#builds.look()
    const name = decodeURIComponent(job)
    const started = (this.started.get(name) ?? 0) + 1
    this.started.set(name, started)
    const lost = this.#builds.lostOf.get(name) ?? 0
    if (started > lost) this.#report(0, `build ${started} of ${name} is started, and ${lost} of it ended badly`)
  }
}
