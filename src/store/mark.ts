import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Disk } from './disk.ts'
import { StoreError } from './errors.ts'
import { type Place, sealText, unsealText, untrusted, where } from './sealed.ts'

const MarkSchema = Type.Object({ kind: Type.Enum(['moved', 'incoming']), other: Type.String(), at: Type.String() })
const MarkCheck = Compile(MarkSchema)

/**
 * Keeps a state from being used, so that there are never two that both hold for the truth.
 * - `moved`: everything is in `other` now
 * - `incoming`: it is being copied here from `other`, or was, when something came in between
 */
export interface Mark {
  readonly kind: 'moved' | 'incoming'
  /** As in STATE_URL, without credentials. */
  readonly other: string
  /** ISO 8601. */
  readonly at: string
}

export function writeMark({ kind, other, at }: Mark): string {
  return sealText({ kind, other, at })
}

/** @throws StoreError `STORE_UNTRUSTED` */
export function readMark(text: string, place: Place): Mark {
  const { content } = unsealText(text, place)
  if (!MarkCheck.Check(content)) throw untrusted(place, 'kind, other or at is missing')
  return content
}

/** @throws StoreError `STORE_MOVED` where there is a mark */
export function refuseMarked(mark: Mark | undefined, place: Place): void {
  if (mark === undefined) return
  const { kind, other, at } = mark
  throw new StoreError(
    'STORE_MOVED',
    kind === 'moved'
      ? `${where(place)}: this state was moved to ${other} at ${at}. Start with STATE_URL=${other}: two sidecars on ` +
          'two copies would undo each other. Only if that one is never used again, delete this mark.'
      : `${where(place)}: a migration from ${other} began at ${at} and did not end. Run it again, or go on with ` +
          `STATE_URL=${other}, which is still whole, unless it says that it was moved.`,
  )
}

function markFile(folder: string): string {
  return join(folder, 'mark.json')
}

export async function readMarkFile(disk: Disk, folder: string): Promise<Mark | undefined> {
  const file = markFile(folder)
  const bytes = await disk.read(file)
  return bytes === undefined ? undefined : readMark(bytes.toString('utf8').trim(), { file, line: 1 })
}

/** @throws StoreError `STORE_MOVED` where the state must not be used */
export async function checkMarkFile(disk: Disk, folder: string): Promise<void> {
  refuseMarked(await readMarkFile(disk, folder), { file: markFile(folder), line: 1 })
}

export async function setMarkFile(disk: Disk, folder: string, mark: Mark | undefined): Promise<void> {
  if (mark === undefined) await rm(markFile(folder), { force: true })
  else await disk.replace(markFile(folder), `${writeMark(mark)}\n`)
}
