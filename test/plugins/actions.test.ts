import { expect, test } from '@jest/globals'
import Fastify from 'fastify'
import type { TObject } from 'typebox'
import { DrainBody, LogLevelBody, NoBody, PauseBody, ProvisionBody } from '../../plugins/action-bodies.ts'
import actions, { type ActionInput, type ActionOutcome } from '../../plugins/actions.ts'
import auth from '../../plugins/auth.ts'
import errors from '../../plugins/errors.ts'
import { NO_TOKENS, oneToken } from '../support/access.ts'
import { aLog } from '../support/log.ts'

interface Caller {
  readonly token?: string
  readonly given?: string
  readonly remoteAddress?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: 'GET' | 'POST'
  /** Behind the address, with its question mark. */
  readonly payload?: string | object
  readonly query?: string
  /** That the action takes; [nothing]. */
  readonly takes?: TObject
}

async function call(outcome: ActionOutcome, caller: Caller = {}) {
  const { log, text } = aLog()
  let calls = 0
  let input: ActionInput | undefined
  const app = Fastify()
  await app.register(errors, { log })
  const access = caller.token === undefined ? NO_TOKENS : oneToken(caller.token)
  await app.register(auth, { access: () => access, httpHost: '127.0.0.1', publicUrl: undefined, log })
  await app.register(actions, {
    log,
    actions: {
      'release-brake': {
        summary: 'For a test',
        body: caller.takes ?? NoBody,
        act: async (given) => {
          calls += 1
          input = given
          return outcome
        },
      },
    },
  })
  const { given, remoteAddress = '127.0.0.1', headers = {}, method = 'POST', query = '' } = caller
  const answer = await app.inject({
    method,
    url: `/api/v1/actions/release-brake${query}`,
    remoteAddress,
    ...(caller.payload !== undefined && { payload: caller.payload }),
    headers: { ...headers, ...(given !== undefined && { authorization: `Bearer ${given}` }) },
  })
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    body: answer.json<unknown>(),
    calls,
    input,
    logged: text(),
  }
}

const DONE: ActionOutcome = { ok: true, words: 'The brake is released.' }

test('a call answers with what happened, and stands in the log with who made it', async () => {
  const { status, body, calls, logged } = await call(DONE, { remoteAddress: '127.0.0.7' })
  expect([status, calls]).toEqual([200, 1])
  expect(body).toEqual({ action: 'release-brake', status: 'done', words: 'The brake is released.' })
  expect(logged).toContain('127.0.0.7')
  expect(logged).toContain('audit=true')
})

test.each<[ActionOutcome, number]>([
  [{ ok: false, kind: 'conflict', words: 'The brake holds nothing.' }, 409],
  [{ ok: false, kind: 'unknown', words: 'There is no template x.' }, 404],
  [{ ok: false, kind: 'standby', words: 'This instance does not lead.' }, 409],
  [{ ok: false, kind: 'failed', words: 'It could not be stored.' }, 503],
])('%j is a problem with status %i', async (outcome, expected) => {
  const { status, type, body } = await call(outcome)
  expect(status).toBe(expected)
  expect(type).toContain('application/problem+json')
  expect(body).toMatchObject({ status: expected, detail: outcome.words })
})

test.each<[string, Caller, number]>([
  ['from this machine, without a token', {}, 200],
  ['from this machine by IPv6', { remoteAddress: '::1' }, 200],
  ['from this machine by IPv4 in IPv6', { remoteAddress: '::ffff:127.0.0.1' }, 200],
  ['from elsewhere, without a token', { remoteAddress: '10.0.0.9' }, 401],
  ['from elsewhere, with the token', { remoteAddress: '10.0.0.9', token: 't', given: 't' }, 200],
  ['from this machine, with a wrong token', { token: 't', given: 'u' }, 401],
  ['from this machine, with none although there is one', { token: 't' }, 401],
  ['from the page itself', { headers: { host: '127.0.0.1:8090', origin: 'http://127.0.0.1:8090' } }, 200],
  ['from a page of another site', { headers: { host: '127.0.0.1:8090', origin: 'http://evil.test' } }, 403],
  ['by GET', { method: 'GET' }, 405],
])('a call %s', async (_what, caller, expected) => {
  const { status, calls } = await call(DONE, caller)
  expect(status).toBe(expected)
  expect(calls).toBe(expected === 200 ? 1 : 0)
})

test('who is refused is told what to do, and it stands in the log', async () => {
  const { body, logged } = await call(DONE, { remoteAddress: '10.0.0.9' })
  expect(body).toMatchObject({ detail: expect.stringContaining('Set API_TOKEN') })
  expect(logged).toContain('10.0.0.9')
})

const JSON_TYPE = { 'content-type': 'application/json' }

test.each<[string, Caller, ActionInput]>([
  ['no body', {}, {}],
  ['an empty object', { payload: {} }, {}],
  ['a field that it takes', { payload: { template: 'linux' }, takes: PauseBody }, { template: 'linux' }],
])('a call with %s', async (_what, caller, expected) => {
  const { status, input } = await call(DONE, caller)
  expect([status, input]).toEqual([200, expected])
})

test.each<[string, Caller]>([
  ['a field that it does not take', { payload: { template: 'linux' } }],
  ['another field', { payload: { templates: 'linux' }, takes: PauseBody }],
  ['a list for text', { payload: { template: ['linux'] }, takes: PauseBody }],
  ['text that is no name', { payload: { template: 'x'.repeat(301) }, takes: PauseBody }],
  ['text in place of JSON', { payload: 'linux', headers: { 'content-type': 'text/plain' }, takes: PauseBody }],
  ['a prototype', { payload: '{"template":"linux","__proto__":{"a":"b"}}', headers: JSON_TYPE, takes: PauseBody }],
  ['a name that every object has', { payload: { constructor: 'x' }, takes: PauseBody }],
  ['empty text', { payload: { template: '' }, takes: PauseBody }],
  ['a list', { payload: ['linux'], takes: PauseBody }],
  ['null', { payload: 'null', headers: JSON_TYPE, takes: PauseBody }],
  ['a number', { payload: '7', headers: JSON_TYPE, takes: PauseBody }],
  ['a field in the address', { query: '?template=linux', takes: PauseBody }],
  ['a field in the address of one that takes none', { query: '?force' }],
  ['what is no JSON', { payload: '{"template":', headers: JSON_TYPE, takes: PauseBody }],
])('a call with %s is refused and does nothing: all templates are not meant', async (_what, caller) => {
  const { status, type, calls } = await call(DONE, caller)
  expect([status, calls]).toEqual([400, 0])
  expect(type).toContain('application/problem+json')
})

test.each<[string, TObject, object, string]>([
  ['nothing', ProvisionBody, {}, '"template" is missing: it must be text of 1 to 300 characters. "agents" is missing'],
  ['none', ProvisionBody, { template: 'linux', agents: 0 }, '"agents" must be a whole number from 1 to 100.'],
  ['half an agent', ProvisionBody, { template: 'linux', agents: 1.5 }, '"agents" must be a whole number'],
  ['too many', ProvisionBody, { template: 'linux', agents: 101 }, '"agents" must be a whole number from 1 to 100.'],
  ['a number as text', ProvisionBody, { template: 'linux', agents: '3' }, '"agents" must be a whole number'],
  [
    'three mistakes',
    ProvisionBody,
    { template: 7, agents: 'x', n: 3 },
    '"n" is not known. "template" must be text of 1 to 300 characters. "agents" must be a whole number from 1 to 100.',
  ],
  ['no agent', DrainBody, {}, '"agentId" is missing'],
  ['a level that there is not', LogLevelBody, { level: 'loud' }, '"level" must be one of debug, info, warn, error.'],
])('a call with %s names each mistake at once', async (_what, takes, payload, expected) => {
  const { status, body, calls } = await call(DONE, { payload, takes })
  expect([status, calls]).toEqual([400, 0])
  expect(body).toMatchObject({
    detail: expect.stringContaining(expected),
    errors: expect.arrayContaining([{ at: expect.stringMatching(/^#\/\w+$/), detail: expect.any(String) }]),
  })
})

test('numbers arrive as numbers, and stand in the log', async () => {
  const { input, logged } = await call(DONE, { payload: { template: 'linux', agents: 3 }, takes: ProvisionBody })
  expect(input).toEqual({ template: 'linux', agents: 3 })
  expect(logged).toContain('agents=3')
})

test('the level that is asked for does not stand where a log line has its own', async () => {
  const { logged } = await call(DONE, { payload: { level: 'debug' }, takes: LogLevelBody })
  expect(logged).toContain('logLevel="debug"')
})

test.each<[string, Caller, number]>([
  ['a form', { payload: 'template=linux', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
  ['more than anybody has to say', { payload: { template: 'x'.repeat(2_000_000) } }, 413],
])('a call with %s is refused and does nothing', async (_what, caller, expected) => {
  const { status, calls } = await call(DONE, { ...caller, takes: PauseBody })
  expect([status, calls]).toEqual([expected, 0])
})

test('what was asked for stands in the log', async () => {
  const { logged } = await call(DONE, { payload: { template: 'linux' }, takes: PauseBody })
  expect(logged).toContain('template="linux"')
})
