import type { Cancel, Clock } from '../../core/clock.ts'
import type { TaskState, WireTaskStatus } from '../../mesos/protocol.ts'
import type { MasterCheckpoint } from './checkpoint.ts'
import { Framework, type MasterTask } from './framework.ts'
import type { Host } from './host.ts'
import { type Address, type FaultDomain, type HostSpec, totalOf } from './host-spec.ts'
import type { ReceivedExecutor } from './received.ts'
import { add, allocate, fromWire, type Pool, subtract, unallocate } from './resources.ts'
import { isTerminal } from './task-text.ts'
import type { Drain, Unavailability } from './upkeep.ts'

export interface ClusterSettings {
  /** Where the master is. */
  readonly faultDomain: FaultDomain | undefined
  readonly heartbeatMs: number
  readonly allocationIntervalMs: number
  readonly offerTimeoutMs: number | undefined
  /** How long a host may be silent before it is unreachable. */
  readonly unreachableAfterMs: number
  /** How long the hosts of an earlier master take to register again. */
  readonly reregisterDelayMs: number
  /** How long they may stay away before they are unreachable. */
  readonly reregisterTimeoutMs: number
}

interface TaskMaking extends Pick<MasterTask, 'frameworkId' | 'mesosAgentId' | 'role' | 'info'> {
  readonly executor?: ReceivedExecutor | undefined
}

interface InverseOffer {
  readonly id: string
  readonly framework: Framework
  readonly record: HostRecord
}

/** A registered host. */
export interface HostRecord {
  readonly id: string
  readonly host: Host
  readonly spec: HostSpec
  readonly total: Pool
  readonly registeredAt: number
  connected: boolean
  /** No offers are made of it. */
  deactivated: boolean
  drain: Drain | undefined
  unreachableAt: number | undefined
  cancelTimer: Cancel | undefined
}

export interface OfferRecord {
  readonly id: string
  readonly framework: Framework
  readonly record: HostRecord
  readonly role: string
  /** Allocated to the role. */
  readonly resources: Pool
  readonly cancelTimer: Cancel | undefined
}

const MOST_REMOVED = 50
/** Timers of Node hold 31 bits of milliseconds. */
const LONGEST_TIMER_MS = 2 ** 30

/** What the master knows: frameworks, hosts, offers. The other parts of the master work on it. */
export class Cluster {
  readonly masterId: string
  readonly address: Address
  readonly startedAt: number
  readonly clock: Clock
  readonly settings: ClusterSettings
  readonly uuid: () => string
  readonly frameworks = new Map<string, Framework>()
  /** The last frameworks that were removed, by id. */
  readonly removed = new Map<string, Framework>()
  /** By Mesos agent id: those registered, the unreachable ones included. */
  readonly hosts = new Map<string, HostRecord>()
  /** Mesos agent ids of an earlier master's hosts that are not back yet. */
  readonly recovering = new Map<string, string>()
  /** When hosts of an earlier master that never came were given up, by Mesos agent id. */
  readonly lost = new Map<string, number>()
  /** Mesos agent ids that an operator marked gone. */
  readonly gone = new Set<string>()
  /** Windows of the maintenance schedule, by hostname. */
  readonly unavailable = new Map<string, Unavailability>()
  /** Hostnames of machines in DOWN mode: no host of theirs may register. */
  readonly down = new Set<string>()
  readonly offers = new Map<string, OfferRecord>()
  readonly inverseOffers = new Map<string, InverseOffer>()
  readonly counts = new Map<string, number>()
  readonly #save: (checkpoint: MasterCheckpoint) => void
  /** Of an earlier master's hosts. */
  readonly #drains = new Map<string, Drain | undefined>()
  #frameworkCount = 0
  #hostCount = 0
  #offerCount = 0

  constructor(options: {
    readonly clock: Clock
    readonly settings: ClusterSettings
    readonly address: Address
    readonly uuid: () => string
    readonly save: (checkpoint: MasterCheckpoint) => void
  }) {
    this.clock = options.clock
    this.settings = options.settings
    this.address = options.address
    this.uuid = options.uuid
    this.#save = options.save
    this.masterId = options.uuid()
    this.startedAt = options.clock.now()
  }

  /** What an earlier master left: hosts that should come back, frameworks that must not. */
  restore(earlier: MasterCheckpoint | undefined): void {
    for (const { mesosAgentId, hostname } of earlier?.hosts ?? []) this.recovering.set(mesosAgentId, hostname)
    for (const id of earlier?.operator?.gone ?? []) this.gone.add(id)
    for (const hostname of earlier?.operator?.down ?? []) this.down.add(hostname)
    for (const [hostname, window] of earlier?.operator?.unavailable ?? []) this.unavailable.set(hostname, window)
    for (const [id, drain] of earlier?.operator?.drains ?? []) this.#drains.set(id, drain)
    for (const { id, info, registeredAt } of earlier?.removed ?? []) {
      this.removed.set(id, new Framework(id, info, registeredAt))
    }
  }

  /** No timer and no subscription is left. */
  close(): void {
    for (const offer of this.offers.values()) this.dropOffer(offer)
    for (const { cancelTimer } of this.hosts.values()) cancelTimer?.()
    for (const framework of this.frameworks.values()) {
      framework.cancelTimer?.()
      framework.stream?.reset()
      framework.stream = undefined
    }
  }

  nextFrameworkId(): string {
    return `${this.masterId}-${String(this.#frameworkCount++).padStart(4, '0')}`
  }

  nextHostId(): string {
    return `${this.masterId}-S${this.#hostCount++}`
  }

  nextOfferId(): string {
    return `${this.masterId}-O${this.#offerCount++}`
  }

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by)
  }

  /** A timer of any length. */
  timer(ms: number, callback: () => void): Cancel {
    let cancel: Cancel
    const start = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMER_MS)
      cancel = this.clock.timer(step, () => {
        if (left > step) start(left - step)
        else callback()
      })
    }
    start(ms)
    return () => {
      cancel()
    }
  }

  seconds(): number {
    return this.clock.now() / 1000
  }

  /** A host that can be given work. */
  active(record: HostRecord): boolean {
    return record.connected && record.unreachableAt === undefined
  }

  tasksOn(record: HostRecord): MasterTask[] {
    return [...this.frameworks.values()].flatMap(({ tasks }) =>
      [...tasks.values()].filter(({ mesosAgentId }) => mesosAgentId === record.id),
    )
  }

  offersOf(record: HostRecord): OfferRecord[] {
    return [...this.offers.values()].filter((offer) => offer.record === record)
  }

  /** What tasks take of a host, with the roles it is allocated to. */
  used(record: HostRecord): Pool {
    const tasks = this.tasksOn(record).filter(({ state }) => !isTerminal(state))
    const executors = new Map(
      tasks.flatMap(({ frameworkId: id, executor }) => (executor ? [[`${id} ${executor.id}`, executor]] : [])),
    )
    return [...tasks, ...executors.values()].reduce<Pool>((sum, { resources }) => add(sum, resources), [])
  }

  offered(record: HostRecord): Pool {
    return this.offersOf(record).reduce<Pool>((sum, { resources }) => add(sum, resources), [])
  }

  /** What nobody has and nobody is offered. */
  free(record: HostRecord): Pool {
    return subtract(record.total, unallocated(add(this.used(record), this.offered(record))))
  }

  addHost(host: Host, id: string): HostRecord {
    const record: HostRecord = {
      id,
      host,
      spec: host.spec,
      total: totalOf(host.spec),
      registeredAt: this.clock.now(),
      connected: true,
      deactivated: false,
      drain: undefined,
      unreachableAt: undefined,
      cancelTimer: undefined,
    }
    this.hosts.set(id, record)
    const drain = this.#drains.get(id)
    if (drain !== undefined) Object.assign(record, { drain, deactivated: true })
    this.lost.delete(id)
    // Under another id, its work directory was lost: then nobody else will come under the old one.
    for (const [old, hostname] of this.recovering) {
      if (old === id || hostname === host.spec.hostname) this.recovering.delete(old)
    }
    return record
  }

  makeTask(
    { executor, ...task }: TaskMaking,
    resources: Pool = fromWire(task.info.resources ?? [], task.role),
  ): MasterTask {
    return {
      ...task,
      taskId: task.info.task_id.value,
      resources,
      executor: executor && {
        id: executor.executor_id.value,
        resources: fromWire(executor.resources ?? [], task.role),
      },
      state: 'TASK_STAGING',
      forwarded: 'TASK_STAGING',
      forwardedUuid: undefined,
      statuses: [],
      unreachableAt: undefined,
    }
  }

  makeOffer(
    framework: Framework,
    record: HostRecord,
    role: string,
    resources: Pool,
    cancelTimer: (id: string) => Cancel | undefined,
  ): OfferRecord {
    const id = this.nextOfferId()
    const offer = { id, framework, record, role, resources: allocate(resources, role), cancelTimer: cancelTimer(id) }
    this.offers.set(id, offer)
    return offer
  }

  /** Takes an offer back; what is told to whom is the caller's business. */
  dropOffer(offer: OfferRecord): void {
    offer.cancelTimer?.()
    this.offers.delete(offer.id)
  }

  rescind(offer: OfferRecord): void {
    this.dropOffer(offer)
    offer.framework.count('offers/rescinded')
    offer.framework.send({ type: 'RESCIND', rescind: { offer_id: { value: offer.id } } })
  }

  rescindInverse(record: HostRecord): void {
    for (const { id, framework, record: own } of this.inverseOffers.values()) {
      if (own !== record) continue
      this.inverseOffers.delete(id)
      framework.send({ type: 'RESCIND_INVERSE_OFFER', rescind_inverse_offer: { inverse_offer_id: { value: id } } })
    }
  }

  dropOffersOf(framework: Framework): void {
    for (const inverse of this.inverseOffers.values()) {
      if (inverse.framework === framework) this.inverseOffers.delete(inverse.id)
    }
    for (const offer of this.offers.values()) if (offer.framework === framework) this.dropOffer(offer)
  }

  forget(framework: Framework): void {
    this.frameworks.delete(framework.id)
    this.removed.set(framework.id, framework)
    const [oldest] = this.removed.keys()
    if (this.removed.size > MOST_REMOVED && oldest !== undefined) this.removed.delete(oldest)
  }

  /** A status that the master made itself: no uuid, never to be acknowledged. */
  masterStatus(
    taskId: string,
    state: TaskState,
    message: string,
    reason: string,
    extra: { readonly mesosAgentId?: string | undefined } & Pick<
      WireTaskStatus,
      'container_status' | 'unreachable_time'
    > = {},
  ): WireTaskStatus {
    const { mesosAgentId, ...rest } = extra
    return {
      task_id: { value: taskId },
      state,
      message,
      source: 'SOURCE_MASTER',
      reason,
      ...(mesosAgentId === undefined ? {} : { agent_id: { value: mesosAgentId } }),
      timestamp: this.seconds(),
      ...rest,
    }
  }

  tell(framework: Framework, status: WireTaskStatus): void {
    framework.send({ type: 'UPDATE', update: { status } })
  }

  /** Written whenever frameworks or hosts come or go. */
  save(): void {
    const shown = ({ id, info, registeredAt }: Framework) => ({ id, info, registeredAt })
    this.#save({
      frameworks: [...this.frameworks.values()].map(shown),
      removed: [...this.removed.values()].map(shown),
      hosts: [
        ...[...this.hosts.values()].map(({ id, spec }) => ({ mesosAgentId: id, hostname: spec.hostname })),
        ...[...this.recovering].map(([mesosAgentId, hostname]) => ({ mesosAgentId, hostname })),
      ],
      operator: {
        gone: [...this.gone],
        down: [...this.down],
        unavailable: [...this.unavailable],
        drains: [...this.hosts.values()].flatMap(({ id, drain }) =>
          drain === undefined ? [] : [[id, drain] as const],
        ),
      },
    })
  }
}

/** Allocation forgotten, equal parts joined. */
export function unallocated(pool: Pool): Pool {
  return add([], unallocate(pool))
}
