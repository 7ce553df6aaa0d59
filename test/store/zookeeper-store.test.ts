import { beforeEach, describe, expect, test } from '@jest/globals'
import { codeOf } from '../../src/core/code-of.ts'
import { type Fence, ZooKeeperStore } from '../../src/store/zookeeper-store.ts'
import { makePath } from '../../src/zookeeper/make-path.ts'
import { FakeEnsemble, type FakeSession } from '../support/fake-ensemble.ts'
import { agentRecord, drop, framework, put } from '../support/records.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'
import { describeStore } from './store-contract.ts'

let clock: VirtualClock
let ensemble: FakeEnsemble

beforeEach(() => {
  clock = new VirtualClock()
  ensemble = new FakeEnsemble(clock)
})

/** A session with the znode of a leader. */
async function lead(): Promise<Fence & { readonly session: FakeSession }> {
  const session = ensemble.open()
  await settle()
  await makePath(session, '/sidecar/leader')
  const node = await session.create('/sidecar/leader/c-', Buffer.from('x'), { ephemeral: true, sequential: true })
  return { session, node }
}

function storeOf(fence: Fence | undefined, maxBytes?: number): ZooKeeperStore {
  return new ZooKeeperStore({
    path: '/sidecar',
    fence: () => fence,
    clock,
    ...(maxBytes !== undefined && { maxBytes }),
  })
}

async function opened(maxBytes?: number): Promise<{ store: ZooKeeperStore; fence: Fence & { session: FakeSession } }> {
  const fence = await lead()
  const store = storeOf(fence, maxBytes)
  await store.load()
  return { store, fence }
}

async function names(fence: Fence): Promise<readonly string[]> {
  return [...(await storeOf(fence).load()).agents.keys()]
}

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe.each([
  ['with room for everything', undefined],
  ['where a packet holds one record', 700],
])('%s', (_, maxBytes) => {
  describeStore(async () => {
    const fence = await lead()
    const open = async (): Promise<ZooKeeperStore> => {
      const store = storeOf(fence, maxBytes)
      await store.load()
      return store
    }
    return {
      open,
      reopen: async (store) => {
        await store.close()
        return await open()
      },
    }
  })
})

test('a znode for each record, below the path of the state', async () => {
  const { store } = await opened()
  await store.commit([framework('f-1'), put('a'), put('b/ü.')])
  expect(ensemble.tree.paths.filter((path) => path.startsWith('/sidecar/records'))).toEqual([
    '/sidecar/records',
    '/sidecar/records/agent',
    '/sidecar/records/agent/a',
    '/sidecar/records/agent/b%2F%C3%BC%2E',
    '/sidecar/records/framework',
    '/sidecar/records/sizing',
  ])
})

test('commits that wait while one runs share one request', async () => {
  const { store } = await opened()
  const before = ensemble.done.length
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => store.commit([put(name)])))
  expect(ensemble.done.slice(before).map(({ ops }) => ops.filter(({ kind }) => kind === 'create').length)).toEqual([
    1, 3,
  ])
})

test('commits that together are too large for a packet go one after the other, each whole', async () => {
  const { store, fence } = await opened(1_200)
  const before = ensemble.done.length
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => store.commit([put(name), put(`${name}2`)])))
  const made = ensemble.done.slice(before).map(({ ops }) => ops.filter(({ kind }) => kind === 'create').length)
  expect(made).toEqual([2, 2, 2, 2, 2])
  expect(await names(fence)).toHaveLength(10)
})

describe('invariant 8: a commit that is larger than a packet, cut off at any request', () => {
  const changes = [drop('old'), ...Array.from({ length: 6 }, (_, index) => put(`agent-${index}`))]

  test.each(['before', 'after'] as const)('killed %s it: nothing of it is there, or all', async (point) => {
    const seen = new Set<string>()
    for (let at = 0; ; at++) {
      ensemble = new FakeEnsemble(clock)
      const { store, fence } = await opened(1_500)
      await store.commit([put('old')])
      let calls = 0
      ensemble.lose = (what, _paths, session) => {
        if (session !== fence.session || what !== 'multi' || calls++ !== at) return undefined
        session.expire()
        return point
      }
      const thrown = await failure(store.commit(changes))
      if (thrown === undefined) break
      const next = await lead()
      const found = (await names(next)).join(' ')
      seen.add(found)
      expect(['old', 'agent-0 agent-1 agent-2 agent-3 agent-4 agent-5']).toContain(found)
      expect(ensemble.tree.children('/sidecar/parts')).toEqual([])
    }
    expect(seen.size).toBe(2)
  })

  test.each(['before', 'after'] as const)('its connection lost %s any request: it is there once', async (point) => {
    for (let at = 0; at < 9; at++) {
      ensemble = new FakeEnsemble(clock)
      const { store, fence } = await opened(1_500)
      let calls = 0
      ensemble.lose = (what) => (what === 'multi' && calls++ === at ? point : undefined)
      const committed = store.commit(changes)
      await clock.advance(1_000)
      await committed
      ensemble.lose = () => undefined
      await store.commit([put('later')])
      expect(await names(fence)).toHaveLength(7)
    }
  })
})

describe('an answer that was lost', () => {
  test.each([
    ['before', 'put'],
    ['after', 'put'],
    ['before', 'delete'],
    ['after', 'delete'],
  ] as const)('%s a %s was done: it is done once, and the next commits go on', async (point, what) => {
    const { store, fence } = await opened()
    await store.commit([put('a'), put('b')])
    let lost = 0
    ensemble.lose = (call) => (call === 'multi' && lost++ === 0 ? point : undefined)
    const committed = store.commit(what === 'put' ? [put('a', { buildsSeen: 7 })] : [drop('a')])
    await clock.advance(1_000)
    await committed
    await store.commit([put('b', { buildsSeen: 1 }), put('c')])
    expect(await names(fence)).toEqual(what === 'put' ? ['a', 'b', 'c'] : ['b', 'c'])
    const writes = ensemble.done.filter(({ ops }) => ops.some(({ path }) => path.endsWith('/agent/a')))
    expect(writes).toHaveLength(2)
  })

  test('and no connection afterwards: the commit fails after 10 s, and the next one finds what became of it', async () => {
    const { store, fence } = await opened()
    fence.session.freeze()
    const first = failure(store.commit([put('a')]))
    ensemble.isUp = false
    await clock.advance(12_000)
    expect(codeOf(await first)).toBe('STORE_WRITE')
    ensemble.up()
    await settle()
    await store.commit([put('a', { buildsSeen: 2 })])
    expect(await names(fence)).toEqual(['a'])
  })
})

test('invariant 8: reading for another leadership waits for what the one before still writes', async () => {
  const { store, fence } = await opened(1_200)
  fence.session.disconnect('reset')
  const names = ['a', 'b', 'c', 'd', 'e']
  const before = names.map((name) => store.commit([put(name), put(`${name}2`)]))
  await settle()
  fence.session.reconnect()
  const saved = await store.load()
  await Promise.all(before)
  expect(saved.agents.size).toBe(10)
})

describe('invariant 9: an instance that was deposed', () => {
  test('cannot write: its znode is gone, and nothing of its commit is there', async () => {
    const { store, fence } = await opened()
    await store.commit([put('a')])
    ensemble.tree.multi([{ kind: 'delete', path: fence.node, version: -1 }], 0)
    const thrown = await failure(store.commit([put('b')]))
    expect(codeOf(thrown)).toBe('STORE_DEPOSED')
    expect(String(thrown)).toContain('does not lead any more')
    expect(ensemble.tree.children('/sidecar/records/agent')).toEqual(['a'])
  })

  test('whose session expired cannot write', async () => {
    const { store, fence } = await opened()
    fence.session.expire()
    expect(codeOf(await failure(store.commit([put('b')])))).toBe('STORE_DEPOSED')
  })

  test('that does not lead cannot read as a leader', async () => {
    expect(codeOf(await failure(storeOf(undefined).load()))).toBe('STORE_DEPOSED')
  })
})

describe('content that cannot be trusted is refused, naming the znode', () => {
  const at = '/sidecar/records/agent/a'
  const wrong: readonly [string, (text: string) => string, string, RegExp][] = [
    ['a changed letter', (text) => text.replace('linux', 'linus'), 'STORE_UNTRUSTED', /the checksum does not fit/],
    ['text of others', () => 'hello', 'STORE_UNTRUSTED', /not a line that the store has written/],
    ['nothing', () => '', 'STORE_UNTRUSTED', /not a line that the store has written/],
  ]
  test.each(wrong)('%s', async (_, spoil, code, message) => {
    const { store, fence } = await opened()
    await store.commit([put('a')])
    const data = ensemble.tree.get(at)?.data.toString() ?? ''
    ensemble.tree.multi([{ kind: 'set', path: at, data: Buffer.from(spoil(data)), version: -1 }], 0)
    const thrown = await failure(storeOf(fence).load())
    expect(codeOf(thrown)).toBe(code)
    expect(String(thrown)).toMatch(message)
    expect(String(thrown)).toContain(`znode ${at}`)
  })

  test('a record under the name of another', async () => {
    const { store, fence } = await opened()
    await store.commit([put('a')])
    const data = ensemble.tree.get(at)?.data ?? Buffer.alloc(0)
    ensemble.tree.multi([{ kind: 'create', path: '/sidecar/records/agent/b', data }], 0)
    expect(String(await failure(storeOf(fence).load()))).toMatch(/agent\/b: it holds the record of agent\/a/)
  })

  test('records without a head', async () => {
    const { store, fence } = await opened()
    await store.commit([put('a')])
    ensemble.tree.multi([{ kind: 'delete', path: '/sidecar/head', version: -1 }], 0)
    expect(String(await failure(storeOf(fence).load()))).toMatch(/head: it is missing although there are records/)
  })
})

test('records that somebody else changed are read again, not written over blindly', async () => {
  const { store, fence } = await opened()
  await store.commit([put('a'), put('b')])
  ensemble.tree.multi([{ kind: 'delete', path: '/sidecar/records/agent/a', version: -1 }], 0)
  await store.commit([put('a', { buildsSeen: 3 })])
  expect((await storeOf(fence).load()).agents.get(agentRecord('a').agentId)?.buildsSeen).toBe(3)
})
