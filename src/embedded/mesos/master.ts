import { randomUUID } from 'node:crypto'
import type { Cancel, Clock } from '../../core/clock.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../http.ts'
import { Allocator } from './allocator.ts'
import { Answers, target } from './answers.ts'
import type { Authentication, Authenticator } from './authentication.ts'
import type { MasterCheckpoint } from './checkpoint.ts'
import { Cluster, type HostRecord } from './cluster.ts'
import { Draining } from './draining.ts'
import { addressOf } from './host-spec.ts'
import { Maintenance } from './maintenance.ts'
import { masterPage } from './master-endpoints.ts'
import { Membership } from './membership.ts'
import { clusterSettings, type MasterKnobs } from './mesos-options.ts'
import { maintenancePage, operatorCall } from './operator-api.ts'
import { type LoggedCall, SchedulerApi } from './scheduler-api.ts'
import { Subscriptions } from './subscriptions.ts'

/** Who leads: this master, another one (every request is redirected there), or nobody. */
export type Leading = 'leading' | 'recovering' | 'nobody' | { readonly leader: string }

export interface MasterOptions extends MasterKnobs {
  readonly clock: Clock
  /** `127.0.0.1:5050`: where it answers, as told in SUBSCRIBED and redirects. */
  readonly authority: string
  readonly randomUuid?: () => string
  readonly save: (checkpoint: MasterCheckpoint) => void
  /** Frameworks that nobody saw subscribe to this master are never removed, as with a real one after a failover. */
  readonly keepRecovered: boolean
  readonly log?: LoggedCall[]
}

/** What only the leader answers. */
const REDIRECTED =
  /^\/(?:redirect|state|state\.json|slaves|frameworks|tasks|roles|api\/v1.*|maintenance\/(?:schedule|status)|machine\/(?:up|down))$/

/** One life of a master's process: what it knows dies with it. */
export class Master {
  readonly authority: string
  readonly cluster: Cluster
  readonly subscriptions: Subscriptions
  readonly membership: Membership
  readonly maintenance: Maintenance
  readonly draining: Draining
  readonly api: SchedulerApi
  readonly handler: HttpHandler
  readonly #allocator: Allocator
  readonly #answers: Answers
  readonly #authentication: Authentication
  readonly #timers = new Set<Cancel>()
  #leading: Leading = 'nobody'
  #alive = true

  constructor(options: MasterOptions) {
    const { clock, authority, randomUuid = randomUUID } = options
    this.authority = authority
    this.#authentication = options.authentication ?? {}
    this.cluster = new Cluster({
      clock,
      address: addressOf(authority),
      uuid: randomUuid,
      save: options.save,
      settings: clusterSettings(options),
    })
    this.#allocator = new Allocator(this.cluster)
    this.subscriptions = new Subscriptions(this.cluster, this.#allocator, options.fragment)
    this.membership = new Membership(this.cluster, this.#allocator, this.subscriptions, options.keepRecovered)
    this.#answers = new Answers(clock)
    this.maintenance = new Maintenance(this.cluster, this.#allocator, this.membership)
    this.draining = new Draining(this.cluster, this.#allocator, this.membership)
    this.api = new SchedulerApi({
      cluster: this.cluster,
      allocator: this.#allocator,
      subscriptions: this.subscriptions,
      maintenance: this.maintenance,
      draining: this.draining,
      answers: this.#answers,
      log: options.log,
    })
    this.handler = async (request) => this.#handle(request)
  }

  get leading(): Leading {
    return this.#leading
  }

  get alive(): boolean {
    return this.#alive
  }

  /** From now on it leads or follows; who stops leading breaks its subscriptions. */
  lead(leading: Leading): void {
    this.#leading = leading
    if (leading !== 'leading') this.resetStreams()
  }

  /** What an earlier master left; call before `begin`. */
  recover(earlier: MasterCheckpoint | undefined): void {
    this.cluster.restore(earlier)
    this.membership.remember(earlier?.frameworks ?? [])
  }

  /** It leads now: offers are made, and hosts of its predecessor are given up in the end. */
  begin(): void {
    this.#leading = 'leading'
    this.#tick()
    if (this.cluster.recovering.size > 0) {
      this.after(this.cluster.settings.reregisterTimeoutMs, () => {
        this.membership.giveUpRecovering()
      })
    }
  }

  /** The process ends: nothing is told to anybody, connections break. */
  end(): void {
    this.#alive = false
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.cluster.close()
  }

  /** A timer that dies with the process. */
  after(ms: number, callback: () => void): void {
    const cancel = this.cluster.timer(ms, () => {
      this.#timers.delete(cancel)
      callback()
    })
    this.#timers.add(cancel)
  }

  /** @throws {Error} for a host that is not registered here */
  record(hostname: string): HostRecord {
    const records = [...this.cluster.hosts.values()].filter(({ spec }) => spec.hostname === hostname)
    // The newest one: a host that came back under another id has left the old one behind.
    const record = records.at(-1)
    if (record === undefined) throw new Error(`the embedded host ${hostname} has not registered yet`)
    return record
  }

  /** Subscriptions stay open, but nothing comes on them any more. */
  silence(): void {
    for (const { stream } of this.cluster.frameworks.values()) stream?.silence()
  }

  /** Ends every subscription as a master does: last chunk, connection open. */
  endStreams(): void {
    for (const framework of this.cluster.frameworks.values()) {
      if (framework.connected) this.subscriptions.disconnect(framework)
    }
  }

  /** Breaks every subscription: no last chunk. */
  resetStreams(): void {
    for (const framework of this.cluster.frameworks.values()) {
      framework.stream?.reset()
      if (framework.connected) this.subscriptions.disconnect(framework)
    }
  }

  /** Half a HEARTBEAT on every subscription, then its end. */
  halfRecord(): void {
    for (const framework of this.cluster.frameworks.values()) {
      framework.stream?.half({ type: 'HEARTBEAT' })
      if (framework.connected) this.subscriptions.disconnect(framework)
    }
  }

  /** @throws {Error} for an offer that is not out */
  rescind(offerId: string): void {
    const offer = this.cluster.offers.get(offerId)
    if (offer === undefined) throw new Error(`offer ${offerId} cannot be rescinded: it is not outstanding`)
    this.cluster.rescind(offer)
  }

  #handle(request: HttpRequest): HttpResponse {
    const { path } = target(request)
    const page = path.replace(/^\/master(?=\/)/, '')
    const leading = this.#leading
    if (page === '/health') return this.#answers.empty(200)
    const asked = this.#asked(page)
    const principal = asked?.authenticator.principalOf(request.headers['authorization'])
    if (asked !== undefined && principal === undefined) {
      return this.#answers.unauthorized(asked.authenticator.challenge(`mesos-master-${asked.realm}`))
    }
    if (typeof leading === 'object' && REDIRECTED.test(page)) {
      const query = request.path.includes('?') ? request.path.slice(request.path.indexOf('?')) : ''
      const redirect = page === '/redirect' ? '' : `/master${page}${query}`
      return this.#answers.redirect(`//${leading.leader}${redirect}`)
    }
    if (typeof leading === 'object' && page !== '/metrics/snapshot') return this.#answers.notFound()
    if (leading === 'nobody') return this.#answers.text(503, 'No leader elected')
    if (page === '/redirect') return this.#answers.redirect(`//${this.authority}`)
    if (page === '/api/v1/scheduler') {
      if (leading === 'recovering') return this.#answers.text(503, 'Master has not finished recovery')
      return this.api.handle(request, principal)
    }
    const parts = { answers: this.#answers, draining: this.draining, maintenance: this.maintenance }
    if (page.startsWith('/api/v1')) return operatorCall(parts, request)
    const maintained = maintenancePage(parts, request)
    if (maintained !== undefined) return maintained
    return masterPage(this.cluster, this.#answers, request, leading === 'leading') ?? this.#answers.notFound()
  }

  /** Which credentials a page asks for: before anything else is looked at, on followers too. */
  #asked(page: string): { readonly authenticator: Authenticator; readonly realm: string } | undefined {
    const { frameworks, readonly, readwrite } = this.#authentication
    const ask = (authenticator: Authenticator | undefined, realm: string) =>
      authenticator === undefined ? undefined : { authenticator, realm }
    if (page === '/redirect' || page === '/version') return undefined
    if (page === '/api/v1/scheduler') return ask(frameworks, 'scheduler')
    return page.startsWith('/api/v1') || page.startsWith('/machine')
      ? ask(readwrite, 'readwrite')
      : ask(readonly, 'readonly')
  }

  #tick(): void {
    this.after(this.cluster.settings.allocationIntervalMs, () => {
      this.#allocator.allocate()
      this.maintenance.offer()
      this.#tick()
    })
  }
}
