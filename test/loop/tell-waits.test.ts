import { expect, test } from '@jest/globals'
import { WaitTeller } from '../../src/loop/tell-waits.ts'
import { aLog } from '../support/log.ts'
import { anItemView } from '../support/views.ts'

function stage() {
  const { log, lines } = aLog()
  const teller = new WaitTeller(log)
  return {
    tell: teller.tell.bind(teller),
    said: () => lines.map(({ fields }) => (fields as { readonly words: string }).words),
  }
}

test('what a build waits for is said once, and again when that is something else', () => {
  const { tell, said } = stage()
  tell([anItemView({ words: 'cap: 2 agents', state: 'capped' })])
  tell([anItemView({ words: 'cap: 2 agents, for 3 s', state: 'capped' })])
  tell([anItemView({ words: 'no host', state: 'waiting_offer' })])
  tell([anItemView({ words: 'starts', state: 'starting' })])
  tell([])
  tell([anItemView({ words: 'cap: 2 agents', state: 'capped' })])
  expect(said()).toEqual(['cap: 2 agents', 'no host', 'cap: 2 agents'])
})

test('ten thousand that begin to wait for the same are one line that names three jobs', () => {
  const { log, lines } = aLog()
  const teller = new WaitTeller(log)
  const items = Array.from({ length: 10_000 }, (_, index) =>
    anItemView({ itemId: String(index), job: `job-${index}`, state: 'capped', words: 'cap' }),
  )
  teller.tell(items)
  teller.tell(items.slice(1))
  expect(lines).toMatchObject([
    {
      message: 'builds wait',
      fields: { words: 'cap', state: 'capped', template: 'linux', items: 10_000, jobs: ['job-0', 'job-1', 'job-2'] },
    },
  ])
})

test('what comes and goes by turns is said once', () => {
  const { tell, said } = stage()
  for (let round = 0; round < 20; round++) {
    tell([anItemView({ words: `reason ${round % 2}`, state: round % 2 === 0 ? 'capped' : 'waiting_offer' })])
  }
  expect(said()).toEqual(['reason 0', 'reason 1'])
})

test('what goes its way is not said', () => {
  const { tell, said } = stage()
  for (const state of ['served', 'starting', 'not_demand'] as const) tell([anItemView({ state })])
  expect(said()).toEqual([])
})
