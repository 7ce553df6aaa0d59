import type { Allocator } from './allocator.ts'
import type { Cluster } from './cluster.ts'
import { EventStream, type Fragment } from './event-stream.ts'
import { Framework } from './framework.ts'
import { subscriptionError, updateError } from './framework-info.ts'
import type { Subscription } from './received.ts'

const MASTER_VERSION = '1.12.0'

/** Who is subscribed: SUBSCRIBE, streams that end, failover timers, TEARDOWN. */
export class Subscriptions {
  readonly #cluster: Cluster
  readonly #allocator: Allocator
  readonly #fragment: Fragment | undefined

  constructor(cluster: Cluster, allocator: Allocator, fragment?: Fragment) {
    this.#cluster = cluster
    this.#allocator = allocator
    this.#fragment = fragment
  }

  /** The stream to answer with; for a SUBSCRIBE that cannot be it holds one ERROR and ends. */
  subscribe(subscription: Subscription, signal: AbortSignal): { readonly stream: EventStream; readonly id: string } {
    const stream = new EventStream(this.#fragment)
    const streamId = this.#cluster.uuid()
    const wanted = subscription.framework_info.id?.value ?? ''
    const wrong =
      subscriptionError(subscription) ??
      (this.#cluster.removed.has(wanted) ? 'Framework has been removed' : undefined) ??
      principalError(this.#cluster.frameworks.get(wanted), subscription)
    if (wrong !== undefined) {
      stream.send({ type: 'ERROR', error: { message: wrong } })
      stream.end()
      return { stream, id: streamId }
    }
    const known = this.#cluster.frameworks.get(wanted)
    const failedOver = known?.connected ?? false
    const framework = known ?? this.#add(wanted, subscription)
    if (known !== undefined) this.#takeOver(known, subscription)
    framework.suppressed = new Set(subscription.suppressed_roles ?? [])
    framework.constraints = subscription.offer_constraints
    framework.stream = stream
    framework.streamId = streamId
    framework.recovered = false
    signal.addEventListener('abort', () => {
      if (framework.stream === stream) this.disconnect(framework)
    })
    this.#cluster.save()
    framework.count('calls/subscribe')
    framework.send(this.#subscribed(framework))
    this.#heartbeat(framework, stream)
    // Offers of the connection that was taken over are free, but wait for the next tick.
    if (!failedOver) this.#allocator.allocate()
    for (const { host } of this.#cluster.hosts.values()) host.resend(framework.id)
    if (signal.aborted) this.disconnect(framework)
    return { stream, id: streamId }
  }

  /** UPDATE_FRAMEWORK: what is wrong with it, or it holds from the next allocation on. Offers for roles left go. */
  update(framework: Framework, update: Subscription): string | undefined {
    const wrong = updateError(update, framework.info)
    if (wrong !== undefined) return wrong
    framework.renew(update.framework_info)
    framework.suppressed = new Set(update.suppressed_roles ?? [])
    framework.constraints = update.offer_constraints
    for (const offer of [...this.#cluster.offers.values()].reverse()) {
      if (offer.framework === framework && !framework.roles.includes(offer.role)) this.#cluster.rescind(offer)
    }
    this.#cluster.save()
    return undefined
  }

  /** The stream is gone, from whichever side: offers are void, and the failover timer runs. */
  disconnect(framework: Framework): void {
    framework.stream?.end()
    framework.stream = undefined
    this.#cluster.dropOffersOf(framework)
    this.#allocator.clearFilters(framework)
    this.awaitFailover(framework, (framework.info.failover_timeout ?? 0) * 1000)
  }

  /** Removes the framework unless it subscribes again within `ms`. */
  awaitFailover(framework: Framework, ms: number): void {
    framework.cancelTimer?.()
    framework.cancelTimer = undefined
    if (ms <= 0) this.remove(framework)
    else {
      framework.cancelTimer = this.#cluster.timer(ms, () => {
        this.remove(framework)
      })
    }
  }

  /** TEARDOWN, or the failover timeout: its tasks are killed and no update says so. */
  remove(framework: Framework): void {
    framework.cancelTimer?.()
    this.#cluster.dropOffersOf(framework)
    this.#allocator.clearFilters(framework)
    for (const task of [...framework.tasks.values(), ...framework.unreachable.values()]) {
      task.state = 'TASK_KILLED'
      this.#cluster.count('tasks_killed')
      framework.complete(task)
    }
    for (const { host, connected } of this.#cluster.hosts.values()) {
      if (connected) host.shutdownFramework(framework.id)
    }
    framework.unregisteredAt = this.#cluster.clock.now()
    this.#cluster.forget(framework)
    this.#cluster.save()
    framework.stream?.end()
    framework.stream = undefined
  }

  #add(wanted: string, { framework_info }: Subscription): Framework {
    const id = wanted === '' ? this.#cluster.nextFrameworkId() : wanted
    const framework = new Framework(id, framework_info, this.#cluster.clock.now())
    this.#cluster.frameworks.set(id, framework)
    return framework
  }

  #takeOver(framework: Framework, subscription: Subscription): void {
    framework.cancelTimer?.()
    framework.cancelTimer = undefined
    const old = framework.stream
    if (old !== undefined) {
      framework.send({ type: 'ERROR', error: { message: 'Framework failed over' } })
      old.end()
      this.#cluster.dropOffersOf(framework)
    }
    framework.renew(subscription.framework_info)
    framework.reregisteredAt = this.#cluster.clock.now()
  }

  #heartbeat(framework: Framework, stream: EventStream): void {
    if (framework.stream !== stream) return
    framework.send({ type: 'HEARTBEAT' })
    framework.cancelTimer = this.#cluster.clock.timer(this.#cluster.settings.heartbeatMs, () => {
      this.#heartbeat(framework, stream)
    })
  }

  #subscribed(framework: Framework): { readonly type: 'SUBSCRIBED'; readonly subscribed: unknown } {
    const { masterId, address, settings } = this.#cluster
    return {
      type: 'SUBSCRIBED',
      subscribed: {
        framework_id: { value: framework.id },
        heartbeat_interval_seconds: settings.heartbeatMs / 1000,
        master_info: {
          id: masterId,
          ip: networkOrder(address.ip),
          port: address.port,
          pid: `master@${address.ip}:${address.port}`,
          hostname: address.hostname,
          version: MASTER_VERSION,
          address: { hostname: address.hostname, ip: address.ip, port: address.port },
          capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
          ...(settings.faultDomain && {
            domain: {
              fault_domain: {
                region: { name: settings.faultDomain.region },
                zone: { name: settings.faultDomain.zone },
              },
            },
          }),
        },
      },
    }
  }
}

function principalError(known: Framework | undefined, { framework_info }: Subscription): string | undefined {
  if (known === undefined || known.recovered || known.info.principal === framework_info.principal) return undefined
  return "Changing framework's principal is not allowed."
}

/** `127.0.0.1` as the four bytes of network order read from the little end. */
export function networkOrder(ip: string): number {
  return ip
    .split('.')
    .map(Number)
    .reduce((sum, byte, index) => sum + byte * 256 ** index, 0)
}
