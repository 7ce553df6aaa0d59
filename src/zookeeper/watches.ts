import type { WatchEventKind, WatchedPaths } from './packets.ts'

export type Watch = () => void
export type WatchKind = keyof WatchedPaths

/** More paths go into a second packet. */
const MOST_BYTES = 128 * 1024

const CONCERNED: Readonly<Record<WatchEventKind, readonly WatchKind[]>> = {
  created: ['data', 'exists'],
  changed: ['data', 'exists'],
  deleted: ['data', 'exists', 'children'],
  children: ['children'],
  other: [],
}

/** The watches that the server was asked to keep. */
export class Watches {
  readonly #kinds: Readonly<Record<WatchKind, Map<string, Set<Watch>>>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
  }

  add(kind: WatchKind, path: string, watch: Watch): void {
    const watches = this.#kinds[kind].get(path) ?? new Set()
    this.#kinds[kind].set(path, watches.add(watch))
  }

  /** @returns what to call; each is forgotten by now */
  take(event: WatchEventKind, path: string): readonly Watch[] {
    const taken = new Set<Watch>()
    for (const kind of CONCERNED[event]) {
      for (const watch of this.#kinds[kind].get(path) ?? []) taken.add(watch)
      this.#kinds[kind].delete(path)
    }
    return [...taken]
  }

  clear(): void {
    for (const paths of Object.values(this.#kinds)) paths.clear()
  }

  /** What a new connection must ask for again, in portions of one packet. */
  *paths(): Generator<WatchedPaths> {
    let portion: Record<WatchKind, string[]> = { data: [], exists: [], children: [] }
    let bytes = 0
    for (const kind of ['data', 'exists', 'children'] as const) {
      for (const path of this.#kinds[kind].keys()) {
        if (bytes > 0 && bytes + path.length * 3 > MOST_BYTES) {
          yield portion
          portion = { data: [], exists: [], children: [] }
          bytes = 0
        }
        portion[kind].push(path)
        bytes += path.length * 3 + 4 // as UTF-8 at most
      }
    }
    if (bytes > 0) yield portion
  }
}
