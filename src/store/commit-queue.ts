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
  readonly #fit: (commits: readonly (readonly Change[])[]) => number
  readonly #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #closed = false

  /** @param fit how many of these commits, in their order, may share one write; at least the first goes [all] */
  constructor(
    write: (changes: readonly Change[]) => Promise<void>,
    fit: (commits: readonly (readonly Change[])[]) => number = (commits) => commits.length,
  ) {
    this.#write = write
    this.#fit = fit
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

  /** Resolves when everything before it is done, well or not. */
  async idle(): Promise<void> {
    await this.#running
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
      const count = Math.max(1, this.#fit(this.#waiting.map(({ changes }) => changes)))
      const group = this.#waiting.splice(0, count)
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
