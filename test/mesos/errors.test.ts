import { expect, test } from '@jest/globals'
import { fromAnswer } from '../../src/mesos/errors.ts'
import { trace } from './traces.ts'

/** All else in the table is a mistake of the caller. */
const others: Readonly<Record<string, string>> = {
  'type-UNKNOWN-no-framework': 'MESOS_SUBSCRIPTION_LOST',
  'unknown-framework': 'MESOS_SUBSCRIPTION_LOST',
  'unknown-framework-no-stream-id': 'MESOS_SUBSCRIPTION_LOST',
  'no-stream-id': 'MESOS_SUBSCRIPTION_LOST',
  'wrong-stream-id': 'MESOS_SUBSCRIPTION_LOST',
  'not-subscribed': 'MESOS_SUBSCRIPTION_LOST',
  'not-subscribed-no-stream-id': 'MESOS_SUBSCRIPTION_LOST',
  'removed-framework': 'MESOS_SUBSCRIPTION_LOST',
  'unknown-path2': 'MESOS_RECOVERING',
}
const refusals = trace('08-http-status-table').exchanges.filter(({ response }) => response.status >= 300)

test.each(refusals.map((exchange) => [exchange.name ?? '', exchange] as const))(
  'sorts the recorded answer to %s',
  (name, { response }) => {
    const error = fromAnswer('CALL at http://m:5050', response.status, response.body ?? '')
    const code = others[name] ?? 'MESOS_REFUSED'
    expect(error).toMatchObject({ code, status: response.status, endsSubscription: code !== 'MESOS_REFUSED' })
    expect(error.message).toContain('CALL at http://m:5050')
  },
)

const followers = trace('12c-follower-answers').exchanges.filter(({ response }) => response.status === 307)

test.each(
  followers.map(({ master, request, response }) => [`${request.path} of a ${master ?? ''}`, response] as const),
)('takes host and port from the redirect of %s, and nothing else', (_, response) => {
  const error = fromAnswer('SUBSCRIBE', 307, '', response.headers['Location'], 'https://follower:5050')
  expect(error).toMatchObject({ code: 'MESOS_NOT_LEADING', leader: 'https://127.0.0.1:5320' })
})

test.each([
  [401, '401 Unauthorized.', 'MESOS_UNAUTHORIZED', false],
  [403, 'Forbidden', 'MESOS_UNAUTHORIZED', false],
  [403, 'Framework is not connected via HTTP', 'MESOS_SUBSCRIPTION_LOST', true],
  [404, '404 Not Found.', 'MESOS_RECOVERING', true],
  [500, 'oops', 'MESOS_REFUSED', false],
  [502, '', 'MESOS_UNREACHABLE', true],
  [503, 'No leader elected', 'MESOS_NOT_LEADING', true],
  [503, 'Master has not finished recovery', 'MESOS_RECOVERING', true],
  [204, '', 'MESOS_MALFORMED', false],
])('sorts %i %j as %s', (status, body, code, retryable) => {
  expect(fromAnswer('X', status, body)).toMatchObject({ code, retryable })
})

test.each([undefined, '//', 'http://'])('a redirect to %j names no leader', (location) => {
  const error = fromAnswer('SUBSCRIBE', 307, '', location, 'http://m:5050')
  expect(error).toMatchObject({ code: 'MESOS_NOT_LEADING', leader: undefined })
})

test('a long answer is cut', () => {
  expect(fromAnswer('X', 400, 'y'.repeat(10_000)).message.length).toBeLessThan(600)
})

test('a page of something else is named, not quoted', () => {
  const { message } = fromAnswer('SUBSCRIBE at http://ci:8080', 404, '<!DOCTYPE html><html><body>Oops</body></html>')
  expect(message).toBe('SUBSCRIBE at http://ci:8080: 404 an HTML page: is this the address of a Mesos master?')
})
