import type { Allocator } from './allocator.ts'
import type { Cluster, HostRecord } from './cluster.ts'
import type { Framework } from './framework.ts'
import { addressOf } from './host-spec.ts'
import type { Membership } from './membership.ts'
import type { Unavailability } from './upkeep.ts'

export interface MachineId {
  readonly hostname?: string
  readonly ip?: string
}

/** A window of the operator's schedule, as `/maintenance/schedule` takes it. */
export interface Window {
  readonly machine_ids?: readonly MachineId[]
  readonly unavailability: Unavailability
}

interface InverseFilter {
  readonly framework: Framework
  readonly record: HostRecord
  readonly until: number
}

const DEFAULT_REFUSE_SECONDS = 5

/** Maintenance: windows in offers, inverse offers to who has something there, machines that go down. */
export class Maintenance {
  readonly #cluster: Cluster
  readonly #allocator: Allocator
  readonly #membership: Membership
  #filters: readonly InverseFilter[] = []

  constructor(cluster: Cluster, allocator: Allocator, membership: Membership) {
    this.#cluster = cluster
    this.#allocator = allocator
    this.#membership = membership
  }

  get schedule(): readonly Window[] {
    return [...this.#cluster.unavailable].map(([hostname, unavailability]) => ({
      machine_ids: [this.#machineId(hostname)],
      unavailability,
    }))
  }

  get status(): { readonly draining: readonly MachineId[]; readonly down: readonly MachineId[] } {
    const { unavailable, down } = this.#cluster
    return {
      draining: [...unavailable.keys()].filter((name) => !down.has(name)).map((name) => this.#machineId(name)),
      down: [...down].map((name) => this.#machineId(name)),
    }
  }

  /** A new schedule replaces the old one: what was offered of hosts whose window changed is taken back and told anew. */
  update(windows: readonly Window[]): void {
    const { unavailable } = this.#cluster
    const before = new Map(unavailable)
    unavailable.clear()
    for (const { machine_ids = [], unavailability } of windows) {
      for (const id of machine_ids) unavailable.set(this.#hostname(id), unavailability)
    }
    this.#cluster.save()
    for (const record of this.#cluster.hosts.values()) {
      const { hostname } = record.spec
      if (JSON.stringify(before.get(hostname)) === JSON.stringify(unavailable.get(hostname))) continue
      for (const offer of this.#cluster.offersOf(record)) this.#cluster.rescind(offer)
      this.#cluster.rescindInverse(record)
      this.#filters = this.#filters.filter((filter) => filter.record !== record)
    }
    this.#allocator.allocate()
    this.offer()
  }

  /** Machines of the schedule go down: their hosts are removed. What is wrong, in words; then nothing happens. */
  down(ids: readonly MachineId[]): string | undefined {
    const names = ids.map((id) => this.#hostname(id))
    const stray = names.find((name) => !this.#cluster.unavailable.has(name))
    if (stray !== undefined) return `Machine '${stray}' is not part of a maintenance schedule`
    for (const name of names) {
      this.#cluster.down.add(name)
      for (const record of [...this.#cluster.hosts.values()]) {
        if (record.spec.hostname !== name) continue
        this.#membership.unregister(record, "Operator initiated 'Machine DOWN'")
        record.host.shutDown()
      }
    }
    this.#cluster.save()
    return undefined
  }

  /** They may register again, and leave the schedule. */
  up(ids: readonly MachineId[]): string | undefined {
    const names = ids.map((id) => this.#hostname(id))
    const stray = names.find((name) => !this.#cluster.down.has(name))
    if (stray !== undefined) return `Machine '${stray}' is not in DOWN mode and cannot be brought up`
    for (const name of names) {
      this.#cluster.down.delete(name)
      this.#cluster.unavailable.delete(name)
    }
    this.#cluster.save()
    return undefined
  }

  /** At each allocation: whoever has something on a host with a window, and neither holds nor filters it. */
  offer(): void {
    if (this.#cluster.unavailable.size === 0) return
    const now = this.#cluster.clock.now()
    this.#filters = this.#filters.filter(({ until }) => until >= now)
    for (const framework of this.#cluster.frameworks.values()) {
      if (!framework.connected) continue
      const inverse = [...this.#cluster.hosts.values()].flatMap((record) => this.#inverse(framework, record) ?? [])
      if (inverse.length > 0) framework.send({ type: 'INVERSE_OFFERS', inverse_offers: { inverse_offers: inverse } })
    }
  }

  /** ACCEPT_ or DECLINE_INVERSE_OFFERS: both are advice only, and silence the offer for a while. */
  answer(framework: Framework, ids: readonly string[], refuseSeconds = DEFAULT_REFUSE_SECONDS): void {
    const { clock, settings, inverseOffers } = this.#cluster
    const seconds = refuseSeconds < 0 ? DEFAULT_REFUSE_SECONDS : refuseSeconds
    for (const id of ids) {
      const inverse = inverseOffers.get(id)
      if (inverse?.framework !== framework) continue
      inverseOffers.delete(id)
      if (seconds === 0) continue
      const until = clock.now() + Math.max(seconds * 1000, settings.allocationIntervalMs)
      this.#filters = [...this.#filters, { framework, record: inverse.record, until }]
    }
  }

  #inverse(framework: Framework, record: HostRecord): unknown {
    const { unavailable, inverseOffers } = this.#cluster
    const unavailability = unavailable.get(record.spec.hostname)
    if (unavailability === undefined || !this.#cluster.active(record)) return undefined
    const has =
      this.#cluster.tasksOn(record).some(({ frameworkId }) => frameworkId === framework.id) ||
      this.#cluster.offersOf(record).some((offer) => offer.framework === framework)
    const same = (one: { readonly framework: Framework; readonly record: HostRecord }): boolean =>
      one.framework === framework && one.record === record
    if (!has || [...inverseOffers.values()].some(same) || this.#filters.some(same)) return undefined
    const id = this.#cluster.nextOfferId()
    inverseOffers.set(id, { id, framework, record })
    const { hostname, ip, port } = addressOf(record.spec.authority)
    return {
      id: { value: id },
      url: { scheme: 'http', address: { hostname, ip, port }, path: '/slave(1)' },
      framework_id: { value: framework.id },
      agent_id: { value: record.id },
      unavailability,
    }
  }

  #machineId(hostname: string): MachineId {
    const record = [...this.#cluster.hosts.values()].find(({ spec }) => spec.hostname === hostname)
    return record === undefined ? { hostname } : { hostname, ip: addressOf(record.spec.authority).ip }
  }

  #hostname({ hostname, ip }: MachineId): string {
    if (hostname !== undefined) return hostname
    const found = [...this.#cluster.hosts.values()].find(({ spec }) => addressOf(spec.authority).ip === ip)
    return found?.spec.hostname ?? ip ?? ''
  }
}
