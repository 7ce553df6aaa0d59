import { codeOf } from '../core/code-of.ts'
import type { ZooKeeperSession } from './session.ts'

/** Makes the node and those above it where they are missing, without data. */
export async function makePath(session: ZooKeeperSession, path: string): Promise<void> {
  if (path === '/' || path === '' || (await session.exists(path))) return
  await makePath(session, path.slice(0, path.lastIndexOf('/')))
  try {
    await session.create(path, Buffer.alloc(0))
  } catch (error) {
    if (codeOf(error) !== 'ZK_NODE_EXISTS') throw error // somebody was quicker
  }
}
