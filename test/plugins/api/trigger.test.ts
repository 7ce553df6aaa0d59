import { expect, test } from '@jest/globals'
import { apiServer } from '../../support/api-server.ts'

async function withTrigger() {
  let triggers = 0
  const app = await apiServer({}, () => {
    triggers += 1
  })
  return { app, triggers: () => triggers }
}

test.each([
  ['nothing', undefined, undefined],
  ['JSON', '{"build":{"phase":"QUEUED"}}', 'application/json'],
  ['broken JSON', '{"build":', 'application/json'],
  ['an empty JSON body', '', 'application/json'],
  ['a form', 'phase=QUEUED&job=a%20b', 'application/x-www-form-urlencoded'],
  ['parts', '--x\r\n\r\n--x--', 'multipart/form-data; boundary=x'],
  ['XML', '<build/>', 'text/xml; charset=utf-8'],
  ['something of no type', 'hello', undefined],
  ['64 KiB', 'x'.repeat(64 * 1024), 'text/plain'],
])('a trigger with %s asks for a round', async (_what, payload, type) => {
  const { app, triggers } = await withTrigger()
  const headers = type === undefined ? {} : { 'content-type': type }
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: '/api/v1/trigger',
    headers,
    ...(payload !== undefined && { payload }),
  })
  expect([statusCode, JSON.parse(body), triggers()]).toEqual([202, { status: 'accepted' }, 1])
})

test.each([
  ['a larger body', 'POST', 'x'.repeat(64 * 1024 + 1), 413, 'The body is larger than 65536 bytes.'],
  ['a GET', 'GET', undefined, 405, '/api/v1/trigger takes POST, not GET.'],
] as const)('%s asks for nothing', async (_what, method, payload, status, detail) => {
  const { app, triggers } = await withTrigger()
  const headers = { 'content-type': 'text/plain' }
  const answer = await app.inject({
    method,
    url: '/api/v1/trigger',
    headers,
    ...(payload !== undefined && { payload }),
  })
  expect(answer.statusCode).toBe(status)
  expect(JSON.parse(answer.body)).toMatchObject({ status, detail })
  expect(triggers()).toBe(0)
})
