import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parseEvent, toTaskStatus } from '../../src/mesos/events.ts'
import { events, wholeEvents } from './traces.ts'

const names = readdirSync(new URL('../fixtures/mesos/', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -5))
const known = new Set([
  'SUBSCRIBED',
  'OFFERS',
  'RESCIND',
  'UPDATE',
  'FAILURE',
  'INVERSE_OFFERS',
  'RESCIND_INVERSE_OFFER',
  'ERROR',
  'HEARTBEAT',
])

test('takes every event that was recorded', () => {
  const recorded = names.flatMap((name) => wholeEvents(name).map(({ event }) => event))
  expect(recorded.length).toBeGreaterThan(50)
  for (const event of recorded) {
    const parsed = parseEvent(Buffer.from(JSON.stringify(event)))
    expect(parsed).toEqual(known.has(event.type) ? event : { type: 'OTHER', name: event.type })
  }
})

test.each([
  ['not JSON', '{"type":', /not JSON/],
  ['no object', '7', /without a type/],
  ['no type', '{}', /without a type/],
  ['a type of Object.prototype', '{"type":"constructor"}', undefined],
  ['SUBSCRIBED without an id', '{"type":"SUBSCRIBED","subscribed":{}}', /SUBSCRIBED \/subscribed/],
  ['OFFERS without a list', '{"type":"OFFERS","offers":{}}', /OFFERS \/offers/],
  [
    'an offer without a host',
    '{"type":"OFFERS","offers":{"offers":[{"id":{"value":"o"},"agent_id":{"value":"a"}}]}}',
    /OFFERS \/offers\/offers\/0/,
  ],
  [
    'UPDATE without a state',
    '{"type":"UPDATE","update":{"status":{"task_id":{"value":"t"}}}}',
    /UPDATE \/update\/status/,
  ],
  ['ERROR without a message', '{"type":"ERROR","error":{}}', /ERROR \/error/],
])('says what is wrong with %s', (_, text, message) => {
  const parse = (): unknown => parseEvent(Buffer.from(text))
  if (message === undefined) expect(parse()).toEqual({ type: 'OTHER', name: 'constructor' })
  else
    expect(parse).toThrow(expect.objectContaining({ code: 'MESOS_MALFORMED', message: expect.stringMatching(message) }))
})

test('a status in the words of the program', () => {
  const [starting] = events('03-task-exit0').flatMap((event) => (event.type === 'UPDATE' ? event.update.status : []))
  if (starting === undefined) throw new Error('no update in the trace')
  expect(toTaskStatus(starting)).toMatchObject({
    taskId: starting.task_id.value,
    mesosAgentId: starting.agent_id?.value,
    state: 'TASK_STARTING',
    source: 'SOURCE_EXECUTOR',
    uuid: starting.uuid,
    at: Math.round((starting.timestamp ?? 0) * 1000),
  })
  const bare = { task_id: { value: 't' }, state: 'TASK_LOST', uuid: '' } as const
  expect(toTaskStatus(bare)).toMatchObject({ uuid: undefined, at: undefined, mesosAgentId: undefined })
})
