import { messageOf } from '../../src/core/code-of.ts'
import type { AgentId, FrameworkId } from '../../src/core/model.ts'
import type { Offer } from '../../src/core/offer.ts'
import type { MesosEvent, TaskLaunch, TaskStatus } from '../../src/loop/ports.ts'
import { FixedUrlDetector } from '../../src/mesos/detector/fixed-url.ts'
import type { Wants } from '../../src/mesos/framework-info.ts'
import { MesosSession } from '../../src/mesos/session.ts'
import { systemClock } from '../../src/system-clock.ts'
import { launchOf } from '../mesos/launches.ts'
import type { MesosSystem } from './systems.ts'

const WITHIN_MS = 30_000
/** A framework that was forgotten after all goes by itself, and its tasks with it. */
const FAILOVER_TIMEOUT_SECONDS = 60
/** Room for three tasks of `taskOf`. */
const LEAST_CPUS = 300
const LEAST_MEM = 192_000

export interface FrameworkOptions {
  readonly id?: FrameworkId
  /** Statuses are acknowledged as they come, unless false. */
  readonly acknowledge?: boolean
}

/** A session with a memory: everything that was told, in order, and hands to wait for more. */
export class Framework {
  readonly session: MesosSession
  readonly told: MesosEvent[] = []
  /** Told with the next `want`. */
  wants: Wants = { gpus: false, regions: false }
  readonly #system: MesosSystem
  readonly #offers = new Map<string, Offer>()
  readonly #problems: string[] = []
  readonly #waiting = new Set<() => void>()

  constructor(system: MesosSystem, { id, acknowledge = true }: FrameworkOptions = {}) {
    this.#system = system
    const quiet = (): void => undefined
    this.session = new MesosSession({
      framework: {
        user: system.user,
        name: 'jenkins-mesos-sidecar contract test',
        roles: [system.role],
        failoverTimeoutSeconds: FAILOVER_TIMEOUT_SECONDS,
        principal: system.login.principal,
        hostname: undefined,
        webuiUrl: undefined,
      },
      detector: new FixedUrlDetector([system.origin]),
      authorize: system.login.authorize,
      dispatcher: system.login.dispatcher,
      capabilities: () => this.wants,
      clock: systemClock,
      random: () => 0,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    })
    this.session.start(id, (event) => {
      this.told.push(event)
      this.#follow(event, acknowledge)
      for (const wake of this.#waiting) wake()
      this.#waiting.clear()
    })
  }

  /** Ids under which it was ever subscribed. */
  get ids(): readonly FrameworkId[] {
    return this.told.flatMap((event) => (event.kind === 'subscribed' ? [event.frameworkId] : []))
  }

  /** The id, as soon as there is one. */
  subscribed(): Promise<FrameworkId> {
    return this.first('the subscription', (event) => (event.kind === 'subscribed' ? event.frameworkId : undefined))
  }

  /**
   * What `pick` makes of the first event that it wants.
   * @param from events that were told before this one do not count
   * @throws Error that says what did not come, and what came
   */
  first<T>(what: string, pick: (event: MesosEvent) => T | undefined, from = 0): Promise<T> {
    return this.#until(what, () => {
      for (const event of this.told.slice(from)) {
        const picked = pick(event)
        if (picked !== undefined) return picked
      }
      return undefined
    })
  }

  status(taskId: AgentId, state: string, from = 0): Promise<TaskStatus> {
    const pick = (event: MesosEvent): TaskStatus | undefined =>
      event.kind === 'status' && event.status.taskId === taskId && event.status.state === state
        ? event.status
        : undefined
    return this.first(`${state} of ${taskId}`, pick, from)
  }

  /** All that was told of a task, oldest first. */
  statuses(taskId: AgentId): readonly TaskStatus[] {
    return this.told.flatMap((event) =>
      event.kind === 'status' && event.status.taskId === taskId ? [event.status] : [],
    )
  }

  want(): void {
    this.session.want(new Set([this.#system.role]))
  }

  /** An offer that is held, with room for three tasks; others are waited for. */
  offer(): Promise<Offer> {
    return this.#until('an offer', () =>
      [...this.#offers.values()].find(
        ({ free }) => (free['cpus'] ?? 0) >= LEAST_CPUS && (free['mem'] ?? 0) >= LEAST_MEM,
      ),
    )
  }

  async declineAll(refuseSeconds: number): Promise<readonly Offer[]> {
    const offers = [...this.#offers.values()]
    this.#offers.clear()
    await this.session.decline(
      offers.map(({ id }) => id),
      refuseSeconds,
    )
    return offers
  }

  /** Takes an offer for these tasks and returns what is left of it at once. */
  async launch(...launches: readonly TaskLaunch[]): Promise<Offer> {
    this.want()
    const offer = await this.offer()
    this.#offers.delete(offer.id)
    await this.session.accept([offer.id], launches, 0)
    return offer
  }

  /** Resolves when the master has carried out every call so far and all that it told before has come. */
  async fence(): Promise<void> {
    const from = this.told.length
    const taskId = `fence-${from}` as AgentId
    await this.session.reconcile([{ taskId, mesosAgentId: undefined }])
    await this.status(taskId, 'TASK_UNKNOWN', from)
  }

  async #until<T>(what: string, look: () => T | undefined): Promise<T> {
    const deadline = { passed: false }
    let wake = (): void => undefined
    const cancel = systemClock.timer(WITHIN_MS, () => {
      deadline.passed = true
      wake()
    })
    try {
      for (;;) {
        const found = look()
        if (found !== undefined) return found
        if (deadline.passed) throw this.#inVain(what)
        await new Promise<void>((resolve) => {
          wake = resolve
          this.#waiting.add(resolve)
        })
      }
    } finally {
      cancel()
    }
  }

  #inVain(what: string): Error {
    const came = this.told.map((event) =>
      event.kind === 'status' ? `${event.status.taskId} ${event.status.state}` : event.kind,
    )
    const lines = [`waited ${WITHIN_MS / 1000} s in vain for ${what}; what came: ${came.join(', ')}`, ...this.#problems]
    return new Error(lines.join('\n'))
  }

  #follow(event: MesosEvent, acknowledge: boolean): void {
    if (event.kind === 'offers') for (const offer of event.offers) this.#offers.set(offer.id, offer)
    if (event.kind === 'rescind') this.#offers.delete(event.offerId)
    if (event.kind === 'disconnected') this.#offers.clear()
    if (event.kind !== 'status' || !acknowledge) return
    this.session.acknowledge(event.status).catch((error: unknown) => {
      this.#problems.push(`not acknowledged: ${messageOf(error)}`)
    })
  }
}

export interface TaskOptions {
  readonly killGraceSeconds?: number
  /** Fetched before the command runs. */
  readonly uri?: string
  /** Thousandths of a CPU [100]. */
  readonly cpus?: number
}

/** A file that is on every host, in the place of the agent program. */
const FETCHED = 'file:///etc/passwd'

/** A task that runs one shell command. */
export function taskOf(name: string, command: string, options: TaskOptions = {}): TaskLaunch {
  const { killGraceSeconds = 3, uri = FETCHED, cpus = 100 } = options
  return launchOf({
    agentId: name,
    launch: { command, killGraceSeconds },
    agent: { secret: '', jarUrl: uri },
    resources: { cpus, mem: 64_000 },
  })
}

/** Every framework of a test; `end` leaves none of them, and none of their tasks. */
export class Frameworks {
  readonly #system: MesosSystem
  readonly #open = new Set<Framework>()
  readonly #seen = new Set<FrameworkId>()
  readonly #ended = new Set<FrameworkId>()

  constructor(system: MesosSystem) {
    this.#system = system
  }

  get seen(): ReadonlySet<FrameworkId> {
    return this.#seen
  }

  open(options: FrameworkOptions = {}): Framework {
    const framework = new Framework(this.#system, options)
    this.#open.add(framework)
    return framework
  }

  async end(): Promise<void> {
    for (const framework of this.#open) {
      await framework.session.stop()
      for (const id of framework.ids) this.#seen.add(id)
    }
    this.#open.clear()
    for (const id of this.#seen) if (!this.#ended.has(id)) await this.#endOne(id)
  }

  async #endOne(id: FrameworkId): Promise<void> {
    const framework = new Framework(this.#system, { id })
    const known = await framework.first(`framework ${id} to be found again`, (event) => {
      if (event.kind === 'subscribed') return event.frameworkId === id
      return event.kind === 'removed' ? false : undefined
    })
    if (known) {
      await framework.session.teardown()
    } else {
      // It subscribes anew by itself; that one goes, too.
      await framework.subscribed()
      await framework.session.teardown()
    }
    await framework.session.stop()
    this.#ended.add(id)
  }
}
