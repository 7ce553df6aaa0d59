import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { codeOf } from '../../src/core/code-of.ts'
import type { AgentRecord, TemplateName } from '../../src/core/model.ts'
import type { TemplateSizing } from '../../src/core/sizing.ts'
import type { Change, Saved, StorePort } from '../../src/loop/ports.ts'
import { agentRecord, drop, framework, put } from '../support/records.ts'
import { aSizing } from '../support/sizings.ts'

export interface StoreUnderTest {
  readonly open: () => Promise<StorePort>
  /** Ends the store and opens what it left. */
  readonly reopen: (store: StorePort) => Promise<StorePort>
}

/** What holds of every store. */
export function describeStore(make: () => Promise<StoreUnderTest>): void {
  let subject: StoreUnderTest
  let store: StorePort

  beforeEach(async () => {
    subject = await make()
    store = await subject.open()
  })
  afterEach(() => store.close())

  test('a new store is empty', async () => {
    expect(await store.load()).toStrictEqual({ framework: undefined, agents: new Map() })
  })

  const histories: readonly [string, readonly (readonly Change[])[], string | undefined, readonly string[]][] = [
    ['puts', [[put('a')], [put('b'), put('c')]], undefined, ['a', 'b', 'c']],
    ['a delete', [[put('a'), put('b')], [drop('a')]], undefined, ['b']],
    ['a delete of what never was', [[drop('a')]], undefined, []],
    ['put and delete in one commit', [[put('a'), drop('a'), put('b')]], undefined, ['b']],
    ['delete and put in one commit', [[put('a')], [drop('a'), put('a')]], undefined, ['a']],
    ['the framework', [[framework('f-1')], [put('a')]], 'f-1', ['a']],
    ['a framework replaced', [[framework('f-1')], [framework('f-2')]], 'f-2', []],
    ['a framework forgotten', [[framework('f-1'), put('a')], [framework(undefined)]], undefined, ['a']],
    ['nothing', [[]], undefined, []],
  ]
  test.each(histories)('%s: holds now and after a restart', async (_, commits, frameworkId, names) => {
    for (const changes of commits) await store.commit(changes)
    for (const saved of [await store.load(), await (store = await subject.reopen(store)).load()]) {
      expect(saved.framework?.frameworkId).toBe(frameworkId)
      expect([...saved.agents.keys()]).toEqual(names)
    }
  })

  test.each([
    [{ identity: '0a1b', url: 'http://ci/jenkins/' }],
    [{ identity: undefined, url: 'http://ci/' }],
    [undefined],
  ])('the Jenkins %j: holds now and after a restart, and may be replaced', async (value) => {
    await store.commit([{ key: 'jenkins', value: { identity: 'before', url: 'http://before/' } }, put('a')])
    await store.commit([{ key: 'jenkins', value }])
    for (const saved of [await store.load(), await (store = await subject.reopen(store)).load()]) {
      expect(saved.jenkins).toEqual(value)
      expect([...saved.agents.keys()]).toEqual(['a'])
    }
  })

  test('what agents of a template used: holds now and after a restart, whatever was measured, and may be dropped', async () => {
    const names = ['linux', 'a.b/c d', '..', 'größe']
    const all = new Map(names.map((name, index) => [name as TemplateName, anySizing(index)]))
    await store.commit([...all].map(([name, value]) => ({ key: `sizing/${name}` as const, value })))
    for (const saved of [await store.load(), await (store = await subject.reopen(store)).load()]) {
      expect(saved.sizings).toEqual(all)
    }
    await store.commit([...all.keys()].map((name) => ({ key: `sizing/${name}` as const, value: undefined })))
    store = await subject.reopen(store)
    expect((await store.load()).sizings).toBeUndefined()
  })

  const full: Omit<AgentRecord, 'agentId'> = agentRecord('', {
    labels: ['linux', 'größe', 'a b'],
    mode: 'EXCLUSIVE',
    resources: { cpus: 100, 'fancy gpu': 1 },
    oneShot: true,
    state: 'stopping',
    reason: 'line one\nline "two" \u2028 \\ 💡',
    reapReason: 'one_shot',
    hostname: 'host',
    mesosAgentId: 'S1' as NonNullable<AgentRecord['mesosAgentId']>,
    address: 'host:5051',
    offerId: 'O1' as NonNullable<AgentRecord['offerId']>,
    since: 1,
    launchedAt: 2,
    onlineAt: 3,
    idleSince: 4,
    tokenHash: 'ab',
    tokenUsedAt: 5,
    taskState: 'TASK_RUNNING',
    taskEnded: true,
    nodeGone: true,
    buildsSeen: 6,
    killedAt: 7,
  })
  test.each([
    ['every field given', full],
    ['no optional field given', {}],
  ])('a record with %s comes back the same, field by field', async (_, fields) => {
    await store.commit([put('a', { ...fields, agentId: agentRecord('a').agentId })])
    store = await subject.reopen(store)
    expect([...(await store.load()).agents.values()]).toStrictEqual([{ ...agentRecord('a'), ...fields, agentId: 'a' }])
  })

  test('commits without waiting are done in order, and all are there', async () => {
    const done: number[] = []
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await store.commit([put('same', { buildsSeen: index }), put(`agent-${index}`)])
        done.push(index)
      }),
    )
    expect(done).toEqual(Array.from({ length: 50 }, (_, index) => index))
    store = await subject.reopen(store)
    const { agents } = await store.load()
    expect(agents.size).toBe(51)
    expect(agents.get(agentRecord('same').agentId)?.buildsSeen).toBe(49)
  })

  test('what was loaded does not change with later commits, nor later records with the caller', async () => {
    const value = { ...agentRecord('a'), labels: ['one'] }
    await store.commit([{ key: `agent/${value.agentId}`, value }])
    const before: Saved = await store.load()
    value.labels.push('two')
    await store.commit([drop('a')])
    expect(before.agents.get(value.agentId)?.labels).toEqual(['one'])
    expect(Object.isFrozen(before.agents.get(value.agentId))).toBe(true)
  })

  const wrong: readonly [string, unknown, RegExp][] = [
    ['another key', { key: 'job/1', value: null }, /"job\/1" is not a key/],
    ['a key that belongs to another agent', { ...put('a'), key: 'agent/b' }, /agent\/b: its agentId is "a"/],
    ['a field of a wrong type', put('a', { executors: 'two' as unknown as number }), /agent\/a: executors /],
    ['a number that JSON has not', put('a', { since: Number.NaN }), /agent\/a: since /],
    ['an unknown state', put('a', { state: 'lost' as 'gone' }), /agent\/a: state /],
    ['a bucket beyond the scale', aSizingWith(249, 1), /sizing\/linux: cpus\.samples\.weeks\.0\.counts/],
    ['a count that is no number', aSizingWith(1, Number.NaN), /sizing\/linux: cpus\.samples\.weeks\.0\.counts/],
    ['what no template used', { ...aSizingWith(1, 1), key: 'sizing/' }, /"sizing\/" is not a key/],
    ['an unknown field', put('a', { color: 'red' } as object), /agent\/a: /],
  ]
  test.each(wrong)('%s is refused at once and changes nothing', async (_, change, message) => {
    await expect(store.commit([put('ok'), change as Change])).rejects.toThrow(message)
    expect((await store.load()).agents.size).toBe(0)
    await store.commit([put('later')])
    expect([...(await store.load()).agents.keys()]).toEqual(['later'])
  })

  test('close waits for what was committed; after it a commit is refused', async () => {
    const committed = store.commit([put('a')])
    await Promise.all([store.close(), store.close()])
    await committed
    const thrown: unknown = await store.commit([put('b')]).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(codeOf(thrown)).toBe('STORE_CLOSED')
    store = await subject.reopen(store)
    expect([...(await store.load()).agents.keys()]).toEqual(['a'])
  })
}

function anySizing(index: number): TemplateSizing {
  const values = Array.from({ length: 400 * index }, (_, at) => 1.07 ** at)
  const open = { agentId: agentRecord('a').agentId, begunAt: 1, executors: 2 }
  return {
    ...aSizing({ cpus: values, memMib: values }),
    open: [open, { ...open, cpus: 0.1, memMib: 7.5 }].slice(0, index),
  }
}

function aSizingWith(bucket: number, count: number): Change {
  const sizing = aSizing({})
  const samples = { weeks: [{ week: 2_900, counts: [[bucket, count]] as const }] }
  return { key: `sizing/${'linux' as TemplateName}`, value: { ...sizing, cpus: { ...sizing.cpus, samples } } }
}
