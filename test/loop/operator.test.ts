import { expect, test } from '@jest/globals'
import { Operator } from '../../src/loop/operator.ts'
import { aRecord } from '../support/builders.ts'
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
