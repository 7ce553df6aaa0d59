import { isImportant, type LogLine, readLogLine } from './log-line.ts'

interface Kept {
  readonly number: number
  readonly line: LogLine
}

const MOST = 200
const MOST_IMPORTANT = 50

/** The last lines of the log. Warnings and errors are kept longer than what comes after them. */
export class LogTail {
  #number = 0
  #last: readonly Kept[] = []
  #important: readonly Kept[] = []

  /** How many lines may be shown. */
  get size(): number {
    return this.#last.filter(({ line }) => !isImportant(line)).length + this.#important.length
  }

  /** @param json as the log writes it */
  write(json: string): void {
    const kept = { number: this.#number++, line: readLogLine(json) }
    this.#last = [...this.#last, kept].slice(-MOST)
    if (isImportant(kept.line)) this.#important = [...this.#important, kept].slice(-MOST_IMPORTANT)
  }

  /** So many of the last lines, oldest first; up to half of the room is for warnings and errors however old they are. */
  lines(room: number): readonly LogLine[] {
    const others = this.#last.filter(({ line }) => !isImportant(line))
    const forImportant = Math.max(Math.ceil(room / 2), room - others.length)
    const important = lastOf(this.#important, forImportant)
    return [...important, ...lastOf(others, room - important.length)]
      .sort((a, b) => a.number - b.number)
      .map(({ line }) => line)
  }

  clear(): void {
    this.#last = []
    this.#important = []
  }

  /** Warnings and errors, oldest first. */
  get important(): readonly LogLine[] {
    return this.#important.map(({ line }) => line)
  }
}

function lastOf(lines: readonly Kept[], number: number): readonly Kept[] {
  return number <= 0 ? [] : lines.slice(-number)
}
