import type { Clock } from '../../src/core/clock.ts'
import type { HttpHandler } from '../../src/embedded/http.ts'
import type { StorePort } from '../../src/loop/ports.ts'
import { SENT_HEADER, WHO_HEADER } from '../checker/wire.ts'
import type { FarmFaults } from './farm-faults.ts'
import { SIDECAR_TOKEN } from './farm-jenkins.ts'
import { SILENT, timedLog } from './farm-log.ts'
import { type FarmOptions, JENKINS, MESOS } from './farm-options.ts'
import type { FarmState } from './farm-state.ts'
import type { FarmStore } from './farm-store.ts'
import { SidecarLife, type Step } from './sidecar-life.ts'
import { settle } from './virtual-clock.ts'
import type { SimulatedEnsemble } from './zookeeper/simulated-ensemble.ts'

export interface FarmSidecarOptions {
  /** Its lives are called so, with a number. */
  readonly name: string
  /** How hosts reach it. */
  readonly url: string
  /** In place of `store`. */
  readonly state: FarmState | undefined
  /** Where it looks for masters. */
  readonly zookeeper: SimulatedEnsemble
  /** Everything that was logged, as text. */
  readonly logged: string[]
  /** Steps of all lives. */
  readonly steps: Step[]
  readonly environment: Readonly<Record<string, string>>
  readonly templates: () => object
  readonly crashAt: FarmOptions['crashAt']
  readonly quiet: boolean
  readonly clock: Clock
  /** Of the log, which nobody sets. */
  readonly logClock: Clock
  readonly store: FarmStore
  readonly faults: FarmFaults
  readonly nextId: () => string
  /** A process with this name has written to the store. */
  readonly onCommit: (name: string) => void
  /** Goodbyes to ZooKeeper are waited for by the clock. */
  readonly advance: (ms: number) => Promise<void>
}

/** The one place of the sidecar: it runs there, dies, and is started again. */
export class FarmSidecar {
  /** What it did to the world, in all of its lives. */
  readonly steps: Step[] = []
  readonly #options: FarmSidecarOptions
  #life: SidecarLife | undefined
  #lives = 0

  constructor(options: FarmSidecarOptions) {
    this.#options = options
  }

  get isAlive(): boolean {
    return this.#life?.alive === true
  }

  get life(): SidecarLife {
    if (this.#life === undefined) throw new Error('no sidecar was started')
    return this.#life
  }

  /** @param environment beside that of the farm */
  async start(
    servers: ReadonlyMap<string, HttpHandler>,
    environment: Readonly<Record<string, string>>,
  ): Promise<SidecarLife> {
    if (this.#life?.alive === true) throw new Error('a sidecar runs already')
    const { clock, logClock, store, faults, nextId, crashAt, onCommit, state, logged, steps } = this.#options
    await settle()
    this.#lives += 1
    const isDry = { ...this.#options.environment, ...environment }['DRY_RUN'] === 'true'
    const name = `${this.#options.name}-${this.#lives}`
    this.#life = await SidecarLife.start({
      name,
      environment: {
        JENKINS_URL: `${JENKINS}/`,
        JENKINS_USER: 'sidecar',
        JENKINS_TOKEN: SIDECAR_TOKEN,
        MESOS_MASTER: MESOS,
        MESOS_USER: 'jenkins',
        SIDECAR_URL: this.#options.url,
        TEMPLATES: JSON.stringify({ templates: this.#options.templates() }),
        ...this.#options.environment,
        ...environment,
      },
      clock,
      chance: {
        letters: (length) => nextId().padStart(length, 'x'),
        token: () => `token-${nextId()}`,
        fraction: () => 0.5,
      },
      log: this.#options.quiet ? SILENT : timedLog(logClock, logged, state === undefined ? '' : `${name} `),
      servers: new Map(
        [...servers].map(([origin, handler]) => {
          const watched = state === undefined ? handler : state.watched(name, origin, handler)
          const stamp = stamped(faults.forSidecar(watched), logClock)
          return [origin, isDry ? unseen(stamp) : stamp]
        }),
      ),
      ...(state && { state: (own) => state.compose(name, own) }),
      zookeeper: this.#options.zookeeper.connect(`${name} to masters`),
      store: isDry
        ? UNTOUCHABLE
        : await store.open(() => {
            onCommit(name)
          }),
      crashAt: (step) => {
        this.steps.push(step)
        if (crashAt === undefined && this.#options.quiet) return undefined
        steps.push(step)
        return crashAt?.(step, steps.length - 1)
      },
    })
    return this.#life
  }

  /** Where it still runs. @throws where it leaves a timer or an exchange behind */
  async stop(): Promise<void> {
    if (!this.isAlive) return
    const { life } = this
    const stopped = life.stop()
    await settle()
    if (this.#options.zookeeper.sessions.length > 0) await this.#options.advance(2_000)
    await stopped
    await settle()
    if (life.timers > 0) throw new Error(`the sidecar left ${life.timers} timers`)
    if (life.network.open > 0) throw new Error(`the sidecar left ${life.network.open} exchanges open`)
  }
}

/** The state belongs to the sidecar that a dry run runs beside. */
const UNTOUCHABLE: StorePort = {
  load: () => Promise.reject(new Error('a dry run reads the state')),
  commit: () => Promise.reject(new Error('a dry run writes to the state')),
  close: async () => undefined,
}

/** A dry run does not act: who watches over those that act is not told of it. */
function unseen(handler: HttpHandler): HttpHandler {
  return (request) => {
    const { [WHO_HEADER]: _, ...headers } = request.headers
    return handler({ ...request, headers })
  }
}

/** With the time when it was sent. */
function stamped(handler: HttpHandler, clock: Clock): HttpHandler {
  return (request) => handler({ ...request, headers: { ...request.headers, [SENT_HEADER]: String(clock.now()) } })
}
