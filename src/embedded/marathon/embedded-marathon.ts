import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { HttpHandler } from '../http.ts'
import { type Listener, listen } from '../listen.ts'
import { Fleet } from './fleet.ts'
import { masterAt } from './mesos-http.ts'
import { marathonHandler } from './routes.ts'
import { type MesosEvent, SchedulerClient } from './scheduler-client.ts'
import { loadState, saveState } from './state-file.ts'

export interface EmbeddedMarathonOptions {
  readonly clock: Clock
  /** Of a master, or of several with commas between: a redirect is followed, and who is gone is not asked again. */
  readonly mesosUrl: string
  /** In place of what answers at `mesosUrl`. */
  readonly master?: HttpHandler
  /** Where it listens on 127.0.0.1; 0 is any free port, and without it nobody but `handler` is there. */
  readonly port?: number
  /** Where what must not be forgotten lies; without, whoever starts next knows nothing of the tasks. */
  readonly stateDir?: string
  /** For ids; tests fix it. */
  readonly randomUuid?: () => string
  /** From 0 to below 1, for ports. */
  readonly chance: () => number
  /** Told in words of Mesos that is not there, and the like. Default: a warning. */
  readonly onProblem?: (words: string) => void
}

const WEEK_SECONDS = 604_800

/**
 * A small Marathon over a Mesos: pods by LAUNCH_GROUP, apps by LAUNCH, deployments, relaunches with back-off, health
 * checks. Not here: images, groups and dependencies, persistent and external volumes, secrets, networks of containers,
 * readiness checks, the event stream, several Marathons, authentication.
 */
export class EmbeddedMarathon {
  readonly handler: HttpHandler
  /** `undefined` where it does not listen. */
  #listener: Listener | undefined
  readonly #client: SchedulerClient
  readonly #fleet: Fleet
  #frameworkId: string | undefined

  private constructor(options: EmbeddedMarathonOptions) {
    const { clock, mesosUrl, stateDir } = options
    const onProblem =
      options.onProblem ??
      ((words) => {
        process.emitWarning(words)
      })
    const file = stateDir === undefined ? undefined : join(stateDir, 'marathon.json')
    const saved = file === undefined ? undefined : loadState(file)
    this.#frameworkId = saved?.frameworkId
    this.#client = new SchedulerClient({
      clock,
      master: options.master ?? masterAt(mesosUrl),
      frameworkInfo: {
        user: '',
        name: 'marathon',
        roles: ['*'],
        checkpoint: true,
        failover_timeout: WEEK_SECONDS,
        capabilities: ['MULTI_ROLE', 'PARTITION_AWARE', 'RESERVATION_REFINEMENT'].map((type) => ({ type })),
      },
      frameworkId: () => this.#frameworkId,
      onEvent: (event) => {
        this.#onEvent(event, onProblem)
      },
      onProblem,
    })
    this.#fleet = new Fleet({
      clock,
      uuid: options.randomUuid ?? randomUUID,
      chance: options.chance,
      call: (call) => {
        void this.#client.call(call)
      },
      save: (state) => {
        if (file !== undefined) saveState(file, { frameworkId: this.#frameworkId, ...state })
      },
    })
    this.#fleet.restore(saved)
    this.handler = marathonHandler({
      clock,
      fleet: this.#fleet,
      info: () => ({
        name: 'marathon',
        version: '1.11.24-embedded',
        elected: true,
        leader: 'localhost',
        frameworkId: this.#frameworkId ?? null,
        marathon_config: { master: mesosUrl, checkpoint: true, mesos_role: '*', failover_timeout: WEEK_SECONDS },
      }),
    })
  }

  /** @throws (rejects) where the port is taken, or the state cannot be read */
  static async start(options: EmbeddedMarathonOptions): Promise<EmbeddedMarathon> {
    const marathon = new EmbeddedMarathon(options)
    if (options.port !== undefined) {
      marathon.#listener = await listen(marathon.handler, { host: '127.0.0.1', port: options.port })
    }
    marathon.#fleet.start()
    marathon.#client.start()
    return marathon
  }

  /** Origin, without a slash at its end. */
  get url(): string {
    return this.#listener?.url.origin ?? 'http://127.0.0.1'
  }

  /** What it runs goes on, unless `killTasks` tells Mesos to end it. */
  async close({ killTasks = false }: { readonly killTasks?: boolean } = {}): Promise<void> {
    await this.#listener?.close()
    this.#fleet.close()
    if (killTasks) await this.#client.call({ type: 'TEARDOWN' })
    await this.#client.close()
  }

  #onEvent(event: MesosEvent, onProblem: (words: string) => void): void {
    const { subscribed, offers, update, error } = event
    if (subscribed !== undefined) {
      this.#frameworkId = subscribed.framework_id.value
      this.#fleet.onSubscribed()
    }
    if (offers !== undefined) this.#fleet.onOffers(offers.offers)
    if (update !== undefined) this.#fleet.onUpdate(update.status)
    if (error !== undefined) {
      onProblem(`Mesos ended the subscription: ${error.message}`)
      if (!/removed|completed/i.test(error.message)) return
      this.#frameworkId = undefined
      this.#fleet.onRemoved()
    }
  }
}
