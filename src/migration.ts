import { isDeepStrictEqual } from 'node:util'
import type { Saved, StorePort } from './loop/ports.ts'
import type { Mark } from './store/mark.ts'
import { Contents } from './store/records.ts'

/** A state that nobody else can use meanwhile: its lock is held, or its leadership. */
export interface Side {
  /** As in STATE_URL, without credentials. */
  readonly name: string
  readonly store: StorePort
  readonly mark: () => Promise<Mark | undefined>
  readonly setMark: (mark: Mark | undefined) => Promise<void>
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError'
  readonly code = 'MIGRATION_REFUSED'
}

/**
 * Copies a state and leaves the source marked. At each instant at most one of the two can be started on: the target is
 * marked before anything is in it, and until the source is marked as moved. One that was cut off may be run again.
 * @param now ISO 8601
 * @returns how many agents there are
 */
export async function migrate(from: Side, to: Side, now: string): Promise<number> {
  const [moved, incoming] = [await from.mark(), await to.mark()]
  const again = incoming?.kind === 'incoming' && incoming.other === from.name
  if (moved !== undefined && !(moved.kind === 'moved' && moved.other === to.name && again)) {
    const what = moved.kind === 'moved' ? 'was moved to' : 'is only half copied from'
    throw new MigrationError(`${from.name} ${what} ${moved.other} (${moved.at}): give that one as --from.`)
  }
  if (incoming !== undefined && !again) {
    const what = incoming.kind === 'moved' ? 'was moved to' : 'is being filled from'
    throw new MigrationError(`${to.name} ${what} ${incoming.other} (${incoming.at}): give another --to.`)
  }
  const saved = await from.store.load()
  const there = await to.store.load()
  if (!again && !isEmpty(there)) {
    throw new MigrationError(
      `${to.name} has content already (${there.agents.size} agents): nothing was changed. Give a --to that is empty.`,
    )
  }
  if (moved === undefined) {
    await to.setMark({ kind: 'incoming', other: from.name, at: now })
    await copy(saved, there, to.store)
  }
  await verify(saved, to)
  await from.setMark(moved ?? { kind: 'moved', other: to.name, at: now })
  await to.setMark(undefined)
  return saved.agents.size
}

async function copy(saved: Saved, there: Saved, store: StorePort): Promise<void> {
  const old = Contents.of(there)
    .changes()
    .map(({ key }) => ({ key, value: undefined }))
  await store.commit([...old, ...Contents.of(saved).changes()])
}

async function verify(saved: Saved, to: Side): Promise<void> {
  const [wanted, found] = [sorted(saved), sorted(await to.store.load())]
  if (isDeepStrictEqual(wanted, found)) return
  throw new MigrationError(
    `${to.name} does not hold what was written to it. The source is as it was: go on with it, and see to the target.`,
  )
}

function sorted(saved: Saved): unknown {
  const changes = Contents.of(saved).changes()
  return [...changes].sort((one, other) => (one.key < other.key ? -1 : 1))
}

function isEmpty(saved: Saved): boolean {
  return Contents.of(saved).changes().length === 0
}
