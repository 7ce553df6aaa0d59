import { describe, expect, test } from '@jest/globals'
import type { AgentId, FrameworkId } from '../../src/core/model.ts'
import type { Saved } from '../../src/loop/ports.ts'
import { World } from '../../src/loop/world.ts'
import { aRecord } from '../support/builders.ts'
import { aLog } from '../support/log.ts'
import { aRig, FlakyStore } from '../support/loop-rig.ts'
import { settle } from '../support/virtual-clock.ts'

const record = aRecord()
const framework = { frameworkId: 'F1' as FrameworkId, master: 'http://mesos.test:5050' }

describe('saving', () => {
  test('stores what was put since the last time, once, as it is now', async () => {
    const { world, store } = aRig()
    world.put(record)
    world.put({ ...record, buildsSeen: 3 })
    world.setFramework(framework)
    await world.save()
    await world.save()
    expect(store.commits).toEqual([
      [
        { key: `agent/${record.agentId}`, value: { ...record, buildsSeen: 3 } },
        { key: 'framework', value: framework },
      ],
    ])
  })

  test('deletes what is gone', async () => {
    const { world, store } = aRig()
    world.put(record)
    await world.save()
    world.put({ ...record, state: 'gone' })
    expect([world.get(record.agentId), world.records]).toEqual([undefined, []])
    await world.save()
    expect(store.commits.at(-1)).toEqual([{ key: `agent/${record.agentId}`, value: undefined }])
  })

  test('deletes the framework, and stores the same one only once', async () => {
    const { world, store } = aRig()
    world.setFramework(framework)
    await world.save()
    world.setFramework({ ...framework, master: 'another' })
    await world.save()
    world.setFramework(undefined)
    await world.save()
    expect(store.commits).toEqual([[{ key: 'framework', value: framework }], [{ key: 'framework', value: undefined }]])
  })

  test('that fails says so once, keeps what is to be stored, and tells when it works again', async () => {
    const { world, store, lines } = aRig()
    store.failure = new Error('disk full')
    world.put(record)
    await expect(world.save()).rejects.toThrow('disk full')
    world.put({ ...record, buildsSeen: 1 })
    await expect(world.save()).rejects.toThrow('disk full')
    expect(world.storeError).toBe('disk full')
    expect(lines.map(({ level }) => level)).toEqual(['error'])
    store.failure = undefined
    await world.save()
    expect(store.commits).toEqual([[{ key: `agent/${record.agentId}`, value: { ...record, buildsSeen: 1 } }]])
    expect([world.storeError, lines.at(-1)?.message]).toEqual([undefined, 'the store takes changes again'])
  })

  test.each([
    ['its own', true],
    ['an earlier', false],
  ])('resolves only when the store has taken %s change', async (_whose, own) => {
    const finish: (() => void)[] = []
    const slow = Object.assign(new FlakyStore(), {
      commit: () =>
        new Promise<void>((resolve) => {
          finish.push(resolve)
        }),
    })
    const world = new World(slow, aLog().log)
    world.put(record)
    const first = world.save()
    let saved = false
    const saving = (own ? first : world.save()).then(() => {
      saved = true
    })
    await settle()
    expect([saved, finish.length]).toEqual([false, 1])
    finish[0]?.()
    await saving
    expect(saved).toBe(true)
  })

  test('fails for all who wait, and works again for the next', async () => {
    const { world, store } = aRig()
    world.put(record)
    store.failure = new Error('disk full')
    const outcomes = await Promise.allSettled([world.save(), world.save()])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    store.failure = undefined
    await world.save()
    expect(store.commits).toHaveLength(1)
  })

  test('that begins after a failure does not fail with it, however many saves overlap', async () => {
    const ends: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
    const slow = Object.assign(new FlakyStore(), {
      commit: () =>
        new Promise<void>((resolve, reject) => {
          ends.push({ resolve, reject })
        }),
    })
    const world = new World(slow, aLog().log)
    const other = aRecord({ agentId: 'mesos-linux-2' })
    world.put(record)
    const first = world.save()
    world.put(other)
    const second = world.save()
    ends[0]?.reject(new Error('disk full'))
    await expect(first).rejects.toThrow('disk full')
    // The second one still runs. What failed is in the third.
    const third = world.save()
    ends[1]?.resolve()
    ends[2]?.resolve()
    await expect(second).rejects.toThrow('disk full')
    await third
    expect(world.storeError).toBeUndefined()
  })
})

describe('loading', () => {
  test('brings back what was stored, and stores nothing for it', async () => {
    const saved: Saved = { framework, agents: new Map([[record.agentId, record]]) }
    const store = Object.assign(new FlakyStore(), { load: async () => saved })
    const world = new World(store, aLog().log)
    expect(await world.load()).toBe(saved)
    await world.save()
    expect([world.frameworkId, world.records, store.commits]).toEqual(['F1', [record], []])
  })

  test('what cannot be trusted is an error', async () => {
    const store = Object.assign(new FlakyStore(), {
      load: async () => {
        throw new Error('not ours')
      },
    })
    await expect(new World(store, aLog().log).load()).rejects.toThrow('not ours')
  })

  test('an agent that was never there is undefined', () => {
    expect(aRig().world.get('nobody' as AgentId)).toBeUndefined()
  })
})
