import type { ServerConnection } from './server-connection.ts'
import type { TreeEvent } from './tree.ts'

/** Who waits for what, at all servers. Each watch is told once. */
export class WatchList {
  readonly #data = new Map<string, Set<ServerConnection>>()
  readonly #children = new Map<string, Set<ServerConnection>>()

  add(kind: 'data' | 'children', path: string, watcher: ServerConnection): void {
    const paths = kind === 'data' ? this.#data : this.#children
    paths.set(path, (paths.get(path) ?? new Set()).add(watcher))
  }

  fire(event: TreeEvent): void {
    const told = new Set<ServerConnection>()
    if (event.name !== 'children') this.#take(this.#data, event.path, told)
    if (event.name === 'children' || event.name === 'deleted') this.#take(this.#children, event.path, told)
    for (const watcher of told) watcher.tell(event)
  }

  forget(watcher: ServerConnection): void {
    for (const paths of [this.#data, this.#children]) for (const watchers of paths.values()) watchers.delete(watcher)
  }

  #take(paths: Map<string, Set<ServerConnection>>, path: string, into: Set<ServerConnection>): void {
    for (const watcher of paths.get(path) ?? []) into.add(watcher)
    paths.delete(path)
  }
}
