import { expect, test } from '@jest/globals'
import type { Action } from '../../src/core/snapshot.ts'
import { NodeKeeper } from '../../src/loop/keep-nodes.ts'
import { aTemplate } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'

function aKeeper() {
  const failing = async (): Promise<never> => {
    throw new Error('403 Forbidden')
  }
  const rig = aRig({ jenkins: { createNode: failing, setOffline: failing } })
  return { ...rig, keeper: new NodeKeeper(rig.context) }
}

test('a failure stands among the problems as long as its node is to be made or mended', async () => {
  const { keeper } = aKeeper()
  const template = aTemplate()
  keeper.createAnchor(template, 'anchor-linux')
  keeper.removeOrphan('mesos-linux-1')
  await keeper.idle()
  expect([...keeper.failures.keys()]).toEqual(['anchor-linux', 'mesos-linux-1'])
  const create: Action = { kind: 'createAnchor', template, node: 'anchor-linux' }
  keeper.wanted([create, { kind: 'decline', offers: [], refuseSeconds: 5 }])
  expect([...keeper.failures.keys()]).toEqual(['anchor-linux'])
  keeper.wanted([])
  expect(keeper.failures.size).toBe(0)
})

test('a call that was kept back, as another instance leads, is no problem for people', async () => {
  const notLeading = Object.assign(new Error('not done'), { code: 'NOT_LEADING' })
  const { context, lines } = aRig({ jenkins: { createNode: () => Promise.reject(notLeading) } })
  const keeper = new NodeKeeper(context)
  keeper.createAnchor(aTemplate(), 'anchor-linux')
  await keeper.idle()
  expect([keeper.failures.size, lines]).toEqual([0, []])
})
