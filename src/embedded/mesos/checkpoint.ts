import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, messageOf } from '../../core/code-of.ts'
import type { TaskState, WireTaskStatus } from '../../mesos/protocol.ts'
import type { HostTask } from './host-task.ts'
import type { ReceivedFrameworkInfo } from './received.ts'
import type { Drain, Unavailability } from './upkeep.ts'

/** What a host must still know after its process was killed. */
export interface HostCheckpoint {
  readonly hostname: string
  readonly mesosAgentId: string
  readonly tasks: readonly TaskCheckpoint[]
}

export interface TaskCheckpoint extends HostTask {
  readonly containerId: string
  readonly state: TaskState
  readonly forwarded: TaskState
  readonly statuses: readonly WireTaskStatus[]
  /** Updates that were not acknowledged, oldest first. */
  readonly pending: readonly WireTaskStatus[]
  readonly pid: number | undefined
  readonly killing: boolean
  readonly draining?: 'drained' | 'gone' | undefined
  readonly ended: boolean
}

/** What hosts tell a new master, and its registry: frameworks, removed ones, and the hosts that were there. */
export interface MasterCheckpoint {
  readonly frameworks: readonly FrameworkCheckpoint[]
  readonly removed: readonly FrameworkCheckpoint[]
  readonly hosts: readonly { readonly mesosAgentId: string; readonly hostname: string }[]
  readonly operator?: OperatorCheckpoint
}

/** What operators said of hosts and machines. */
interface OperatorCheckpoint {
  readonly gone: readonly string[]
  readonly down: readonly string[]
  readonly unavailable: readonly (readonly [string, Unavailability])[]
  readonly drains: readonly (readonly [string, Drain])[]
}

export interface FrameworkCheckpoint {
  readonly id: string
  readonly info: ReceivedFrameworkInfo
  readonly registeredAt: number
}

export interface Checkpoints {
  readonly loadMaster: () => MasterCheckpoint | undefined
  readonly saveMaster: (checkpoint: MasterCheckpoint) => void
  readonly loadHost: (hostname: string) => HostCheckpoint | undefined
  readonly saveHost: (checkpoint: HostCheckpoint) => void
}

/** Nothing survives. */
export const NO_CHECKPOINTS: Checkpoints = {
  loadMaster: () => undefined,
  saveMaster: () => undefined,
  loadHost: () => undefined,
  saveHost: () => undefined,
}

/**
 * One file for the master and one a host, each replaced as a whole, so that a kill at any moment leaves the old or the
 * new one. Task infos may hold secrets: only the owner reads them.
 */
export function fileCheckpoints(directory: string): Checkpoints {
  const hosts = join(directory, 'hosts')
  mkdirSync(hosts, { recursive: true, mode: 0o700 })
  for (const left of readdirSync(hosts).filter((name) => name.endsWith('.new'))) rmSync(join(hosts, left))
  const master = join(directory, 'master.json')
  const hostFile = (hostname: string): string => join(hosts, `${encodeURIComponent(hostname)}.json`)
  return {
    loadMaster: () => read(master) as MasterCheckpoint | undefined,
    saveMaster: (checkpoint) => {
      write(master, checkpoint)
    },
    loadHost: (hostname) => read(hostFile(hostname)) as HostCheckpoint | undefined,
    saveHost: (checkpoint) => {
      write(hostFile(checkpoint.hostname), checkpoint)
    },
  }
}

function read(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(
      `${path} holds no JSON (${messageOf(error)}): it was changed by hand; remove it to start the embedded Mesos anew`,
      { cause: error },
    )
  }
}

function write(path: string, value: unknown): void {
  const next = `${path}.new`
  writeFileSync(next, `${JSON.stringify(value)}\n`, { mode: 0o600 })
  renameSync(next, path)
}
