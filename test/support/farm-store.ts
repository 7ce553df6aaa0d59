import type { AgentRecord } from '../../src/core/model.ts'
import type { Change, Saved, StorePort } from '../../src/loop/ports.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'

/** A disk that outlives the sidecars that write to it, breaks, and gets lost. */
export class FarmStore {
  readonly #records = new Map<string, AgentRecord>()
  #store = new MemoryStore()
  #fault: (() => Promise<void>) | undefined
  #mend: () => void = () => undefined

  /** What the disk holds of agents. */
  get records(): readonly AgentRecord[] {
    return [...this.#records.values()]
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
    this.#records.clear()
  }

  /** What a backup of now would hold. */
  async copy(): Promise<Saved> {
    return await this.#store.load()
  }

  /** An older copy is put back, while no sidecar runs. */
  restore(saved: Saved): void {
    this.#store = new MemoryStore(saved)
    this.#records.clear()
    for (const [agentId, record] of saved.agents) this.#records.set(`agent/${agentId}`, record)
  }

  /** For the next sidecar. */
  async open(): Promise<StorePort> {
    const store = new MemoryStore(await this.#store.load())
    this.#store = store
    return {
      load: store.load,
      commit: async (changes) => {
        await this.#fault?.()
        await store.commit(changes)
        if (this.#store === store) for (const change of changes) this.#see(change)
      },
      close: store.close,
    }
  }

  #see({ key, value }: Change): void {
    if (value === undefined) this.#records.delete(key)
    else if ('agentId' in value) this.#records.set(key, value)
  }
}
