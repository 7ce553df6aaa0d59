import { randomUUID } from 'node:crypto'
import type { Cancel, Clock } from '../../core/clock.ts'
import type { HttpHandler } from '../http.ts'
import { Allocator } from './allocator.ts'
import { Answers, target } from './answers.ts'
import { type Checkpoints, fileCheckpoints, NO_CHECKPOINTS } from './checkpoint.ts'
import { Cluster, type HostRecord } from './cluster.ts'
import type { Fragment } from './event-stream.ts'
import { Host } from './host.ts'
import { hostHandler } from './host-endpoints.ts'
import { addressOf, type HostSpec } from './host-spec.ts'
import { masterPage, operatorCall } from './master-endpoints.ts'
import { Membership } from './membership.ts'
import type { TaskRunner } from './runner.ts'
import { type LoggedCall, SchedulerApi } from './scheduler-api.ts'
import { Subscriptions } from './subscriptions.ts'
import { isTerminal } from './task-text.ts'
import { onUpdate } from './tasks.ts'

export interface EmbeddedMesosOptions {
  readonly clock: Clock
  readonly hosts: readonly HostSpec[]
  /** Called for each host, and again when one returns from a power failure. */
  readonly runnerFor: (spec: HostSpec) => TaskRunner
  /** `127.0.0.1:5050`: where `masterHandler` answers, as told in SUBSCRIBED and redirects. */
  readonly masterAuthority: string
  /** For ids, update uuids and stream ids; tests fix it. */
  readonly randomUuid?: () => string
  /** Where tasks, updates and frameworks survive the process; nothing does without. */
  readonly stateDir?: string
  readonly heartbeatMs?: number
  readonly allocationIntervalMs?: number
  /** The first retry of an update; doubles up to 10 minutes. */
  readonly statusRetryMs?: number
  /** Offers are rescinded after this long; never, without. */
  readonly offerTimeoutMs?: number
  readonly agentPingTimeoutMs?: number
  /** A host is unreachable after so many pings in a row went unanswered. */
  readonly maxAgentPingTimeouts?: number
  /** Hosts of an earlier life take this long to register: reconciliation is mute as long. */
  readonly reregisterDelayMs?: number
  readonly reregisterTimeoutMs?: number
  /** Told in words what went wrong beside the protocol. Default: a warning. */
  readonly onProblem?: (words: string) => void
  /** Splits what leaves on a subscription into HTTP chunks; one a record, as Mesos does, without. */
  readonly fragment?: Fragment
}

export interface MesosSnapshot {
  readonly frameworks: readonly {
    readonly id: string
    readonly name: string
    readonly connected: boolean
    readonly roles: readonly string[]
    readonly suppressedRoles: readonly string[]
    readonly outstandingOffers: number
  }[]
  readonly offers: readonly { readonly id: string; readonly frameworkId: string; readonly hostname: string }[]
  /** Those whose terminal update was not acknowledged yet included. */
  readonly tasks: readonly {
    readonly frameworkId: string
    readonly taskId: string
    readonly hostname: string
    readonly state: string
  }[]
  readonly hosts: readonly {
    readonly hostname: string
    readonly mesosAgentId: string
    readonly connected: boolean
    readonly unreachable: boolean
  }[]
}

/** Who leads: this master, another one (every request is redirected there), or nobody. */
export type Leading = 'leading' | 'recovering' | 'nobody' | { readonly leader: string }

interface HostEntry {
  readonly host: Host
  readonly handler: HttpHandler
  readonly poweredOff: boolean
}

const MOST_RETRY_MS = 600_000
const DEFAULT_REREGISTER_DELAY_MS = 500
const DEFAULT_REREGISTER_TIMEOUT_MS = 600_000

/**
 * A Mesos master and its agents in this process, as a framework and a reader of usage see them: after recorded
 * exchanges with a real one. Deliberately not here: the v0 API, protobuf bodies, the operator API of the master,
 * quotas, task groups, custom executors, offer constraints, persistent volumes, maintenance, UPDATE_FRAMEWORK.
 */
export class EmbeddedMesos {
  readonly masterHandler: HttpHandler
  /** For a listener that all hosts share: the host is the one that the `Host` header names. */
  readonly hostsHandler: HttpHandler
  readonly #options: EmbeddedMesosOptions
  readonly #checkpoints: Checkpoints
  readonly #cluster: Cluster
  readonly #allocator: Allocator
  readonly #subscriptions: Subscriptions
  readonly #membership: Membership
  readonly #api: SchedulerApi
  readonly #answers: Answers
  readonly #hosts = new Map<string, HostEntry>()
  readonly #timers = new Set<Cancel>()
  #leading: Leading = 'leading'
  #closed = false

  private constructor(options: EmbeddedMesosOptions) {
    const { clock, randomUuid = randomUUID } = options
    this.#options = options
    this.#checkpoints = options.stateDir === undefined ? NO_CHECKPOINTS : fileCheckpoints(options.stateDir)
    const earlier = this.#checkpoints.loadMaster()
    this.#cluster = new Cluster({
      clock,
      address: addressOf(options.masterAuthority),
      uuid: randomUuid,
      save: this.#checkpoints.saveMaster,
      settings: {
        heartbeatMs: options.heartbeatMs ?? 15_000,
        allocationIntervalMs: options.allocationIntervalMs ?? 1_000,
        offerTimeoutMs: options.offerTimeoutMs,
        unreachableAfterMs: (options.agentPingTimeoutMs ?? 15_000) * (options.maxAgentPingTimeouts ?? 5),
        reregisterTimeoutMs: options.reregisterTimeoutMs ?? DEFAULT_REREGISTER_TIMEOUT_MS,
      },
    })
    this.#cluster.restore(earlier)
    this.#allocator = new Allocator(this.#cluster)
    this.#subscriptions = new Subscriptions(this.#cluster, this.#allocator, options.fragment)
    this.#membership = new Membership(this.#cluster, this.#allocator, this.#subscriptions, earlier?.frameworks ?? [])
    this.#answers = new Answers(clock)
    this.#api = new SchedulerApi(this.#cluster, this.#allocator, this.#subscriptions, this.#answers)
    this.masterHandler = async (request) => this.#master(request)
    this.hostsHandler = async (request) => {
      const authority = request.headers['host'] ?? ''
      const found = [...this.#hosts.values()].find(({ host }) => host.spec.authority === authority)
      if (found !== undefined) return found.handler(request)
      const known = [...this.#hosts.values()].map(({ host }) => host.spec.authority).join(', ')
      return this.#answers.text(404, `No embedded host answers to Host '${authority}'; there are ${known}`)
    }
  }

  /** Starts the master and its hosts; tasks of an earlier life are found again. */
  static async start(options: EmbeddedMesosOptions): Promise<EmbeddedMesos> {
    const mesos = new EmbeddedMesos(options)
    mesos.#tick()
    for (const spec of options.hosts) await mesos.#startHost(spec)
    if (mesos.#cluster.recovering.size > 0) {
      mesos.#after(mesos.#cluster.settings.reregisterTimeoutMs, () => {
        mesos.#membership.giveUpRecovering()
      })
    }
    return mesos
  }

  get masterId(): string {
    return this.#cluster.masterId
  }

  /** The last 1000 calls that passed the checks of the body, oldest first. */
  get calls(): readonly LoggedCall[] {
    return this.#api.calls
  }

  /** @throws {Error} for a host that is not there */
  hostHandler(hostname: string): HttpHandler {
    return this.#host(hostname).handler
  }

  snapshot(): MesosSnapshot {
    const frameworks = [...this.#cluster.frameworks.values()]
    const offers = [...this.#cluster.offers.values()]
    const hostnames = new Map([...this.#cluster.hosts.values()].map(({ id, spec }) => [id, spec.hostname]))
    return {
      frameworks: frameworks.map((framework) => ({
        id: framework.id,
        name: framework.info.name,
        connected: framework.connected,
        roles: framework.roles,
        suppressedRoles: [...framework.suppressed],
        outstandingOffers: offers.filter((offer) => offer.framework === framework).length,
      })),
      offers: offers.map(({ id, framework, record }) => ({
        id,
        frameworkId: framework.id,
        hostname: record.spec.hostname,
      })),
      tasks: frameworks.flatMap(({ tasks, unreachable }) =>
        [...tasks.values(), ...unreachable.values()].map(({ frameworkId, taskId, mesosAgentId, state }) => ({
          frameworkId,
          taskId,
          hostname: hostnames.get(mesosAgentId) ?? '',
          state,
        })),
      ),
      hosts: [...this.#cluster.hosts.values()].map(({ id, spec, connected, unreachableAt }) => ({
        hostname: spec.hostname,
        mesosAgentId: id,
        connected,
        unreachable: unreachableAt !== undefined,
      })),
    }
  }

  /** No task runs, no offer is out. */
  isIdle(): boolean {
    const { tasks, offers } = this.snapshot()
    return offers.length === 0 && tasks.every(({ state }) => isTerminal(state as Parameters<typeof isTerminal>[0]))
  }

  /** Subscriptions stay open, but nothing comes on them any more. */
  silence(): void {
    for (const { stream } of this.#cluster.frameworks.values()) stream?.silence()
  }

  /** Ends every subscription as a master does: last chunk, connection open. */
  endStreams(): void {
    for (const framework of this.#cluster.frameworks.values()) {
      if (framework.connected) this.#subscriptions.disconnect(framework)
    }
  }

  /** Breaks every subscription as a dying master does: no last chunk. */
  resetStreams(): void {
    for (const framework of this.#cluster.frameworks.values()) {
      framework.stream?.reset()
      if (framework.connected) this.#subscriptions.disconnect(framework)
    }
  }

  /** Half a HEARTBEAT on every subscription, then its end. */
  halfRecord(): void {
    for (const framework of this.#cluster.frameworks.values()) {
      framework.stream?.half({ type: 'HEARTBEAT' })
      if (framework.connected) this.#subscriptions.disconnect(framework)
    }
  }

  /** From now on this master leads or follows; who stops leading breaks its subscriptions. */
  lead(leading: Leading): void {
    this.#leading = leading
    if (leading !== 'leading') this.resetStreams()
  }

  loseNextAck(): void {
    this.#api.loseNextAck()
  }

  /** @throws {Error} for an offer that is not out */
  rescind(offerId: string): void {
    const offer = this.#cluster.offers.get(offerId)
    if (offer === undefined) throw new Error(`offer ${offerId} cannot be rescinded: it is not outstanding`)
    this.#cluster.rescind(offer)
  }

  async addHost(spec: HostSpec): Promise<void> {
    if (this.#hosts.has(spec.hostname)) throw new Error(`there is a host ${spec.hostname} already: return it instead`)
    await this.#startHost(spec)
  }

  /**
   * The master hears nothing of the host any more: its offers are rescinded, later it is unreachable. `keep` leaves
   * its tasks running (a broken network), `lost` ends them (a broken machine).
   */
  async removeHost(hostname: string, { tasks }: { readonly tasks: 'lost' | 'keep' }): Promise<void> {
    const { host, handler } = this.#host(hostname)
    const record = this.#record(hostname)
    this.#membership.disconnect(record)
    if (tasks === 'lost') {
      this.#hosts.set(hostname, { host, handler, poweredOff: true })
      await host.powerOff()
    } else host.disconnect()
  }

  /** A removed host is back with its Mesos agent id. */
  async returnHost(hostname: string): Promise<void> {
    const { host, handler, poweredOff } = this.#host(hostname)
    if (poweredOff) {
      this.#hosts.set(hostname, { host, handler, poweredOff: false })
      await host.powerOn()
    }
    this.#membership.reconnect(this.#record(hostname))
  }

  /** The host leaves for good, in order: TASK_LOST for what ran there. */
  async unregisterHost(hostname: string): Promise<void> {
    const { host } = this.#host(hostname)
    this.#membership.unregister(this.#record(hostname))
    this.#hosts.delete(hostname)
    await host.close({ killTasks: true })
    this.#checkpoints.saveHost({ hostname, mesosAgentId: '', tasks: [] })
  }

  /** Ends everything; without `killTasks` the tasks go on, for the next start with the same `stateDir`. */
  async close({ killTasks }: { readonly killTasks: boolean }): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const cancel of this.#timers) cancel()
    this.#cluster.close()
    await Promise.all([...this.#hosts.values()].map(async ({ host }) => host.close({ killTasks })))
  }

  async #startHost(spec: HostSpec): Promise<void> {
    const host = new Host({
      clock: this.#options.clock,
      spec,
      runnerFor: this.#options.runnerFor,
      ...(this.#options.randomUuid === undefined ? {} : { randomUuid: this.#options.randomUuid }),
      retryMs: this.#options.statusRetryMs ?? 10_000,
      mostRetryMs: MOST_RETRY_MS,
      onUpdate: (frameworkId, status, latest) => {
        onUpdate(this.#cluster, frameworkId, status, latest)
      },
      onProblem:
        this.#options.onProblem ??
        ((words) => {
          process.emitWarning(words)
        }),
      save: this.#checkpoints.saveHost,
    })
    const frameworkOf = (id: string) => {
      const { info, roles } = this.#cluster.frameworks.get(id) ?? this.#cluster.removed.get(id) ?? {}
      return {
        name: info?.name ?? '',
        user: info?.user ?? '',
        failoverTimeout: info?.failover_timeout ?? 0,
        checkpoint: info?.checkpoint ?? false,
        roles: roles ?? [],
      }
    }
    this.#hosts.set(spec.hostname, {
      host,
      handler: hostHandler(host, this.#options.clock, frameworkOf),
      poweredOff: false,
    })
    await host.recover(this.#checkpoints.loadHost(spec.hostname))
    if (host.id === '') this.#membership.register(host)
    else {
      this.#after(this.#options.reregisterDelayMs ?? DEFAULT_REREGISTER_DELAY_MS, () => {
        this.#membership.register(host)
      })
    }
  }

  #master(request: Parameters<HttpHandler>[0]): Awaited<ReturnType<HttpHandler>> {
    const { path } = target(request)
    const page = path.replace(/^\/master(?=\/)/, '')
    const leading = this.#leading
    if (page === '/health') return this.#answers.empty(200)
    if (typeof leading === 'object' && page !== '/metrics/snapshot') {
      const query = request.path.includes('?') ? request.path.slice(request.path.indexOf('?')) : ''
      const redirect = page === '/redirect' ? '' : `/master${page}${query}`
      return this.#answers.redirect(`//${leading.leader}${redirect}`)
    }
    if (leading === 'nobody') return this.#answers.text(503, 'No leader elected')
    if (page === '/redirect') return this.#answers.redirect(`//${this.#options.masterAuthority}`)
    if (page === '/api/v1/scheduler') {
      if (leading === 'recovering') return this.#answers.text(503, 'Master has not finished recovery')
      return this.#api.handle(request)
    }
    if (page.startsWith('/api/v1')) return operatorCall(this.#answers, request)
    return masterPage(this.#cluster, this.#answers, request, leading === 'leading') ?? this.#answers.notFound()
  }

  #tick(): void {
    this.#after(this.#cluster.settings.allocationIntervalMs, () => {
      this.#allocator.allocate()
      this.#tick()
    })
  }

  #after(ms: number, callback: () => void): void {
    const cancel = this.#cluster.timer(ms, () => {
      this.#timers.delete(cancel)
      callback()
    })
    this.#timers.add(cancel)
  }

  #host(hostname: string): HostEntry {
    const found = this.#hosts.get(hostname)
    if (found === undefined) {
      throw new Error(`there is no embedded host ${hostname}; there are ${[...this.#hosts.keys()].join(', ')}`)
    }
    return found
  }

  #record(hostname: string): HostRecord {
    const record = [...this.#cluster.hosts.values()].find(({ spec }) => spec.hostname === hostname)
    if (record === undefined) throw new Error(`the embedded host ${hostname} has not registered yet`)
    return record
  }
}
