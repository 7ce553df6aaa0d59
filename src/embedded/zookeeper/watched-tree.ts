import type { Clock } from '../../core/clock.ts'
import { type Fields, pack } from './fields.ts'
import { failingAt, type ServerConnection, type WriteOp } from './server-connection.ts'
import { type Asking, Fault, Tree, type TreeEvent } from './tree.ts'
import { WatchList } from './watch-list.ts'

const OP = { create: 1, delete: 2, exists: 3, get: 4, set: 5, children: 8, childrenAndStat: 12, check: 13 }

/** The tree as requests ask for it, and whoever waits for its changes. */
export class WatchedTree {
  readonly tree: Tree
  readonly #watches = new WatchList()

  constructor(clock: Clock) {
    this.tree = new Tree(clock)
  }

  /** Does all or nothing, and tells the watches. */
  change<T>(work: () => T): T {
    const { result, events } = this.tree.change(work)
    for (const event of events) this.#watches.fire(event)
    return result
  }

  /** As one change. @returns the results for the wire */
  write(ops: readonly WriteOp[], asking: Asking): readonly Buffer[] {
    return this.change(() => ops.map((op, at) => failingAt(at, () => this.#write(op, asking))))
  }

  read(op: number, fields: Fields, asking: Asking, watcher: ServerConnection): Buffer {
    const [path, watch] = [fields.text(), fields.yes()]
    if (op === OP.exists && watch) this.#watches.add('data', path, watcher)
    const answer = this.#look(op, path, asking)
    if (watch && op !== OP.exists) this.#watches.add(op === OP.get ? 'data' : 'children', path, watcher)
    return answer
  }

  /** @returns what the client has missed */
  setWatches(fields: Fields, watcher: ServerConnection): TreeEvent[] {
    const since = fields.long()
    const missed: TreeEvent[] = []
    const either = (path: string, kind: 'data' | 'children', event: TreeEvent['name'] | undefined): void => {
      if (event === undefined) this.#watches.add(kind, path, watcher)
      else missed.push({ name: event, path })
    }
    for (const path of fields.texts()) {
      const node = this.tree.since(path, since)
      either(path, 'data', node === undefined ? 'deleted' : node.changed ? 'changed' : undefined)
    }
    for (const path of fields.texts()) either(path, 'data', this.tree.peek(path) && 'created')
    for (const path of fields.texts()) {
      const node = this.tree.since(path, since)
      either(path, 'children', node === undefined ? 'deleted' : node.children ? 'children' : undefined)
    }
    return missed
  }

  forget(watcher: ServerConnection): void {
    this.#watches.forget(watcher)
  }

  #write({ op, path, data, version, flags, acl }: WriteOp, asking: Asking): Buffer {
    switch (op) {
      case OP.create:
        return pack('s', this.tree.create(path, data, flags, acl, asking))
      case OP.delete:
        this.tree.delete(path, version, asking)
        return Buffer.alloc(0)
      case OP.set:
        this.tree.set(path, data, version, asking)
        return this.tree.stat(path)
      case OP.check:
        this.tree.check(path, version, asking)
        return Buffer.alloc(0)
      default:
        throw new Fault('badArguments')
    }
  }

  #look(op: number, path: string, asking: Asking): Buffer {
    if (op === OP.exists) return this.tree.stat(path)
    if (op === OP.get) return Buffer.concat([pack('b', this.tree.get(path, asking)), this.tree.stat(path)])
    if (op !== OP.children && op !== OP.childrenAndStat) throw new Fault('badArguments')
    const names = this.tree.children(path, asking)
    const list = Buffer.concat([pack('i', names.length), ...names.map((name) => pack('s', name))])
    return op === OP.children ? list : Buffer.concat([list, this.tree.stat(path)])
  }
}
