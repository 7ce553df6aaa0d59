import { join } from 'node:path'
import type { Saved } from '../loop/ports.ts'
import { type Disk, realDisk } from './disk.ts'
import { checkMarkFile } from './mark.ts'
import { Contents } from './records.ts'
import { unseal, untrusted } from './sealed.ts'

export interface StatePaths {
  readonly log: string
  readonly snapshot: string
}

export function pathsIn(folder: string): StatePaths {
  return { log: join(folder, 'log.jsonl'), snapshot: join(folder, 'snapshot.json') }
}

export interface State {
  readonly contents: Contents
  /** Of the last write. */
  readonly seq: number
  /** Bytes of the log that are whole lines. */
  readonly logBytes: number
  /** Bytes behind them: of a write that was cut off by a crash and was never acknowledged. */
  readonly tornBytes: number
}

/**
 * Reads snapshot and log.
 * @throws StoreError where the content cannot be trusted
 */
export async function readState(disk: Disk, folder: string): Promise<State> {
  const { log, snapshot } = pathsIn(folder)
  const contents = new Contents()
  const snapshotBytes = await disk.read(snapshot)
  const logContent = await disk.read(log)
  if (snapshotBytes !== undefined && logContent === undefined) {
    throw untrusted({ file: log, line: 1 }, 'the file is missing although there is a snapshot')
  }
  const first = snapshotBytes === undefined ? 0 : readSnapshot(contents, snapshot, snapshotBytes)
  const { lines, wholeBytes, tornBytes } = cut(logContent ?? Buffer.alloc(0))
  let seq = first
  let before: number | undefined
  for (const [index, line] of lines.entries()) {
    const place = { file: log, line: index + 1 }
    const sealed = unseal(line, place)
    const follows = before === undefined ? sealed.seq <= first + 1 : sealed.seq === before + 1
    if (!follows) throw untrusted(place, `write ${sealed.seq} follows write ${before ?? first}: some are missing`)
    before = sealed.seq
    // A crash between a snapshot and the cutting of the log leaves lines that the snapshot has already.
    if (sealed.seq <= first) continue
    for (const change of sealed.changes) contents.apply(change)
    seq = sealed.seq
  }
  return { contents, seq, logBytes: wholeBytes, tornBytes }
}

/**
 * Reads the state while another process may be writing it: for `plan` and `check`, takes no lock, changes nothing.
 * An empty folder, or none, is an empty state.
 * @throws StoreError where the content cannot be trusted
 */
export async function readStateOnly(folder: string, disk: Disk = realDisk): Promise<Saved> {
  const { snapshot } = pathsIn(folder)
  await checkMarkFile(disk, folder)
  for (let attempt = 1; ; attempt++) {
    const before = await disk.read(snapshot)
    const [outcome] = await Promise.allSettled([readState(disk, folder)])
    const after = await disk.read(snapshot)
    // Otherwise the writer took a snapshot and cut its log between our readings, which do not belong together.
    const still = (before ?? Buffer.alloc(0)).equals(after ?? Buffer.alloc(0))
    if (!still && attempt < 5) continue
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value.contents.saved()
  }
}

/** @returns the number of the last write in it */
function readSnapshot(contents: Contents, file: string, bytes: Buffer): number {
  const { lines, tornBytes } = cut(bytes)
  const [line] = lines
  // Unlike the log it is put in place whole, so half of one is damage.
  if (line === undefined || lines.length > 1 || tornBytes > 0) {
    throw untrusted({ file, line: 1 }, 'the snapshot is not exactly one whole line')
  }
  const sealed = unseal(line, { file, line: 1 })
  for (const change of sealed.changes) contents.apply(change)
  return sealed.seq
}

const NEWLINE = 0x0a

/**
 * The whole lines, and what a cut-off write left behind them. A power cut may also leave a last line of full length
 * whose blocks never came (zeros, which JSON has none of): that was cut off as well.
 */
function cut(bytes: Buffer): { lines: readonly string[]; wholeBytes: number; tornBytes: number } {
  const lines: string[] = []
  let start = 0
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    const line = bytes.subarray(start, end)
    if (end === bytes.length - 1 && line.includes(0)) break
    lines.push(line.toString('utf8'))
    start = end + 1
  }
  return { lines, wholeBytes: start, tornBytes: bytes.length - start }
}
