import type { Cluster, HostRecord, OfferRecord } from './cluster.ts'
import type { Framework } from './framework.ts'
import { addressOf, attributesOf } from './host-spec.ts'
import { admits } from './offer-constraints.ts'
import { allocate, contains, isEmpty, type Pool, rangesOf, scalar, subtract, toWire } from './resources.ts'

interface Filter {
  readonly framework: Framework
  readonly role: string
  readonly record: HostRecord
  /** What was refused: holds for anything that is not more. */
  readonly resources: Pool
  readonly until: number
}

const DEFAULT_REFUSE_SECONDS = 5
const MOST_REFUSE_SECONDS = 31_536_000
/** Without a filter of the framework, a host must have as much of one of them to be offered. */
const LEAST_CPUS_MILLI = 10
const LEAST_MEM_MILLI = 32_000

/** Decides who is offered what: all that a host has free, to one framework and role at a time. */
export class Allocator {
  readonly #cluster: Cluster
  #filters: readonly Filter[] = []

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** The framework does not want so little of that host for a while. `0` s is no filter, none or less is 5 s. */
  refuse(offer: OfferRecord, resources: Pool, refuseSeconds = DEFAULT_REFUSE_SECONDS): void {
    const { clock, settings } = this.#cluster
    if (refuseSeconds === 0 || isEmpty(resources)) return
    const seconds = refuseSeconds < 0 ? DEFAULT_REFUSE_SECONDS : Math.min(refuseSeconds, MOST_REFUSE_SECONDS)
    const { framework, role, record } = offer
    const until = clock.now() + Math.max(seconds * 1000, settings.allocationIntervalMs)
    this.#filters = [...this.#filters, { framework, role, record, resources, until }]
  }

  clearFilters(framework: Framework, roles: readonly string[] = framework.roles): void {
    this.#filters = this.#filters.filter((filter) => filter.framework !== framework || !roles.includes(filter.role))
  }

  /** What was refused of it may come back otherwise. */
  forgetHost(record: HostRecord): void {
    this.#filters = this.#filters.filter((filter) => filter.record !== record)
  }

  allocate(): void {
    const now = this.#cluster.clock.now()
    // A filter that ends at the very tick still holds: the offer comes with the next one.
    this.#filters = this.#filters.filter(({ until }) => until >= now)
    const made = new Map<Framework, OfferRecord[]>()
    for (const record of this.#cluster.hosts.values()) {
      if (!this.#cluster.active(record) || record.deactivated) continue
      let free = this.#cluster.free(record)
      for (const [framework, role] of this.#takers(made)) {
        const candidate = free.filter(({ reservedFor }) => reservedFor === undefined || isWithin(role, reservedFor))
        if (!this.#wants(framework, role, record, candidate)) continue
        free = subtract(free, candidate)
        const offers = made.get(framework) ?? []
        offers.push(this.#cluster.makeOffer(framework, record, role, candidate, (id) => this.#offerTimer(id)))
        made.set(framework, offers)
      }
    }
    for (const [framework, offers] of made) {
      framework.count('offers/sent', offers.length)
      framework.send({ type: 'OFFERS', offers: { offers: offers.map((offer) => wireOffer(this.#cluster, offer)) } })
    }
  }

  /** Who has least comes first; among equals who came first. */
  #takers(made: ReadonlyMap<Framework, unknown>): (readonly [Framework, string])[] {
    const active = [...this.#cluster.frameworks.values()].filter(({ connected }) => connected)
    const share = new Map(active.map((framework) => [framework, this.#share(framework)]))
    return active
      .flatMap((framework) =>
        framework.roles.filter((role) => !framework.suppressed.has(role)).map((role) => [framework, role] as const),
      )
      .sort(([a], [b]) => (share.get(a) ?? 0) - (share.get(b) ?? 0) || Number(made.has(a)) - Number(made.has(b)))
  }

  /** The dominant share: the greater of its parts of all cpus and of all memory. */
  #share(framework: Framework): number {
    const total = [...this.#cluster.hosts.values()].map((record) => record.total)
    const has = [
      ...[...framework.tasks.values()].map(({ resources }) => resources),
      ...[...this.#cluster.offers.values()].filter((offer) => offer.framework === framework).map((o) => o.resources),
    ]
    return Math.max(
      ...['cpus', 'mem'].map((name) => {
        const all = total.reduce((sum, pool) => sum + scalar(pool, name), 0)
        return all === 0 ? 0 : has.reduce((sum, pool) => sum + scalar(pool, name), 0) / all
      }),
    )
  }

  #wants(framework: Framework, role: string, record: HostRecord, candidate: Pool): boolean {
    if (!this.#mayHave(framework, role, record)) return false
    if (isEmpty(candidate) || !allocatable(framework, role, candidate)) return false
    return !this.#filters.some(
      (filter) =>
        filter.framework === framework &&
        filter.role === role &&
        filter.record === record &&
        contains(filter.resources, allocate(candidate, role)),
    )
  }

  /** Hosts that a framework does not know how to use are kept from it, whatever is free there. */
  #mayHave({ capabilities, constraints }: Framework, role: string, { spec, total }: HostRecord): boolean {
    const { faultDomain } = this.#cluster.settings
    const remote =
      faultDomain !== undefined && spec.faultDomain !== undefined && spec.faultDomain.region !== faultDomain.region
    if (remote && !capabilities.has('REGION_AWARE')) return false
    if (scalar(total, 'gpus') > 0 && !capabilities.has('GPU_RESOURCES')) return false
    return admits(constraints, role, spec)
  }

  #offerTimer(id: string): (() => void) | undefined {
    const { offerTimeoutMs } = this.#cluster.settings
    if (offerTimeoutMs === undefined) return undefined
    return this.#cluster.clock.timer(offerTimeoutMs, () => {
      const offer = this.#cluster.offers.get(id)
      if (offer !== undefined) this.#cluster.rescind(offer)
    })
  }
}

function isWithin(role: string, reservedFor: string): boolean {
  return role === reservedFor || role.startsWith(`${reservedFor}/`)
}

function allocatable(framework: Framework, role: string, pool: Pool): boolean {
  const least = framework.info.offer_filters?.[role]?.min_allocatable_resources
  if (least === undefined) return scalar(pool, 'cpus') >= LEAST_CPUS_MILLI || scalar(pool, 'mem') >= LEAST_MEM_MILLI
  const alternatives = least.quantities ?? []
  return (
    alternatives.length === 0 ||
    alternatives.some(({ quantities = {} }) =>
      Object.entries(quantities).every(([name, { value }]) => quantity(pool, name) >= Math.round(value * 1000)),
    )
  )
}

function quantity(pool: Pool, name: string): number {
  const ranges = rangesOf(pool, name).reduce((sum, { begin, end }) => sum + end - begin + 1, 0)
  return scalar(pool, name) + ranges * 1000
}

function wireOffer(cluster: Cluster, { id, framework, record, role, resources }: OfferRecord): unknown {
  const { hostname, authority } = record.spec
  const address = addressOf(authority)
  const attributes = attributesOf(record.spec)
  const unavailability = cluster.unavailable.get(record.spec.hostname)
  const domain = record.spec.faultDomain
  return {
    id: { value: id },
    framework_id: { value: framework.id },
    agent_id: { value: record.id },
    hostname,
    url: {
      scheme: 'http',
      address: { hostname: address.hostname, ip: address.ip, port: address.port },
      path: '/slave(1)',
    },
    ...(domain === undefined
      ? {}
      : { domain: { fault_domain: { region: { name: domain.region }, zone: { name: domain.zone } } } }),
    resources: toWire(resources, framework.refined ? 'refined' : 'plain', framework.multiRole),
    ...(attributes.length === 0 ? {} : { attributes }),
    ...(unavailability === undefined ? {} : { unavailability }),
    ...(framework.multiRole ? { allocation_info: { role } } : {}),
  }
}
