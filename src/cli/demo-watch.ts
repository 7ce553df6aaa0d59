import type { ItemExplanation } from '../core/snapshot.ts'
import type { EmbeddedJenkins } from '../embedded/jenkins/embedded-jenkins.ts'
import type { View } from '../loop/view-types.ts'
import { systemClock } from '../system-clock.ts'
import { getJson, getText, sumOf } from './fetched.ts'
import type { Running } from './running.ts'
import type { Steps } from './terminal/steps.ts'

const EVERY_MS = 100

/** What of a Mesos master's state the demo looks at. */
interface MasterState {
  readonly frameworks?: readonly {
    readonly tasks?: readonly {
      readonly name: string
      readonly resources: { readonly cpus?: number; readonly mem?: number }
    }[]
    readonly offers?: readonly unknown[]
  }[]
}

/** Watches a running program over HTTP, as a person with curl would. */
export class DemoWatch {
  readonly jenkins: EmbeddedJenkins
  readonly #running: Running
  readonly #steps: Steps
  #view: View | undefined
  peakCpus = 0
  peakMemMib = 0
  peakAgents = 0

  constructor(running: Running, steps: Steps) {
    const { jenkins } = running.surroundings
    if (jenkins === undefined) throw new Error('the demo needs the embedded Jenkins')
    this.#running = running
    this.#steps = steps
    this.jenkins = jenkins.jenkins
  }

  /** Builds that run now. */
  get running(): number {
    return this.#view?.agents.reduce((sum, { builds }) => sum + builds.length, 0) ?? 0
  }

  get agents(): number {
    return this.#view?.agents.length ?? 0
  }

  /** Items that a cap keeps waiting. */
  get capped(): readonly ItemExplanation[] {
    return this.#view?.queue.filter(({ state }) => state === 'capped') ?? []
  }

  resultOf(job: string): string | null {
    const found = this.jenkins.jobs.find(({ name }) => name === job)
    return found?.builds.at(-1)?.result ?? null
  }

  /** @throws where it takes longer than the limit */
  async until(what: string, limitMs: number, done: () => boolean): Promise<void> {
    await this.#steps.run(what, () => this.#until(what, limitMs, done))
  }

  async #until(what: string, limitMs: number, done: () => boolean): Promise<void> {
    const end = systemClock.now() + limitMs
    for (;;) {
      await this.#look()
      if (done()) return
      if (systemClock.now() > end) throw new Error(`it took longer than ${limitMs / 1000} s until ${what}`)
      await systemClock.sleep(EVERY_MS)
    }
  }

  async hosts(): Promise<number> {
    const { slaves } = (await this.#master('/master/slaves')) as { slaves: readonly unknown[] }
    return slaves.length
  }

  /** Tasks that run now, as the master tells. */
  async tasks(): Promise<readonly { readonly name: string; readonly cpus: number; readonly mem: number }[]> {
    const { frameworks = [] } = (await this.#master('/master/state')) as MasterState
    return frameworks
      .flatMap(({ tasks = [] }) => tasks)
      .map(({ name, resources }) => ({ name, cpus: resources.cpus ?? 0, mem: resources.mem ?? 0 }))
  }

  /** What must be nothing once nothing waits; waits for it as long as the limit. */
  async atRest(limitMs: number): Promise<readonly { readonly what: string; readonly found: number }[]> {
    const end = systemClock.now() + limitMs
    for (;;) {
      const left = await this.#left()
      if (left.every(({ found }) => found === 0) || systemClock.now() > end) return left
      await systemClock.sleep(EVERY_MS)
    }
  }

  async #left(): Promise<readonly { readonly what: string; readonly found: number }[]> {
    await this.#look()
    const { frameworks = [] } = (await this.#master('/master/state')) as MasterState
    const figures = (await this.#master('/metrics/snapshot')) as Record<string, number>
    const roles = Object.entries(figures).filter(([name]) => name.endsWith('/suppressed'))
    const anchors = this.jenkins.nodes.filter(({ name }) => name.startsWith('anchor-')).length
    return [
      { what: 'agents', found: this.agents },
      { what: 'nodes in Jenkins beside the anchors', found: this.jenkins.nodes.length - anchors },
      { what: 'tasks in Mesos', found: frameworks.reduce((sum, { tasks = [] }) => sum + tasks.length, 0) },
      { what: 'offers held', found: frameworks.reduce((sum, { offers = [] }) => sum + offers.length, 0) },
      {
        what: 'roles not suppressed',
        found: roles.length === 0 ? 1 : roles.filter(([, suppressed]) => suppressed !== 1).length,
      },
    ]
  }

  async #look(): Promise<void> {
    const { url } = this.#running
    this.#view = (await getJson(`${url}/api/v1/state`)) as View
    const metrics = await getText(`${url}/metrics`)
    const sum = (name: string): number => sumOf(metrics, name)
    this.peakCpus = Math.max(this.peakCpus, Math.round(sum('jenkins_mesos_allocated_cpus') * 1000) / 1000)
    this.peakMemMib = Math.max(this.peakMemMib, sum('jenkins_mesos_allocated_mem_bytes') / 1024 / 1024)
    this.peakAgents = Math.max(this.peakAgents, sum('jenkins_mesos_agents'))
  }

  #master(path: string): Promise<unknown> {
    const [master] = this.#running.surroundings.endpoints.masters
    return getJson(`${master ?? ''}${path}`)
  }
}
