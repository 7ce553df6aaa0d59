import { Dispatcher } from 'undici'
import { type Gate, pass } from './loop/gate.ts'

/**
 * A call may wait for its turn, ask for a crumb or look first, and be sent long after it was allowed: so the gate is
 * asked again for each request that changes something, at the moment when it is sent.
 */
export class GatedDispatcher extends Dispatcher {
  readonly #inner: Dispatcher
  readonly #gate: Gate

  constructor(inner: Dispatcher, gate: Gate) {
    super()
    this.#inner = inner
    this.#gate = gate
  }

  /** @throws NotLeadingError, which undici hands to whoever sent the request */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (options.method !== 'GET' && options.method !== 'HEAD') pass(this.#gate, `${options.method} ${options.path}`)
    return this.#inner.dispatch(options, handler)
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | undefined {
    if (callback === undefined) return this.#inner.close()
    this.#inner.close(callback)
    return undefined
  }

  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | undefined {
    if (typeof first === 'function') {
      this.#inner.destroy(first)
      return undefined
    }
    if (second === undefined) return this.#inner.destroy(first ?? null)
    this.#inner.destroy(first ?? null, second)
    return undefined
  }
}
