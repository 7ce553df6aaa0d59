import { hostname } from 'node:os'
import { join } from 'node:path'
import { systemChance } from '../chance.ts'
import { type ComposedState, composeZooKeeperState, openStateSession } from '../compose-state.ts'
import type { Config, StateConfig } from '../config/config.ts'
import { codeOf, messageOf } from '../core/code-of.ts'
import { showEnsemble } from '../core/ensemble.ts'
import type { Log } from '../core/log.ts'
import { alwaysLeading } from '../leader/always.ts'
import type { Candidate } from '../leader/candidate.ts'
import type { Saved } from '../loop/ports.ts'
import { FileStore } from '../store/file-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { readStateOnly } from '../store/read-state.ts'
import { checkMarkNode } from '../store/zookeeper-mark.ts'
import { readZooKeeperState } from '../store/zookeeper-records.ts'
import { connected } from '../store/zookeeper-wait.ts'
import { systemClock } from '../system-clock.ts'
import type { ZooKeeperSession } from '../zookeeper/session.ts'

const CONNECT_MS = 15_000

export function folderOf(state: Extract<StateConfig, { kind: 'file' }>): string {
  return join(state.folder, 'sidecar')
}

/** For people; without credentials. */
export function describeState(state: StateConfig): string {
  return state.kind === 'file' ? state.folder : showEnsemble(state.ensemble)
}

export function thisProcess(): Candidate {
  const startedAt = new Date(systemClock.now() - process.uptime() * 1000).toISOString()
  return { hostname: hostname(), pid: process.pid, startedAt }
}

/**
 * The state to work on. A dry run sees the agents that are there and stores nothing.
 * @throws StoreError where a state in a folder cannot be used
 */
export async function openState(config: Config, log: Log): Promise<ComposedState> {
  if (config.dryRun) return { store: new MemoryStore(), leader: alwaysLeading }
  if (config.state.kind === 'zookeeper') {
    return composeZooKeeperState({
      ensemble: config.state.ensemble,
      tls: config.zookeeperTls,
      me: thisProcess(),
      clock: systemClock,
      chance: systemChance,
      log,
    })
  }
  return { store: await openFolder(config.state, log), leader: alwaysLeading }
}

/** What the system says when a folder cannot be made or written. */
const NOT_WRITABLE: readonly (string | undefined)[] = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'ENOENT',
  'ENOSPC',
]

async function openFolder(state: Extract<StateConfig, { kind: 'file' }>, log: Log): Promise<FileStore> {
  try {
    return await FileStore.open({
      folder: folderOf(state),
      onWarning: (words) => {
        log.warn({ warning: words }, 'the state folder was mended')
      },
    })
  } catch (thrown) {
    if (!NOT_WRITABLE.includes(codeOf(thrown))) throw thrown
    throw new Error(
      `the state cannot be kept in the folder ${state.folder}: ${messageOf(thrown)}. Let this user write there, ` +
        'or set STATE_URL to another folder (STATE_URL=file:/a/folder)',
      { cause: thrown },
    )
  }
}

/** What is stored, for commands that only look. */
export async function readSaved(config: Config, log: Log): Promise<Saved> {
  if (config.state.kind === 'file') return await readStateOnly(folderOf(config.state))
  const { ensemble } = config.state
  return await withSession(config, log, async (session) => {
    await checkMarkNode(session, ensemble.path)
    return await readZooKeeperState(session, ensemble.path)
  })
}

/** @throws where ZooKeeper does not answer */
async function withSession<T>(
  config: Pick<Config, 'state' | 'zookeeperTls'>,
  log: Log,
  use: (session: ZooKeeperSession) => Promise<T>,
): Promise<T> {
  if (config.state.kind !== 'zookeeper') throw new Error('the state is not in ZooKeeper')
  const { ensemble } = config.state
  const session = openStateSession({
    ensemble,
    tls: config.zookeeperTls,
    clock: systemClock,
    chance: systemChance,
    log,
  })
  try {
    await connected(session, systemClock, systemClock.monotonic() + CONNECT_MS, showEnsemble(ensemble))
    return await use(session)
  } finally {
    await session.close()
  }
}
