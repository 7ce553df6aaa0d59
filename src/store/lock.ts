import { createHash, randomBytes } from 'node:crypto'
import { link, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { codeOf } from '../core/code-of.ts'
import { StoreError } from './errors.ts'

/**
 * Who holds a lock. A pid alone is used again: with the start time it names one process of one boot.
 * Of a boot that is over, or without `/proc`, the rest is for people.
 */
const OwnerSchema = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  /** Clock ticks after boot, field 22 of `/proc/PID/stat`. */
  startTime: Type.String(),
  bootId: Type.String(),
  hostname: Type.String(),
  /** Makes two locks of one process differ. */
  token: Type.String(),
})
export type Owner = Static<typeof OwnerSchema>
const OwnerCheck = Compile(OwnerSchema)

/** How the system is asked about processes; tests hand in another. */
export interface Processes {
  readonly bootId: () => Promise<string>
  /** `undefined`: no such process, or a zombie. */
  readonly startTime: (pid: number) => Promise<string | undefined>
}

export const realProcesses: Processes = {
  bootId: async () => (await readIfThere('/proc/sys/kernel/random/boot_id'))?.trim() ?? '',
  startTime: async (pid) => {
    const stat = await readIfThere(`/proc/${pid}/stat`)
    if (stat !== undefined) return fromStat(stat)
    return (await hasProc()) || !answersSignals(pid) ? undefined : ''
  },
}

/** @param stat `1234 (any (thing) here) S 1 …`: the name may hold anything, so fields count from its last bracket */
function fromStat(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  return state === 'Z' || state === 'X' ? undefined : fields[19]
}

async function hasProc(): Promise<boolean> {
  try {
    await readlink('/proc/self')
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return false
    throw thrown
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return codeOf(thrown) === 'EPERM'
  }
}

export interface Lock {
  /** Nobody deleted or replaced it, or the folder around it. */
  readonly isMine: () => Promise<boolean>
  readonly release: () => Promise<void>
}

/**
 * Takes the folder's lock, also from a process that is dead.
 * @throws StoreError `STORE_LOCKED` while the lock's owner is alive
 */
export async function takeLock(folder: string, processes: Processes = realProcesses): Promise<Lock> {
  const path = join(folder, 'lock')
  const mine = JSON.stringify(await self(processes))
  const draft = join(folder, `lock.${createHash('sha256').update(mine).digest('hex').slice(0, 16)}.new`)
  await writeFile(draft, mine, { mode: 0o600 })
  try {
    while (!(await linkNew(draft, path))) {
      const held = await readIfThere(path)
      if (held === undefined) continue
      await refuseIfAlive(path, held, processes)
      if (await replaceDead(folder, draft, path, held, processes)) break
    }
  } finally {
    await rm(draft, { force: true })
  }
  const isMine = async (): Promise<boolean> => (await readIfThere(path)) === mine
  return {
    isMine,
    release: async () => {
      if (await isMine()) await rm(path, { force: true })
    },
  }
}

/**
 * Two processes may find the same dead owner. Only the one that makes the file named after that owner's content may
 * replace it, and only while it is still there; should that one die before it is done, it is itself a dead owner
 * with a file named after it.
 * @returns false: the world has changed, look again
 */
async function replaceDead(
  folder: string,
  draft: string,
  path: string,
  held: string,
  processes: Processes,
): Promise<boolean> {
  const claims: string[] = []
  let dead = held
  for (;;) {
    const claim = join(folder, `lock.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}.claim`)
    claims.push(claim)
    if (await linkNew(draft, claim)) break
    const claimant = await readIfThere(claim)
    if (claimant === undefined) return false
    await refuseIfAlive(claim, claimant, processes)
    dead = claimant
  }
  if ((await readIfThere(path)) !== held) {
    await rm(claims.at(-1) ?? draft, { force: true })
    return false
  }
  // The link in place of the dead one's file; the draft itself is still needed if this throws.
  await rename(draft, path)
  for (const claim of claims) await rm(claim, { force: true })
  return true
}

async function refuseIfAlive(path: string, content: string, processes: Processes): Promise<void> {
  const owner = parseOwner(content)
  if (owner === undefined) {
    throw new StoreError(
      'STORE_LOCKED',
      `${path} is not a lock that this program wrote. If no other sidecar uses this folder, delete the file.`,
    )
  }
  if (owner.bootId !== (await processes.bootId())) return
  if ((await processes.startTime(owner.pid)) !== owner.startTime) return
  throw new StoreError(
    'STORE_LOCKED',
    `${path}: process ${owner.pid} on ${owner.hostname} is using this state. Two sidecars on one state would ` +
      'undo each other: end that one first, or give this one a STATE_URL of its own.',
  )
}

function parseOwner(content: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(content)
    return OwnerCheck.Check(owner) ? owner : undefined
  } catch {
    return undefined // not JSON: not ours either
  }
}

async function self(processes: Processes): Promise<Owner> {
  const { pid } = process
  return {
    pid,
    startTime: (await processes.startTime(pid)) ?? '',
    bootId: await processes.bootId(),
    hostname: hostname(),
    token: randomBytes(8).toString('hex'),
  }
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false
    throw thrown
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw thrown
  }
}
