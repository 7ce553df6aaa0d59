import { expect, test } from '@jest/globals'
import { Reaper } from '../src/loop/reap.ts'
import { Term, type TermParts } from '../src/term.ts'
import { aRecord } from './support/builders.ts'
import { aLog } from './support/log.ts'
import { aRig } from './support/loop-rig.ts'
import { settle } from './support/virtual-clock.ts'

test('invariant 9: a term that is over cuts its calls to Mesos at once, not when all else has ended', async () => {
  let stopped = 0
  const { log, text } = aLog()
  const mesos = {
    stop: async () => {
      stopped += 1
      throw new Error('not even begun')
    },
  }
  const term = new Term({ mesos, log, closed: new AbortController() } as unknown as TermParts)
  term.abort('the session expired')
  await settle()
  expect([term.isOver, stopped]).toEqual([true, 1])
  expect(text()).toContain('not even begun')
})

test('agents that were being launched when the draining began drain too, and each is written once', async () => {
  const { world, context, clock, store } = aRig()
  const reaper = new Reaper(context)
  const parts = { world, context, clock, hands: { reaper }, closed: new AbortController() }
  const term = new Term(parts as unknown as TermParts)
  const coming = aRecord({ agentId: 'a', state: 'planned' })
  world.put(coming)
  const enough = new AbortController()
  const drained = term.drain(enough.signal)
  await clock.advance(500)
  world.put({ ...coming, state: 'starting' })
  await clock.advance(500)
  expect(world.records).toMatchObject([{ state: 'draining', reapReason: 'shutdown' }])
  await world.save()
  await clock.advance(5_000)
  await world.save()
  expect(store.commits).toHaveLength(1)
  enough.abort()
  await drained
})
