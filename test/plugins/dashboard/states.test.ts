import { expect, test } from '@jest/globals'
import { AGENT_STATES as agentStates } from '../../../plugins/api/states.ts'
import { AGENT_STATES, ITEM_STATES, infoOf, waitsOf } from '../../../plugins/dashboard/static/lib/states.js'
import { ITEM_STATES as itemStates } from '../../../src/core/states.ts'

test('every state of an item and of an agent has its words, and no other has', () => {
  expect(Object.keys(ITEM_STATES).sort()).toEqual([...itemStates].sort())
  expect(Object.keys(AGENT_STATES).sort()).toEqual([...agentStates].sort())
})

test('a state that is new to the page is shown by its name', () => {
  expect(infoOf(ITEM_STATES, 'on_the_moon')).toMatchObject({ words: 'on the moon', tone: 'off' })
})

test('what waits is told apart from what waits in vain and what Jenkins holds', () => {
  expect(
    waitsOf({ waiting_offer: 3, capped: 2, unserved: 1, vetoed: 1, unreadable: 1, served: 4, not_demand: 5, tied: 6 }),
  ).toEqual({ waiting: 8, stuck: 2, others: 15, total: 23 })
  expect(waitsOf({})).toEqual({ waiting: 0, stuck: 0, others: 0, total: 0 })
})
