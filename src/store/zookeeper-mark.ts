import type { ZooKeeperOp, ZooKeeperSession } from '../zookeeper/session.ts'
import { type Mark, readMark, refuseMarked, writeMark } from './mark.ts'
import type { Fence } from './zookeeper-store.ts'

/** @param path of the state */
function markNode(path: string): string {
  return `${path === '/' ? '' : path}/mark`
}

export async function readMarkNode(session: ZooKeeperSession, path: string): Promise<Mark | undefined> {
  const znode = markNode(path)
  await session.sync(path)
  const node = await session.get(znode)
  return node === undefined ? undefined : readMark(node.data.toString('utf8'), { znode })
}

/** @throws StoreError `STORE_MOVED` where the state must not be used */
export async function checkMarkNode(session: ZooKeeperSession, path: string): Promise<void> {
  refuseMarked(await readMarkNode(session, path), { znode: markNode(path) })
}

export async function setMarkNode({ session, node }: Fence, path: string, mark: Mark | undefined): Promise<void> {
  const there = await session.exists(markNode(path))
  const guard: ZooKeeperOp = { kind: 'check', path: node, version: 0 }
  const at = markNode(path)
  if (mark === undefined) {
    if (there) await session.multi([guard, { kind: 'delete', path: at, version: -1 }])
    return
  }
  const data = Buffer.from(writeMark(mark))
  await session.multi([
    guard,
    there ? { kind: 'set', path: at, data, version: -1 } : { kind: 'create', path: at, data },
  ])
}
