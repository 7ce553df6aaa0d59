import type { Change, Saved, StorePort } from '../loop/ports.ts'
import { CommitQueue } from './commit-queue.ts'
import { Contents } from './records.ts'

/**
 * The store without a disk, with the same checks, order and copies. What it holds ends with it: for tests, and for
 * commands that must not write.
 */
export class MemoryStore implements StorePort {
  readonly #contents: Contents
  readonly #queue: CommitQueue

  /** @param saved what an earlier one held: a restart, as tests see it */
  constructor(saved?: Saved) {
    this.#contents = saved === undefined ? new Contents() : Contents.of(saved)
    this.#queue = new CommitQueue(async (changes) => {
      for (const change of changes) this.#contents.apply(change)
    })
  }

  readonly load = async (): Promise<Saved> => this.#contents.saved()

  readonly commit = (changes: readonly Change[]): Promise<void> => this.#queue.add(changes)

  readonly close = async (): Promise<void> => {
    await this.#queue.close()
  }
}
