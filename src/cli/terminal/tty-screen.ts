import type { WriteStream } from 'node:tty'
import type { Cancel } from '../../core/clock.ts'
import { sizeOf } from './paper.ts'
import { CLOSE, frame, OPEN, type Screen, type Size } from './screen.ts'

/** The terminal behind standard output. */
export class TtyScreen implements Screen {
  readonly #stream: WriteStream
  readonly #env: NodeJS.ProcessEnv
  readonly #listeners = new Set<() => void>()
  #isOpen = false
  #isSuspended = false
  /** Nobody is there any more. */
  #isLost = false

  constructor(stream: WriteStream, env: NodeJS.ProcessEnv) {
    this.#stream = stream
    this.#env = env
    // The window was closed: the program goes on without it, as with a pipe that nobody reads.
    stream.on('error', () => {
      this.#isLost = true
    })
    stream.on('resize', () => {
      this.#changed()
    })
  }

  size(): Size {
    const { columns, rows } = this.#stream as Partial<WriteStream>
    return {
      columns: sizeOf(columns, this.#env['COLUMNS'], 80),
      rows: sizeOf(rows, this.#env['LINES'], 24),
    }
  }

  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#write(OPEN)
  }

  draw(lines: readonly string[]): void {
    if (this.#isOpen && !this.#isSuspended) this.#write(frame(lines, this.size().rows))
  }

  close(): void {
    if (!this.#isOpen) return
    if (!this.#isSuspended) this.#write(CLOSE)
    this.#isOpen = false
    this.#isSuspended = false
  }

  /** Until `resume` it belongs to somebody else: the process is about to be stopped. */
  suspend(): void {
    if (!this.#isOpen || this.#isSuspended) return
    this.#write(CLOSE)
    this.#isSuspended = true
  }

  resume(): void {
    if (!this.#isSuspended) return
    this.#isSuspended = false
    this.#write(OPEN)
    this.#changed()
  }

  onChange(changed: () => void): Cancel {
    this.#listeners.add(changed)
    return () => {
      this.#listeners.delete(changed)
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  #write(text: string): void {
    if (!this.#isLost) this.#stream.write(text)
  }
}

/** A terminal that understands where to write, with a person before it. */
export function canRedraw(stream: Pick<WriteStream, 'isTTY'>, { TERM: term, CI: ci }: NodeJS.ProcessEnv): boolean {
  const understands = term !== undefined && term !== '' && term !== 'dumb'
  return stream.isTTY && understands && (ci === undefined || ci === '' || ci === 'false')
}
