import type { Clock } from '../core/clock.ts'
import type { Marathon } from './client.ts'
import type { Definition } from './definition.ts'

/** What the steps of a deployment share. */
export interface Scene {
  readonly marathon: Marathon
  readonly definition: Definition
  readonly clock: Clock
  /** In [0, 1). */
  readonly chance: () => number
  /** A line for people. */
  readonly say: (line: string) => void
  /** Aborted: nothing more is asked. */
  readonly signal: AbortSignal
  /** Of the clock's `monotonic`: nothing is waited for after that. */
  readonly deadline: number
}
