import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from './core/clock.ts'

/** The real clock. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  timer: (ms, callback) => {
    const handle = setTimeout(callback, ms)
    return () => {
      clearTimeout(handle)
    }
  },
}
