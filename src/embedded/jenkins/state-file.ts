import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, messageOf } from '../../core/code-of.ts'
import type { SavedState } from './model.ts'

/** Nodes, jobs and queue in a file. Writes that wait while one is under way become one; the last state wins. */
export class StateFile {
  readonly #path: string
  readonly #onError: (thrown: unknown) => void
  #waiting: (() => SavedState) | undefined
  #writing: Promise<void> = Promise.resolve()

  /** @param onError told of a write that failed; the next change tries again */
  constructor(path: string, onError: (thrown: unknown) => void) {
    this.#path = path
    this.#onError = onError
  }

  /** @throws where a file is there and cannot be read: starting empty would lose what is in it */
  async load(): Promise<SavedState | undefined> {
    let content: string
    try {
      content = await readFile(this.#path, 'utf8')
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return undefined
      throw thrown
    }
    try {
      return JSON.parse(content) as SavedState
    } catch (thrown) {
      throw new Error(
        `${this.#path} is no state of an embedded Jenkins (${messageOf(thrown)}): move it away to start without it`,
        { cause: thrown },
      )
    }
  }

  /** @param state asked for when the write begins */
  save(state: () => SavedState): void {
    const isScheduled = this.#waiting !== undefined
    this.#waiting = state
    if (!isScheduled) this.#writing = this.#writing.then(() => this.#write()).catch(this.#onError)
  }

  /** Resolves when nothing waits to be written any more. */
  flush(): Promise<void> {
    return this.#writing
  }

  async #write(): Promise<void> {
    const state = this.#waiting
    this.#waiting = undefined
    if (state === undefined) return
    await mkdir(dirname(this.#path), { recursive: true })
    await writeFile(`${this.#path}.new`, JSON.stringify(state()))
    await rename(`${this.#path}.new`, this.#path)
  }
}
