import type { Change } from '../loop/ports.ts'
import { StoreError } from './errors.ts'
import { readChange, writeChange } from './records.ts'

interface Waiting {
  readonly changes: readonly Change[]
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * Group commit: one write at a time, in the order of the calls; those that wait while one runs go together into the
 * next, and share its fate.
 */
export class CommitQueue {
  readonly #write: (changes: readonly Change[]) => Promise<void>
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #closed = false

  constructor(write: (changes: readonly Change[]) => Promise<void>) {
    this.#write = write
  }

  /** @throws StoreError (rejects) `STORE_INVALID` and `STORE_CLOSED`, and whatever the write throws */
  async add(changes: readonly Change[]): Promise<void> {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'the store is closed')
    // A copy of its own: what could not be read back must fail now, not at the next start.
    const copies = changes.map((change) => readChange(writeChange(change)))
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ changes: copies, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when everything before it is done, with false where it was closed already. */
  async close(): Promise<boolean> {
    const first = !this.#closed
    this.#closed = true
    await this.#running
    return first
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#write(group.flatMap(({ changes }) => changes))
        for (const { resolve } of group) resolve()
      } catch (thrown) {
        for (const { reject } of group) reject(thrown)
      }
    }
    this.#running = undefined
  }
}
