import { describe, expect, test } from '@jest/globals'
import type { AgentRecord } from '../../src/core/model.ts'
import { Operator } from '../../src/loop/operator.ts'
import { aRecord, aTemplate } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'

test('a Jenkins that is accepted while the store fails: the answer says what holds, and the next save stores it', async () => {
  const { world, context, store } = aRig()
  world.recognise({ identity: 'one', url: 'http://jenkins.test/' })
  world.put(aRecord())
  await world.save()
  world.recognise({ identity: 'two', url: 'http://jenkins.test/' })
  store.failure = new Error('disk full')
  const operator = new Operator(context)
  expect(await operator.acceptJenkins()).toEqual({
    ok: false,
    kind: 'failed',
    words: expect.stringMatching(/accepted.*not stored yet.*disk full/),
  })
  expect(await operator.acceptJenkins()).toMatchObject({ ok: false, kind: 'conflict' })
  store.failure = undefined
  await world.save()
  expect(store.commits.flat().at(-1)).toMatchObject({ key: 'jenkins', value: { identity: 'two' } })
})

describe('pause and resume', () => {
  const templates = () => [aTemplate(), aTemplate({ name: 'gpu' })]

  test('are stored before they are answered, and a round follows', async () => {
    const { world, context, store, triggers } = aRig({ settings: { templates } })
    const operator = new Operator(context)
    expect(await operator.pause('gpu')).toEqual({ ok: true, words: expect.stringContaining('Template gpu is paused') })
    expect(store.commits).toEqual([[{ key: 'paused', value: { all: false, templates: ['gpu'] } }]])
    expect(triggers).toEqual(['asked'])
    await operator.pause(undefined)
    expect(world.paused).toEqual({ all: true, templates: ['gpu'] })
    expect(await operator.resume(undefined)).toEqual({ ok: true, words: 'All templates go on.' })
    expect(store.commits.at(-1)).toEqual([{ key: 'paused', value: { all: false, templates: [] } }])
  })

  test('to ask twice is no mistake', async () => {
    const operator = new Operator(aRig({ settings: { templates } }).context)
    expect(await operator.pause('gpu')).toMatchObject({ ok: true })
    expect(await operator.pause('gpu')).toMatchObject({ ok: true })
  })

  test('a template that does not exist is named beside those that do', async () => {
    const { context, store } = aRig({ settings: { templates } })
    expect(await new Operator(context).pause('cpu')).toEqual({
      ok: false,
      kind: 'unknown',
      words: 'There is no template cpu: there are linux, gpu.',
    })
    expect(store.commits).toEqual([])
  })

  test('what is not paused cannot be resumed; what is paused with all others not alone', async () => {
    const operator = new Operator(aRig({ settings: { templates } }).context)
    expect(await operator.resume(undefined)).toMatchObject({ ok: false, kind: 'conflict' })
    expect(await operator.resume('gpu')).toMatchObject({ ok: false, kind: 'conflict' })
    await operator.pause(undefined)
    expect(await operator.resume('gpu')).toMatchObject({ ok: false, words: expect.stringContaining('resume all') })
  })

  test('a template that was paused and then taken out of the configuration can be resumed', async () => {
    const names = { now: ['linux', 'gpu'] }
    const { context } = aRig({ settings: { templates: () => names.now.map((name) => aTemplate({ name })) } })
    const operator = new Operator(context)
    await operator.pause('gpu')
    names.now = ['linux']
    expect(await operator.resume('gpu')).toMatchObject({ ok: true })
  })

  test('while the store fails the answer says so, and the pause holds all the same', async () => {
    const { world, context, store } = aRig({ settings: { templates } })
    store.failure = new Error('disk full')
    const outcome = await new Operator(context).pause('gpu')
    expect(outcome).toMatchObject({ ok: false, kind: 'failed', words: expect.stringContaining('disk full') })
    expect(world.paused.templates).toEqual(['gpu'])
    store.failure = undefined
    await world.save()
    expect(store.commits.flat()).toMatchObject([{ key: 'paused' }])
  })

  test('a dry run stores nothing', async () => {
    const { context, store } = aRig({ settings: { templates, dryRun: true } })
    expect(await new Operator(context).pause(undefined)).toMatchObject({ ok: false, kind: 'conflict' })
    expect(store.commits).toEqual([])
  })
})

describe('an agent is drained', () => {
  test('its record first, and its reason names the operator', async () => {
    const { world, context, store, triggers } = aRig()
    world.put(aRecord())
    expect(await new Operator(context).drain('mesos-linux-1')).toMatchObject({ ok: true })
    expect(store.commits.at(-1)).toMatchObject([
      {
        key: 'agent/mesos-linux-1',
        value: { state: 'draining', reapReason: 'operator', reason: 'an operator drains it' },
      },
    ])
    expect(triggers).toEqual(['asked'])
  })

  test.each<[string, string, Partial<AgentRecord>, string]>([
    ['there is none of that name', 'mesos-linux-2', {}, 'unknown'],
    ['it is only being made', 'mesos-linux-1', { state: 'planned' }, 'conflict'],
    ['it goes already', 'mesos-linux-1', { state: 'stopping' }, 'conflict'],
  ])('but not where %s', async (_when, agentId, over, kind) => {
    const { world, context } = aRig()
    world.put(aRecord(over))
    expect(await new Operator(context).drain(agentId)).toMatchObject({ ok: false, kind })
  })
})
