import { expect, test } from '@jest/globals'
import { MockAgent } from 'undici'
import { JenkinsClient } from '../../src/jenkins/client.ts'
import { readIdentity } from '../../src/jenkins/identity.ts'
import { type Answer, answerOf } from './recorded.ts'

const LISTENER = '/tcpSlaveAgentListener/'
const LOGIN = '/login'

async function identity(answers: Readonly<Record<string, Answer>>): Promise<string | undefined> {
  const dispatcher = new MockAgent()
  dispatcher.disableNetConnect()
  const pool = dispatcher.get('http://jenkins.test')
  for (const [path, { status, headers = {}, body = '' }] of Object.entries(answers)) {
    pool.intercept({ path, method: 'GET' }).reply(status, body, { headers })
  }
  const client = new JenkinsClient({ url: new URL('http://jenkins.test/'), dispatcher })
  try {
    return await readIdentity(client)
  } finally {
    await client.close()
  }
}

test('a controller is known by its public key, which two of its pages carry', async () => {
  const listener = await identity({ [LISTENER]: answerOf('tcp-slave-agent-listener') })
  expect(listener).toMatch(/^[0-9a-f]{32}$/)
  const other = await identity({ [LISTENER]: { status: 404 }, [LOGIN]: answerOf('login-page-anonymous') })
  expect(other).toMatch(/^[0-9a-f]{32}$/)
})

test.each<[string, Readonly<Record<string, Answer>>]>([
  ['has not the plugin', { [LISTENER]: { status: 404 }, [LOGIN]: { status: 200, body: 'login' } }],
  [
    'leaves the login to another service',
    { [LISTENER]: { status: 404 }, [LOGIN]: { status: 302, headers: { location: 'https://sso.test/' } } },
  ],
])('one that %s does not tell', async (_what, answers) => {
  expect(await identity(answers)).toBeUndefined()
})

test('invariant 6: one that starts is not taken for one that does not tell', async () => {
  await expect(identity({ [LISTENER]: answerOf('startup-1-tcp-listener') })).rejects.toMatchObject({
    code: 'JENKINS_UNAVAILABLE',
  })
})
