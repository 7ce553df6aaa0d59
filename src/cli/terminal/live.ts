import type { Cancel, Clock } from '../../core/clock.ts'
import { messageOf } from '../../core/code-of.ts'
import type { View } from '../../loop/view-types.ts'
import type { LogTail } from './log-tail.ts'
import type { Paint } from './paper.ts'
import type { Screen } from './screen.ts'
import { summaryLines } from './summary.ts'

export interface LiveParts {
  readonly screen: Screen
  readonly paint: Paint
  readonly clock: Clock
  readonly log: LogTail
  readonly version: string
  readonly url: string
  readonly view: () => View
}

const EVERY_MS = 1_000
const MOST_NOTICES = 20

/** The summary on a terminal: drawn once a second at most, and only where something changed. */
export class LiveSummary {
  readonly #parts: LiveParts
  #notices: readonly string[] = []
  #drawn = ''
  #cancelTimer: Cancel | undefined
  #cancelChange: Cancel | undefined

  constructor(parts: LiveParts) {
    this.#parts = parts
  }

  start(): void {
    const { screen } = this.#parts
    screen.open()
    this.#cancelChange = screen.onChange(() => {
      this.#drawn = '' // whatever is there, it is not what was drawn
      this.#draw()
    })
    this.#tick()
  }

  /** What a person waits for is shown at once. */
  say(notice: string): void {
    this.#notices = [...this.#notices, notice].slice(-MOST_NOTICES)
    if (this.#cancelTimer !== undefined) this.#draw()
  }

  /** The terminal is as it was before. */
  stop(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#cancelChange?.()
    this.#parts.screen.close()
  }

  #tick(): void {
    this.#draw()
    this.#cancelTimer = this.#parts.clock.timer(EVERY_MS, () => {
      this.#tick()
    })
  }

  #draw(): void {
    const lines = this.#lines()
    const drawn = lines.join('\n')
    if (drawn === this.#drawn) return
    this.#drawn = drawn
    this.#parts.screen.draw(lines)
  }

  #lines(): readonly string[] {
    const { screen, paint, log, version, url, view } = this.#parts
    const size = screen.size()
    try {
      return summaryLines({ version, url, view: view(), notices: this.#notices, log }, size, paint)
    } catch (error) {
      // A picture must not end what it shows.
      return [`the summary cannot be made: ${messageOf(error)}`.slice(0, size.columns)]
    }
  }
}
