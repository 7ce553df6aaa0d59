import type { Config } from '../config/config.ts'
import type { Cancel, Clock } from '../core/clock.ts'
import type { EmbeddedJenkins } from '../embedded/jenkins/embedded-jenkins.ts'

const EVERY_MS = 60_000

export const DEMO_JOBS = ['test', 'test2', 'test3', 'test4'] as const

/** Makes the demo's jobs where they are not there yet, with the first label of the first template. */
export function makeDemoJobs(jenkins: EmbeddedJenkins, config: Config): readonly string[] {
  const label = config.templates[0]?.labels[0] ?? ''
  const known = new Set(jenkins.jobs.map(({ name }) => name))
  DEMO_JOBS.forEach((name, index) => {
    if (known.has(name)) return
    jenkins.createJob({ name, label, durationMs: (8 + index * 4) * 1000, cpu: 0.2, memMib: 32 })
  })
  return DEMO_JOBS
}

/** Gives the embedded Jenkins something to do, so that there is something to see. */
export class DemoJobs {
  readonly #jenkins: EmbeddedJenkins
  readonly #clock: Clock
  #timer: Cancel | undefined

  constructor(jenkins: EmbeddedJenkins, clock: Clock) {
    this.#jenkins = jenkins
    this.#clock = clock
  }

  start(): void {
    for (const name of DEMO_JOBS) this.#jenkins.build(name)
    this.#timer = this.#clock.timer(EVERY_MS, () => {
      this.start()
    })
  }

  stop(): void {
    this.#timer?.()
    this.#timer = undefined
  }
}
