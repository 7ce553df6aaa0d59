import { statSync } from 'node:fs'
import type { Cancel, Clock } from '../core/clock.ts'
import { codeOf } from '../core/code-of.ts'

const EVERY_MS = 2_000

/** Calls back when one of the files changed, came or went. Looks at their times: that works on every file system. */
export class FileWatch {
  #files: readonly string[]
  readonly #clock: Clock
  readonly #onChange: () => void
  #last: string
  #timer: Cancel | undefined

  constructor(files: readonly string[], clock: Clock, onChange: () => void) {
    this.#files = files
    this.#clock = clock
    this.#onChange = onChange
    this.#last = this.#stamp()
  }

  start(): void {
    if (this.#files.length === 0) return
    this.#timer = this.#clock.timer(EVERY_MS, () => {
      const stamp = this.#stamp()
      if (stamp !== this.#last) {
        this.#last = stamp
        this.#onChange()
      }
      this.start()
    })
  }

  /** From now on these: what was read anew may speak of other files. */
  follow(files: readonly string[]): void {
    if (files.join('\n') === this.#files.join('\n')) return
    this.#files = files
    this.#last = this.#stamp()
  }

  stop(): void {
    this.#timer?.()
    this.#timer = undefined
  }

  #stamp(): string {
    return this.#files.map(stampOf).join(' ')
  }
}

function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file)
    return `${ino}:${size}:${mtimeMs}`
  } catch (error) {
    return codeOf(error) ?? 'unreadable'
  }
}
