import type { AgentRecord } from '../../src/core/model.ts'
import type { Change, Saved, StorePort } from '../../src/loop/ports.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'

/** A disk that outlives the sidecars that write to it, breaks, and gets lost. */
export class FarmStore {
  readonly #contents = new Map<string, object>()
  #store = new MemoryStore()
  #fault: (() => Promise<void>) | undefined
  #mend: () => void = () => undefined

  /** What the disk holds of agents. */
  get records(): readonly AgentRecord[] {
    return [...this.#contents].filter(([key]) => key.startsWith('agent/')).map(([, value]) => value as AgentRecord)
  }

  /** Everything that the disk holds, by key. */
  get contents(): ReadonlyMap<string, object> {
    return this.#contents
  }

  /** It takes nothing now. */
  get isBroken(): boolean {
    return this.#fault !== undefined
  }

  /** From now on the store takes nothing, or does not answer. */
  break(how: 'fails' | 'hangs'): { readonly mend: () => void } {
    let release: () => void = () => undefined
    const mended = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#mend = () => {
      this.#fault = undefined
      release()
    }
    this.#fault = how === 'hangs' ? () => mended : () => Promise.reject(new Error('no space left on device'))
    return { mend: this.#mend }
  }

  mend(): void {
    this.#mend()
  }

  /** The disk is gone. */
  lose(): void {
    this.#store = new MemoryStore()
    this.#contents.clear()
  }

  /** What a backup of now would hold. */
  async copy(): Promise<Saved> {
    return await this.#store.load()
  }

  /** An older copy is put back, while no sidecar runs. */
  restore(saved: Saved): void {
    this.#store = new MemoryStore(saved)
    this.#contents.clear()
    if (saved.framework !== undefined) this.#contents.set('framework', saved.framework)
    if (saved.jenkins !== undefined) this.#contents.set('jenkins', saved.jenkins)
    if (saved.paused !== undefined) this.#contents.set('paused', saved.paused)
    for (const [template, sizing] of saved.sizings ?? []) this.#contents.set(`sizing/${template}`, sizing)
    for (const [agentId, record] of saved.agents) this.#contents.set(`agent/${agentId}`, record)
  }

  /** For the next sidecar. @param onCommit called after each of its commits */
  async open(onCommit: () => void = () => undefined): Promise<StorePort> {
    const store = new MemoryStore(await this.#store.load())
    this.#store = store
    const write = async (changes: readonly Change[]): Promise<void> => {
      await this.#fault?.()
      // What a process had under way when it died never reaches the disk once another has it.
      if (this.#store !== store) return
      await store.commit(changes)
      for (const change of changes) this.#see(change)
      onCommit()
    }
    let before: Promise<void> = Promise.resolve()
    return {
      load: store.load,
      // One after the other, as every store does: one that hangs keeps those behind it waiting.
      commit: (changes) => {
        const written = before.then(() => write(changes))
        before = written.catch(() => undefined)
        return written
      },
      close: store.close,
    }
  }

  #see({ key, value }: Change): void {
    if (value === undefined) this.#contents.delete(key)
    else this.#contents.set(key, value)
  }
}
