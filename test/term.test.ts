import { expect, test } from '@jest/globals'
import { Term, type TermParts } from '../src/term.ts'
import { aLog } from './support/log.ts'
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
