import type { Clock } from '../core/clock.ts'

/** A signal that follows another one and is aborted by the clock, too. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Aborts with this reason unless it is set again, or disarmed, before. */
  readonly set: (ms: number, reason: () => unknown) => void
  readonly abort: (reason: unknown) => void
  /** Lets go of the clock and of the other signal. */
  readonly disarm: () => void
}

export function deadline(clock: Clock, parent: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const follow = (): void => {
    controller.abort(parent?.reason)
  }
  if (parent?.aborted) follow()
  parent?.addEventListener('abort', follow, { once: true })
  let cancel: () => void = () => undefined
  return {
    signal: controller.signal,
    set: (ms, reason) => {
      cancel()
      cancel = clock.timer(ms, () => {
        controller.abort(reason())
      })
    },
    abort: (reason) => {
      controller.abort(reason)
    },
    disarm: () => {
      cancel()
      parent?.removeEventListener('abort', follow)
    },
  }
}
