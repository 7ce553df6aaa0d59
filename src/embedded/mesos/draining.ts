import type { Allocator } from './allocator.ts'
import type { Cluster, HostRecord } from './cluster.ts'
import type { Membership } from './membership.ts'

/** An operator's word on one host: drained, deactivated, marked gone. Answers in Mesos' words, or `undefined`. */
export class Draining {
  readonly #cluster: Cluster
  readonly #allocator: Allocator
  readonly #membership: Membership

  constructor(cluster: Cluster, allocator: Allocator, membership: Membership) {
    this.#cluster = cluster
    this.#allocator = allocator
    this.#membership = membership
  }

  /** Its tasks are killed, each with its own grace: a shorter one reaches no command task. No offers meanwhile. */
  drain(mesosAgentId: string, markGone: boolean): string | undefined {
    const record = this.#cluster.hosts.get(mesosAgentId)
    if (record === undefined) return `Unknown agent`
    record.drain = { markGone, state: 'DRAINING' }
    this.#deactivate(record)
    record.host.drain(markGone)
    this.check(record)
    return undefined
  }

  deactivate(mesosAgentId: string): string | undefined {
    const record = this.#cluster.hosts.get(mesosAgentId)
    if (record === undefined) return `Unknown agent`
    this.#deactivate(record)
    return undefined
  }

  reactivate(mesosAgentId: string): string | undefined {
    const record = this.#cluster.hosts.get(mesosAgentId)
    if (record === undefined) return `Unknown agent`
    if (record.drain?.state === 'DRAINING') return 'Agent is still in the DRAINING state'
    record.drain = undefined
    record.deactivated = false
    this.#cluster.save()
    return undefined
  }

  /** Never to come back under this id; its tasks are gone for good. */
  markGone(mesosAgentId: string): string | undefined {
    const record = this.#cluster.hosts.get(mesosAgentId)
    if (record === undefined) {
      const { lost, recovering, gone } = this.#cluster
      if (!lost.has(mesosAgentId) && !recovering.has(mesosAgentId)) return `Unknown agent`
      lost.delete(mesosAgentId)
      recovering.delete(mesosAgentId)
      gone.add(mesosAgentId)
      this.#cluster.save()
      return undefined
    }
    this.#membership.markGone(record)
    record.host.shutDown()
    return undefined
  }

  /** After each acknowledgement: a host without tasks is drained. */
  check(record: HostRecord): void {
    const { drain } = record
    if (drain?.state !== 'DRAINING') return
    if (this.#cluster.tasksOn(record).length > 0 || record.host.tasks.length > 0) return
    record.drain = { ...drain, state: 'DRAINED' }
    this.#cluster.save()
    if (drain.markGone) this.markGone(record.id)
  }

  #deactivate(record: HostRecord): void {
    record.deactivated = true
    for (const offer of this.#cluster.offersOf(record)) this.#cluster.rescind(offer)
    this.#cluster.rescindInverse(record)
    this.#allocator.forgetHost(record)
    this.#cluster.save()
  }
}
