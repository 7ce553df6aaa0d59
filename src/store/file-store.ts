import { codeOf, messageOf } from '../core/code-of.ts'
import type { Change, Saved, StorePort } from '../loop/ports.ts'
import { CommitQueue } from './commit-queue.ts'
import { type Disk, type LogFile, makeFolderToStay, realDisk } from './disk.ts'
import { StoreError } from './errors.ts'
import { type Lock, type Processes, realProcesses, takeLock } from './lock.ts'
import { checkMarkFile } from './mark.ts'
import { pathsIn, readState, type State } from './read-state.ts'
import { type Contents, writeChange } from './records.ts'
import { seal } from './sealed.ts'

export interface FileStoreOptions {
  /** Made, for this user alone, where it is not there. */
  readonly folder: string
  /** The log is put into a snapshot when it is longer than this. [1 MiB] */
  readonly maxLogBytes?: number
  /** What a person should know and need not act on: a torn last line, a snapshot that must wait. */
  readonly onWarning?: (message: string) => void
  readonly disk?: Disk
  readonly processes?: Processes
  /** Opens a state, too, that was moved away or is being moved here: for the migration. */
  readonly marked?: boolean
}

/**
 * The store in a folder: `snapshot.json` holds everything up to some write, `log.jsonl` a line for each write since.
 *
 * After a failed write nobody knows what is on disk. So nothing is acknowledged any more until a fresh snapshot is
 * in place and the log is cut; each later commit tries that first.
 */
export class FileStore implements StorePort {
  readonly #options: FileStoreOptions
  readonly #disk: Disk
  readonly #lock: Lock
  readonly #log: LogFile
  readonly #contents: Contents
  readonly #queue: CommitQueue
  /** Of the last write that was tried: one that failed may be on disk all the same. */
  #seq: number
  #logBytes: number
  #inDoubt = false

  /**
   * @throws StoreError `STORE_LOCKED` while another process has it open, `STORE_UNTRUSTED` or `STORE_VERSION` where
   * its content cannot be used
   */
  static async open(options: FileStoreOptions): Promise<FileStore> {
    const disk = options.disk ?? realDisk
    await makeFolderToStay(options.folder)
    const lock = await takeLock(options.folder, options.processes ?? realProcesses)
    let log: LogFile | undefined
    try {
      if (!options.marked) await checkMarkFile(disk, options.folder)
      const state = await readState(disk, options.folder)
      log = await disk.openLog(pathsIn(options.folder).log)
      const store = new FileStore(options, disk, lock, log, state)
      if (state.tornBytes > 0) await store.#cutTorn(state)
      return store
    } catch (thrown) {
      await log?.close()
      await lock.release()
      throw thrown
    }
  }

  private constructor(options: FileStoreOptions, disk: Disk, lock: Lock, log: LogFile, state: State) {
    this.#options = options
    this.#disk = disk
    this.#lock = lock
    this.#log = log
    this.#contents = state.contents
    this.#seq = state.seq
    this.#logBytes = state.logBytes
    this.#queue = new CommitQueue((changes) => this.#write(changes))
  }

  readonly load = async (): Promise<Saved> => this.#contents.saved()

  /** @throws StoreError (rejects); after `STORE_WRITE` the changes may or may not be there after a crash */
  readonly commit = (changes: readonly Change[]): Promise<void> => this.#queue.add(changes)

  readonly close = async (): Promise<void> => {
    if (!(await this.#queue.close())) return
    await this.#log.close()
    await this.#lock.release()
  }

  async #write(changes: readonly Change[]): Promise<void> {
    try {
      if (!(await this.#isOurs())) {
        throw new StoreError(
          'STORE_LOST',
          `${this.#options.folder} was deleted or replaced while in use, and nothing is stored any more. Restart ` +
            'this sidecar: it adopts the agents that Jenkins and Mesos know.',
        )
      }
      if (this.#inDoubt) await this.#snapshot()
      if (changes.length === 0) return
      const line = seal(++this.#seq, changes.map(writeChange))
      this.#inDoubt = true
      await this.#log.append(line)
      this.#inDoubt = false
      this.#logBytes += Buffer.byteLength(line)
    } catch (cause) {
      if (cause instanceof StoreError) throw cause
      const why = `${codeOf(cause) ?? 'error'}: ${messageOf(cause)}`
      throw new StoreError(
        'STORE_WRITE',
        `${this.#options.folder} cannot be written (${why}). Nothing new is begun until a write succeeds: ` +
          'make room on the disk, or see to the disk.',
        { cause },
      )
    }
    for (const change of changes) this.#contents.apply(change)
    if (this.#logBytes > (this.#options.maxLogBytes ?? 1024 * 1024)) await this.#shorten()
  }

  async #isOurs(): Promise<boolean> {
    return (await this.#lock.isMine()) && (await this.#log.isThere())
  }

  /** The commit is safe in the log, so a failure here is not its failure. */
  async #shorten(): Promise<void> {
    try {
      await this.#snapshot()
    } catch (thrown) {
      this.#options.onWarning?.(
        `${this.#options.folder}: the log of ${this.#logBytes} bytes could not be put into a snapshot ` +
          `(${messageOf(thrown)}); it is tried again with the next commit`,
      )
    }
  }

  async #snapshot(): Promise<void> {
    const { snapshot } = pathsIn(this.#options.folder)
    await this.#disk.replace(snapshot, seal(this.#seq, this.#contents.changes().map(writeChange)))
    // From here on the lines of the log are superfluous, but one that is half cut must not be written behind.
    this.#inDoubt = true
    await this.#log.truncate(0)
    this.#inDoubt = false
    this.#logBytes = 0
  }

  async #cutTorn(state: State): Promise<void> {
    await this.#log.truncate(state.logBytes)
    this.#options.onWarning?.(
      `${pathsIn(this.#options.folder).log}: cut off ${state.tornBytes} bytes of a last write that a crash had ` +
        'interrupted; it was never acknowledged, so nothing is lost',
    )
  }
}
