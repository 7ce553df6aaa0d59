import { ZooKeeperError, type ZooKeeperErrorCode } from '../../src/zookeeper/errors.ts'
import type { CreateOptions, ZooKeeperOp } from '../../src/zookeeper/session.ts'

interface TreeNode {
  readonly data: Buffer
  readonly version: number
  /** The session that it goes with. */
  readonly owner: number | undefined
}

/** The znodes of an ensemble, and what each operation makes of them. */
export class FakeTree {
  #nodes: ReadonlyMap<string, TreeNode> = new Map([['/', { data: Buffer.alloc(0), version: 0, owner: undefined }]])
  #sequence = 0
  readonly #onChange: (path: string, what: 'node' | 'children') => void

  constructor(onChange: (path: string, what: 'node' | 'children') => void) {
    this.#onChange = onChange
  }

  get paths(): readonly string[] {
    return [...this.#nodes.keys()].sort()
  }

  get(path: string): { readonly data: Buffer; readonly version: number } | undefined {
    const node = this.#nodes.get(path)
    return node === undefined ? undefined : { data: Buffer.from(node.data), version: node.version }
  }

  children(path: string): readonly string[] | undefined {
    if (!this.#nodes.has(path)) return undefined
    const prefix = path === '/' ? '/' : `${path}/`
    const names = [...this.#nodes.keys()]
      .filter((each) => each.startsWith(prefix))
      .map((each) => each.slice(prefix.length))
    // In no order that a caller could rely on.
    return names.filter((name) => name !== '' && !name.includes('/')).reverse()
  }

  create(path: string, data: Buffer, session: number, options: CreateOptions = {}): string {
    const whole = options.sequential ? `${path}${String(this.#sequence++).padStart(10, '0')}` : path
    this.multi([{ kind: 'create', path: whole, data, ephemeral: options.ephemeral ?? false }], session)
    return whole
  }

  /** All or nothing. */
  multi(ops: readonly ZooKeeperOp[], session: number): void {
    const nodes = new Map(this.#nodes)
    for (const [index, op] of ops.entries()) apply(nodes, op, session, index)
    this.#nodes = nodes
    for (const { kind, path } of ops) {
      if (kind === 'check') continue
      this.#onChange(path, 'node')
      if (kind !== 'set') this.#onChange(parentOf(path), 'children')
    }
  }

  /** The session is over. */
  end(session: number): void {
    const gone = [...this.#nodes].filter(([, { owner }]) => owner === session)
    this.multi(
      gone.map(([path]) => ({ kind: 'delete', path, version: -1 })),
      session,
    )
  }
}

function apply(nodes: Map<string, TreeNode>, op: ZooKeeperOp, session: number, index: number): void {
  const refuse = (code: ZooKeeperErrorCode): never => {
    throw new ZooKeeperError(code, `${op.path}: ${code}`, { path: op.path, operation: index })
  }
  const node = nodes.get(op.path)
  if (op.kind === 'create') {
    if (node !== undefined) refuse('ZK_NODE_EXISTS')
    if (!nodes.has(parentOf(op.path))) refuse('ZK_NO_NODE')
    nodes.set(op.path, { data: Buffer.from(op.data), version: 0, owner: op.ephemeral ? session : undefined })
    return
  }
  if (node === undefined) {
    refuse('ZK_NO_NODE')
    return
  }
  if (op.version !== -1 && op.version !== node.version) refuse('ZK_BAD_VERSION')
  if (op.kind === 'set') nodes.set(op.path, { ...node, data: Buffer.from(op.data), version: node.version + 1 })
  if (op.kind === 'delete') {
    if ([...nodes.keys()].some((path) => path.startsWith(`${op.path}/`))) refuse('ZK_NOT_EMPTY')
    nodes.delete(op.path)
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
