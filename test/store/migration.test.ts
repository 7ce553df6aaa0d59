import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { TemplateName } from '../../src/core/model.ts'
import { add, emptySizing, type Values } from '../../src/core/sizing.ts'
import type { Change } from '../../src/loop/ports.ts'
import { migrate, type Side } from '../../src/migration.ts'
import { realDisk } from '../../src/store/disk.ts'
import { FileStore } from '../../src/store/file-store.ts'
import { checkMarkFile, readMarkFile, setMarkFile } from '../../src/store/mark.ts'
import { checkMarkNode, readMarkNode, setMarkNode } from '../../src/store/zookeeper-mark.ts'
import { type Fence, ZooKeeperStore } from '../../src/store/zookeeper-store.ts'
import { makePath } from '../../src/zookeeper/make-path.ts'
import { FakeEnsemble } from '../support/fake-ensemble.ts'
import { framework, put } from '../support/records.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

const FEW: Values = { samples: [0.5, 3], agents: [2] }
const NOW = '2026-01-02T03:04:05.000Z'
const GPU = 'gpu' as TemplateName
const PAUSED: Change = { key: 'paused', value: { all: false, templates: [GPU] } }
const SIZING: Change = { key: `sizing/${GPU}`, value: add(emptySizing(0), FEW, FEW, 0) }
const STATE = [framework('f-1'), put('a'), put('b', { buildsSeen: 2 }), PAUSED, SIZING]

/** One that a test may ask whether a sidecar could start on it. */
interface TestSide extends Side {
  readonly startable: () => Promise<boolean>
  readonly close: () => Promise<void>
}

let root: string
const sides: TestSide[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'migration-'))
})
afterEach(async () => {
  for (const side of sides.splice(0)) await side.close()
  await rm(root, { recursive: true })
})

async function fileSide(name = 'state'): Promise<TestSide> {
  const folder = join(root, name)
  const store = await FileStore.open({ folder, marked: true })
  return kept({
    name: `file:${folder}`,
    store,
    mark: () => readMarkFile(realDisk, folder),
    setMark: (mark) => setMarkFile(realDisk, folder, mark),
    startable: () => succeeds(checkMarkFile(realDisk, folder)),
    close: store.close,
  })
}

async function ensembleSide(): Promise<TestSide> {
  const clock = new VirtualClock()
  const session = new FakeEnsemble(clock).open()
  await settle()
  await makePath(session, '/sidecar/leader')
  const node = await session.create('/sidecar/leader/c-', Buffer.from(''), { ephemeral: true, sequential: true })
  const fence: Fence = { session, node }
  const store = new ZooKeeperStore({ path: '/sidecar', fence: () => fence, clock })
  return kept({
    name: 'zk://zk1.test:2181/sidecar',
    store,
    mark: () => readMarkNode(session, '/sidecar'),
    setMark: (mark) => setMarkNode(fence, '/sidecar', mark),
    startable: () => succeeds(checkMarkNode(session, '/sidecar')),
    close: () => store.close(),
  })
}

function kept(side: TestSide): TestSide {
  sides.push(side)
  return side
}

function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  )
}

async function names(side: Side): Promise<readonly string[]> {
  return [...(await side.store.load()).agents.keys()]
}

const ways: readonly [string, () => Promise<TestSide>, () => Promise<TestSide>][] = [
  ['from files to ZooKeeper', () => fileSide(), ensembleSide],
  ['from ZooKeeper to files', ensembleSide, () => fileSide()],
  ['from one folder to another', () => fileSide(), () => fileSide('other')],
]

describe.each(ways)('%s', (_, makeFrom, makeTo) => {
  test('everything is there, the same, and only there can be started', async () => {
    const [from, to] = [await makeFrom(), await makeTo()]
    await from.store.load()
    await from.store.commit(STATE)
    expect(await migrate(from, to, NOW)).toBe(2)
    expect(await to.store.load()).toStrictEqual(await from.store.load())
    expect([await from.startable(), await to.startable()]).toEqual([false, true])
    expect(await from.mark()).toMatchObject({ kind: 'moved', other: to.name, at: NOW })
  })

  test('invariant 9: cut off before or after any step, at most one can be started, and run again it ends well', async () => {
    for (let at = 0; ; at++) {
      for (const point of ['before', 'after'] as const) {
        await rm(root, { recursive: true })
        const [from, to] = [await makeFrom(), await makeTo()]
        await from.store.load()
        await from.store.commit(STATE)
        let step = 0
        const cut = async (work: () => Promise<void>): Promise<void> => {
          const mine = step++ === at
          if (mine && point === 'before') throw new Error('cut off')
          await work()
          if (mine) throw new Error('cut off')
        }
        const frail = (side: Side): Side => ({
          ...side,
          setMark: (mark) => cut(() => side.setMark(mark)),
          store: {
            ...side.store,
            load: () => side.store.load(),
            commit: (changes) => cut(() => side.store.commit(changes)),
          },
        })
        const done = await succeeds(migrate(frail(from), frail(to), NOW))
        if (done && step <= at) return
        const startable = [await from.startable(), await to.startable()]
        // An empty target that was not touched yet is no second truth.
        if (startable[0] === true) expect(startable[1] === false || (await names(to)).length === 0).toBe(true)
        if (step < 4 || !(startable[0] === false && startable[1] === true)) await migrate(from, to, NOW)
        expect(await names(to)).toEqual(['a', 'b'])
        expect([await from.startable(), await to.startable()]).toEqual([false, true])
        for (const side of sides.splice(0)) await side.close()
      }
    }
  })
})

test.each<[string, (from: TestSide, to: TestSide) => Promise<void>, RegExp]>([
  [
    'a target that has content',
    (_, to) => to.store.commit([put('c')]),
    /has content already \(1 agents\): nothing was changed/,
  ],
  ['a target that holds a pause only', (_, to) => to.store.commit([PAUSED]), /has content already/],
  [
    'a source that was moved elsewhere',
    (from) => from.setMark({ kind: 'moved', other: 'file:/x', at: NOW }),
    /was moved to file:\/x .*: give that one as --from/,
  ],
  [
    'a source that is half copied',
    (from) => from.setMark({ kind: 'incoming', other: 'file:/x', at: NOW }),
    /is only half copied from file:\/x/,
  ],
  [
    'a target that was moved away',
    (_, to) => to.setMark({ kind: 'moved', other: 'file:/x', at: NOW }),
    /was moved to file:\/x .*: give another --to/,
  ],
  [
    'a target that another state is copied to',
    (_, to) => to.setMark({ kind: 'incoming', other: 'file:/x', at: NOW }),
    /is being filled from file:\/x/,
  ],
])('%s is refused, and nothing is changed', async (_, spoil, words) => {
  const [from, to] = [await fileSide(), await fileSide('other')]
  await from.store.commit(STATE)
  await spoil(from, to)
  const before = [await from.mark(), await to.mark(), await names(to)]
  await expect(migrate(from, to, NOW)).rejects.toThrow(words)
  expect([await from.mark(), await to.mark(), await names(to)]).toEqual(before)
})

test('a target that does not hold what it was given is found out, and the source stays usable', async () => {
  const [from, to] = [await fileSide(), await fileSide('other')]
  await from.store.commit(STATE)
  const forgetful: Side = { ...to, store: { ...to.store, load: () => to.store.load(), commit: async () => undefined } }
  await expect(migrate(from, forgetful, NOW)).rejects.toThrow(/does not hold what was written to it/)
  expect([await from.startable(), await to.startable()]).toEqual([true, false])
})

test('a later start on what was moved says where it is, and what to do', async () => {
  const [from, to] = [await fileSide(), await fileSide('other')]
  await migrate(from, to, NOW)
  await from.close()
  await expect(FileStore.open({ folder: join(root, 'state') })).rejects.toThrow(
    /mark\.json, line 1: this state was moved to file:.*other at 2026-01-02T03:04:05\.000Z\. Start with STATE_URL=file:/,
  )
})
