import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { MockAgent } from 'undici'
import { addressPort } from '../../src/jenkins/who-answers.ts'

const OLD = 'http://host-1.test:31001'

function asked(answer: (old: ReturnType<MockAgent['get']>) => void) {
  const agent = new MockAgent()
  agent.disableNetConnect()
  answer(agent.get(OLD))
  const port = addressPort({ tls: undefined }, () => agent)
  return port.whoAnswers(`${OLD}/`, new AbortController().signal)
}

test.each([
  ['nobody listens', 'ECONNREFUSED', 'silent'],
  ['the host is gone', 'UND_ERR_CONNECT_TIMEOUT', 'silent'],
  ['nobody knows the way', 'EHOSTUNREACH', 'silent'],
  ['its name is gone', 'ENOTFOUND', 'silent'],
  ['invariant 6: somebody is slow', 'UND_ERR_HEADERS_TIMEOUT', 'unclear'],
  ['invariant 6: a proxy without anybody behind it hangs up', 'ECONNRESET', 'unclear'],
  ['invariant 6: its certificate is not ours to judge', 'CERT_HAS_EXPIRED', 'unclear'],
  ['invariant 6: names cannot be looked up from here', 'EAI_AGAIN', 'unclear'],
  ['invariant 6: there is no network here', 'ENETUNREACH', 'unclear'],
])('who answers where %s', async (_name, code, kind) => {
  const error = Object.assign(new Error('it failed'), { code })
  expect(await asked((old) => old.intercept({ path: /.*/ }).replyWithError(error).persist())).toEqual({ kind })
})

test('a Jenkins is told by its identity, a page without one is no answer', async () => {
  const headers = { 'x-instance-identity': 'a key' }
  const identity = createHash('sha256').update('a key').digest('hex').slice(0, 32)
  expect(
    await asked((old) => {
      old.intercept({ path: '/tcpSlaveAgentListener/' }).reply(404, '')
      old.intercept({ path: '/login' }).reply(200, '', { headers })
    }),
  ).toEqual({ kind: 'jenkins', identity })
  expect(await asked((old) => old.intercept({ path: /.*/ }).reply(200, 'hello').persist())).toEqual({ kind: 'unclear' })
})
