import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { systemChance } from '../chance.ts'
import { openStateSession } from '../compose-state.ts'
import type { StateConfig } from '../config/config.ts'
import { readMigration } from '../config/state-url.ts'
import { showEnsemble } from '../core/ensemble.ts'
import type { Log } from '../core/log.ts'
import type { TlsFiles } from '../core/tls.ts'
import { Election } from '../leader/election.ts'
import { MigrationError, migrate, type Side } from '../migration.ts'
import { realDisk } from '../store/disk.ts'
import { FileStore } from '../store/file-store.ts'
import { readMarkFile, setMarkFile } from '../store/mark.ts'
import { readMarkNode, setMarkNode } from '../store/zookeeper-mark.ts'
import { type Fence, ZooKeeperStore } from '../store/zookeeper-store.ts'
import { systemClock } from '../system-clock.ts'
import { type CommandIo, EXIT_OK, EXIT_USAGE } from './io.ts'
import { makeLogger } from './logger.ts'
import { folderOf, thisProcess } from './state.ts'
import { Steps } from './terminal/steps.ts'

const ELECTED_MS = 20_000

interface OpenSide extends Side {
  readonly close: () => Promise<void>
}

/** `migrate`: moves the state from one store to another, while no sidecar runs on either. */
export async function migrateState(from: string, to: string, io: CommandIo): Promise<number> {
  const reading = readMigration(from, to, io.env, io.readFile)
  if (!reading.ok) {
    for (const mistake of reading.mistakes) io.err(`- ${mistake}`)
    return EXIT_USAGE
  }
  const names = [nameOf(reading.from), nameOf(reading.to)]
  if (names[0] === names[1]) {
    io.err(`- --from and --to are the same: ${names[0] ?? ''}.`)
    return EXIT_USAGE
  }
  const log = makeLogger('fatal')
  const steps = new Steps(io, systemClock)
  const source = await steps.run(`opening ${names[0] ?? ''}`, () =>
    openSide(reading.from, reading.zookeeperTls, log, true),
  )
  try {
    const target = await steps.run(`opening ${names[1] ?? ''}`, () =>
      openSide(reading.to, reading.zookeeperTls, log, false),
    )
    try {
      const agents = await steps.run('copying the state and reading it back', () =>
        migrate(source, target, new Date(systemClock.now()).toISOString()),
      )
      const these = agents === 1 ? '1 agent is' : `${agents} agents are`
      io.out(`${these} in ${target.name} now, read back and found the same.`)
      io.out(`Start with STATE_URL=${target.name}; ${source.name} is left as it is and cannot be started on any more.`)
      return EXIT_OK
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

function nameOf(state: StateConfig): string {
  return state.kind === 'file' ? `file:${resolve(state.folder)}` : showEnsemble(state.ensemble)
}

async function openSide(state: StateConfig, tls: TlsFiles | undefined, log: Log, isSource: boolean): Promise<OpenSide> {
  const name = nameOf(state)
  if (state.kind === 'zookeeper') return await openEnsemble(state, name, tls, log)
  const folder = folderOf(state)
  if (isSource && !existsSync(folder)) throw new MigrationError(`${name} holds no state: there is no ${folder}.`)
  const store = await FileStore.open({ folder, marked: true })
  return {
    name,
    store,
    mark: () => readMarkFile(realDisk, folder),
    setMark: (mark) => setMarkFile(realDisk, folder, mark),
    close: store.close,
  }
}

/** Takes part in the election: while it leads no sidecar does. */
async function openEnsemble(
  state: Extract<StateConfig, { kind: 'zookeeper' }>,
  name: string,
  tls: TlsFiles | undefined,
  log: Log,
): Promise<OpenSide> {
  const { ensemble } = state
  const { path } = ensemble
  const clock = systemClock
  const election = new Election({
    open: () => openStateSession({ ensemble, tls, clock, chance: systemChance, log }),
    path,
    me: thisProcess(),
    letters: systemChance.letters,
    clock,
    log,
  })
  try {
    await elected(election, name)
  } catch (error) {
    await election.stop()
    throw error
  }
  const store = new ZooKeeperStore({ path, fence: () => election.elected, clock })
  return {
    name,
    store,
    mark: () => readMarkNode(fenceOf(election).session, path),
    setMark: (mark) => setMarkNode(fenceOf(election), path, mark),
    close: async () => {
      await store.close()
      await election.stop()
    },
  }
}

async function elected(election: Election, name: string): Promise<void> {
  const enough = new AbortController()
  let last = ''
  const leads = await new Promise<boolean>((resolveWith) => {
    election.start((leading, why) => {
      last = why
      if (leading) resolveWith(true)
    })
    const look = async (): Promise<void> => {
      for (let waited = 0; waited < ELECTED_MS && !enough.signal.aborted; waited += 100) {
        await systemClock.sleep(100)
        if (election.standsBy()) break
      }
      resolveWith(false)
    }
    void look()
  })
  enough.abort()
  if (leads) return
  throw new MigrationError(`${name} is in use, or not there: ${last}. Stop every sidecar on it first.`)
}

function fenceOf(election: Election): Fence {
  const { elected: fence } = election
  if (fence === undefined) throw new MigrationError('the leadership in ZooKeeper was lost: run the migration again.')
  return fence
}
