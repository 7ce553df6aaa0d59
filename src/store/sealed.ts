import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Change } from '../loop/ports.ts'
import { StoreError } from './errors.ts'
import { FORMAT, isKnown, migrate } from './migrations.ts'
import { readChange, type WrittenChange } from './records.ts'

const Entry = Compile(
  Type.Object({
    seq: Type.Integer({ minimum: 0 }),
    changes: Type.Array(Type.Object({ key: Type.String(), value: Type.Unknown() })),
  }),
)
const Versioned = Compile(Type.Object({ format: Type.Integer() }))

/** One line of the log, or the whole snapshot: the changes of one write. */
export interface Sealed {
  /** Of the write: one more than the one before. A snapshot has that of the last write in it. */
  readonly seq: number
  readonly changes: readonly Change[]
}

/** Where something was read, for messages. */
export type Place = { readonly file: string; readonly line: number } | { readonly znode: string }

/** `{"sum":"…","format":2,…}`. The sum is over everything behind it. */
export function sealText(content: object): string {
  const body = JSON.stringify({ format: FORMAT, ...content }).slice(1)
  return `{"sum":"${sumOf(body)}",${body}`
}

/**
 * @returns what was sealed, and in which format
 * @throws StoreError `STORE_UNTRUSTED`, `STORE_VERSION`, naming the place and what to do
 */
export function unsealText(text: string, place: Place): { readonly format: number; readonly content: object } {
  const [, sum, body] = /^\{"sum":"([0-9a-f]{16})",(.*\})$/s.exec(text) ?? []
  if (sum === undefined || body === undefined) throw untrusted(place, 'this is not a line that the store has written')
  if (sum !== sumOf(body)) throw untrusted(place, 'the checksum does not fit: the content was changed or damaged')
  const content: unknown = JSON.parse(`{${body}`)
  if (!Versioned.Check(content)) throw untrusted(place, 'format is missing or has another type')
  if (isKnown(content.format)) return { format: content.format, content }
  throw new StoreError(
    'STORE_VERSION',
    `${where(place)}: format ${content.format}, this version knows ${FORMAT}. ` +
      'Start the version of the sidecar that wrote it, or a newer one.',
  )
}

/** A line of the log with its newline. */
export function seal(seq: number, changes: readonly WrittenChange[]): string {
  return `${sealText({ seq, changes })}\n`
}

/**
 * @param line without its newline
 * @throws StoreError `STORE_UNTRUSTED`, `STORE_VERSION`, naming file, line and what to do
 */
export function unseal(line: string, place: Place): Sealed {
  const { format, content } = unsealText(line, place)
  if (!Entry.Check(content)) throw untrusted(place, 'seq or changes are missing or have another type')
  return { seq: content.seq, changes: content.changes.map((change) => readWritten(change, format, place)) }
}

/** @throws StoreError `STORE_UNTRUSTED` where it is not a change */
export function readWritten(change: WrittenChange, format: number, place: Place): Change {
  try {
    return readChange(migrate(change, format))
  } catch (thrown) {
    if (thrown instanceof StoreError) throw untrusted(place, thrown.message)
    throw thrown
  }
}

export function untrusted(place: Place, why: string): StoreError {
  const whole = 'file' in place ? 'Restore the folder from a copy, or move it away' : 'Restore it, or use another path'
  return new StoreError(
    'STORE_UNTRUSTED',
    `${where(place)}: ${why}. Nothing was started, as starting from an empty store would provision every agent ` +
      `twice. ${whole} while the nodes that the sidecar made are still in ` +
      'Jenkins: their descriptions carry the framework id and the agent ids.',
  )
}

export function where(place: Place): string {
  return 'file' in place ? `${place.file}, line ${place.line}` : `znode ${place.znode}`
}

function sumOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16)
}
