import { type Blow, day } from './day.ts'
import type { DayName } from './days.ts'

/** What a worker is sent: whole days to try. */
export interface Order {
  readonly name: DayName
  readonly seed: number
  readonly expected: readonly string[]
  readonly blow: Blow
}

export interface Report {
  readonly blow: Blow
  readonly violations: readonly string[]
  readonly virtualMs: number
}

process.on('message', ({ name, seed, expected, blow }: Order) => {
  void day({ name, seed, expected, blow }).then(({ violations, virtualMs }) => {
    process.send?.({ blow, violations, virtualMs } satisfies Report)
  })
})
