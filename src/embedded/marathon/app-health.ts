import { request } from 'node:http'
import { connect } from 'node:net'
import type { Cancel, Clock } from '../../core/clock.ts'
import type { AppHealthCheck } from './app-schema.ts'
import { isOfMesos, portOfCheck } from './health-check.ts'
import type { Instance } from './instance.ts'

type OnHealth = (instance: Instance, healthy: boolean, kill: boolean) => void

/** The health checks of apps that Marathon does itself: HTTP and TCP, from where it runs. */
export class AppHealth {
  readonly #clock: Clock
  readonly #onHealth: OnHealth
  readonly #cancels = new Map<Instance, Cancel>()

  constructor(clock: Clock, onHealth: OnHealth) {
    this.#clock = clock
    this.#onHealth = onHealth
  }

  /** Does nothing where there is nothing to look at, or somebody looks already. */
  start(instance: Instance): void {
    if (instance.spec.kind !== 'app' || this.#cancels.has(instance)) return
    const check = instance.spec.definition.healthChecks.find((each) => !isOfMesos(each))
    if (check === undefined) return
    const startedAt = this.#clock.now()
    let failures = 0
    let isNew = true
    const next = (): void => {
      const cancel = this.#clock.timer(check.intervalSeconds * 1000, look)
      this.#cancels.set(instance, cancel)
    }
    const look = (): void => {
      void lookOnce(this.#clock, instance, check).then((isGood) => {
        if (!this.#cancels.has(instance)) return
        next()
        if (isGood) {
          failures = 0
          isNew = false
          this.#onHealth(instance, true, false)
          return
        }
        if (isNew && this.#clock.now() - startedAt < check.gracePeriodSeconds * 1000) return
        failures++
        const kill = check.maxConsecutiveFailures > 0 && failures >= check.maxConsecutiveFailures
        this.#onHealth(instance, false, kill)
      })
    }
    this.#cancels.set(instance, this.#clock.timer(0, look))
  }

  stop(instance: Instance): void {
    this.#cancels.get(instance)?.()
    this.#cancels.delete(instance)
  }

  stopAll(): void {
    for (const instance of [...this.#cancels.keys()]) this.stop(instance)
  }
}

async function lookOnce(clock: Clock, { host, ports }: Instance, check: AppHealthCheck): Promise<boolean> {
  const port = portOfCheck(check, ports)
  const late = new AbortController()
  const cancel = clock.timer(check.timeoutSeconds * 1000, () => {
    late.abort()
  })
  const isGood = await new Promise<boolean>((resolve) => {
    const bad = (): void => {
      resolve(false)
    }
    late.signal.addEventListener('abort', bad, { once: true })
    if (check.protocol === 'TCP') {
      const socket = connect({ host, port, signal: late.signal })
      socket.once('error', bad)
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      return
    }
    const outgoing = request({ host, port, path: check.path ?? '/', signal: late.signal, agent: false }, (response) => {
      response.resume()
      const { statusCode = 0 } = response
      resolve(statusCode >= 200 && statusCode < 400)
    })
    outgoing.once('error', bad)
    outgoing.end()
  })
  cancel()
  return isGood
}
