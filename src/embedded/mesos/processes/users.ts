import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import type { RunnableTask } from '../runner.ts'

/** Whom a task runs as. */
export type TaskUser =
  /** As we ourselves. */
  | { readonly kind: 'own' }
  | { readonly kind: 'other'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'unknown'; readonly name: string }
  /** Only root may become another user. */
  | { readonly kind: 'forbidden'; readonly name: string; readonly own: string }

/** CommandInfo.user, else the framework's; none at all means our own. */
export async function userOf(
  task: RunnableTask,
  own: { readonly uid: number; readonly name: string } = ownUser(),
  passwdFile = '/etc/passwd',
): Promise<TaskUser> {
  const name = [task.info.command?.user, task.user].find((user) => user !== undefined && user !== '')
  if (name === undefined || name === own.name) return { kind: 'own' }
  if (own.uid !== 0) return { kind: 'forbidden', name, own: own.name }
  const found = parsePasswd(await readFile(passwdFile, 'utf8'), name)
  if (found === undefined) return { kind: 'unknown', name }
  return found.uid === own.uid ? { kind: 'own' } : { kind: 'other', ...found }
}

/** @see passwd(5): `name:password:uid:gid:comment:home:shell` */
export function parsePasswd(text: string, name: string): { uid: number; gid: number } | undefined {
  for (const line of text.split('\n')) {
    const [user, , uid, gid] = line.split(':')
    if (user === name && /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? '')) {
      return { uid: Number(uid), gid: Number(gid) }
    }
  }
  return undefined
}

/** A container may run as a number that has no name. */
function ownUser(): { uid: number; name: string } {
  const uid = process.getuid?.() ?? -1
  try {
    return { uid, name: userInfo().username }
  } catch {
    return { uid, name: String(uid) }
  }
}
