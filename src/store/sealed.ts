import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Change } from '../loop/ports.ts'
import { StoreError } from './errors.ts'
import { readChange, type WrittenChange } from './records.ts'

/** Raised when a record gets another shape; the old one must still be readable then. */
const FORMAT = 1

const Entry = Compile(
  Type.Object({
    format: Type.Literal(FORMAT),
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
export interface Place {
  readonly file: string
  readonly line: number
}

/** `{"sum":"…","format":1,"seq":7,"changes":[…]}` and a newline. The sum is over everything behind it. */
export function seal(seq: number, changes: readonly WrittenChange[]): string {
  const body = JSON.stringify({ format: FORMAT, seq, changes }).slice(1)
  return `{"sum":"${sumOf(body)}",${body}\n`
}

/**
 * @param line without its newline
 * @throws StoreError `STORE_UNTRUSTED`, `STORE_VERSION`, naming file, line and what to do
 */
export function unseal(line: string, place: Place): Sealed {
  const [, sum, body] = /^\{"sum":"([0-9a-f]{16})",(.*\})$/s.exec(line) ?? []
  if (sum === undefined || body === undefined) throw untrusted(place, 'this is not a line that the store has written')
  if (sum !== sumOf(body)) throw untrusted(place, 'the checksum does not fit: the content was changed or damaged')
  const entry: unknown = JSON.parse(`{${body}`)
  if (!Entry.Check(entry)) {
    if (Versioned.Check(entry) && entry.format !== FORMAT) {
      throw new StoreError(
        'STORE_VERSION',
        `${where(place)}: format ${entry.format}, this version knows ${FORMAT}. ` +
          'Start the version of the sidecar that wrote it, or a newer one.',
      )
    }
    throw untrusted(place, 'seq or changes are missing or have another type')
  }
  return { seq: entry.seq, changes: entry.changes.map((change) => readWritten(change, place)) }
}

function readWritten(change: WrittenChange, place: Place): Change {
  try {
    return readChange(change)
  } catch (thrown) {
    if (thrown instanceof StoreError) throw untrusted(place, thrown.message)
    throw thrown
  }
}

export function untrusted(place: Place, why: string): StoreError {
  return new StoreError(
    'STORE_UNTRUSTED',
    `${where(place)}: ${why}. Nothing was started, as starting from an empty store would provision every agent ` +
      'twice. Restore the folder from a copy, or move it away while the nodes that the sidecar made are still in ' +
      'Jenkins: their descriptions carry the framework id and the agent ids.',
  )
}

function where(place: Place): string {
  return `${place.file}, line ${place.line}`
}

function sumOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16)
}
