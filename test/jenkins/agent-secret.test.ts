import { describe, expect, test } from '@jest/globals'
import type { Connection } from '../../src/core/launch.ts'
import type { AgentSecret } from '../../src/loop/ports.ts'
import { type Answer, answerOf, computer, jsonAnswer, Script } from './recorded.ts'

const JNLP = '/computer/agent-1/jenkins-agent.jnlp'
const OLD_JNLP = '/computer/agent-1/slave-agent.jnlp'
const SECRET = '077ab906aa6760af85fe1887ab5261c45e7a1bc718dbae35847eb35bbe7925b0'

async function secretOn(
  version: string,
  connection: Connection,
  answer: Answer | string,
  options = {},
): Promise<AgentSecret> {
  const script = new Script(options)
    .on('GET', '/computer/agent-1/api/json', jsonAnswer(computer(), { 'x-jenkins': version }))
    .on('GET', JNLP, answer)
  await script.jenkins.readNode('agent-1')
  try {
    return await script.jenkins.agentSecret('agent-1', connection)
  } finally {
    await script.end()
  }
}

test('what an agent needs to connect', async () => {
  expect(await secretOn('2.541.3', 'auto', 'agent-jnlp-ok')).toEqual({
    secret: SECRET,
    connection: 'websocket',
    url: 'http://ci.test:8080/',
    jnlpUrl: 'http://ci.test:8080/computer/agent-1/jenkins-agent.jnlp',
    jarUrl: 'http://ci.test:8080/jnlpJars/agent.jar',
    noReconnectAfter: true,
  })
})

test('agents are sent to the URL by which they reach Jenkins, not to the one in the file', async () => {
  const agentUrl = new URL('https://jenkins.internal/ci')
  expect(await secretOn('2.541.3', 'auto', 'open-agent-jnlp-prefix-url', { agentUrl })).toMatchObject({
    secret: '1c7aabbc93578fdacc4ffc4aa18ff1a04f5231b49010fc2fac09cda7adc3e099',
    url: 'https://jenkins.internal/ci/',
    jnlpUrl: 'https://jenkins.internal/ci/computer/agent-1/jenkins-agent.jnlp',
    jarUrl: 'https://jenkins.internal/ci/jnlpJars/agent.jar',
  })
})

test.each<[string, Connection, string, AgentSecret['connection'], boolean]>([
  ['2.541.3', 'auto', 'agent-jnlp-tcp', 'tcp', true],
  ['2.541.3', 'auto', 'agent-jnlp-minimal-inbound', 'tcp', true],
  ['2.541.3', 'auto', 'agent-jnlp-no-workdir', 'websocket', true],
  ['2.541.3', 'tcp', 'agent-jnlp-ok', 'tcp', true],
  ['2.541.3', 'websocket', 'agent-jnlp-tcp', 'websocket', true],
  ['2.541.3', 'jnlpUrl', 'agent-jnlp-ok', 'jnlpUrl', true],
  ['2.462.1', 'auto', 'agent-jnlp-ok', 'websocket', true],
  ['2.461', 'auto', 'agent-jnlp-ok', 'websocket', false],
  ['2.440.1', 'tcp', 'agent-jnlp-tcp', 'tcp', false],
  // The agent program of these takes no -url: it follows the file, which says -webSocket or does not.
  ['2.426.3', 'auto', 'agent-jnlp-ok', 'jnlpUrl', false],
  ['2.426.3', 'websocket', 'agent-jnlp-ok', 'jnlpUrl', false],
  ['2.60.3', 'tcp', 'agent-jnlp-tcp', 'jnlpUrl', false],
])('Jenkins %s, wanted %s, %s: %s', async (version, wanted, file, connection, noReconnectAfter) => {
  expect(await secretOn(version, wanted, file)).toMatchObject({ connection, noReconnectAfter })
})

describe('old controllers', () => {
  const file = (args: readonly string[]): Answer => ({
    status: 200,
    body: `<?xml version="1.0"?><jnlp spec="1.0+"><information><title>a</title></information><application-desc main-class="hudson.remoting.jnlp.Main">${args.map((arg) => `<argument>${arg}</argument>`).join('')}</application-desc></jnlp>`,
  })

  test.each([
    ['none without security', ['-url', 'http://h:8080/'], ''],
    ['none that its agent program would take as an option', [SECRET, 'agent-1'], ''],
    ['none where the first word is the name', ['agent-1', SECRET], ''],
    ['none without words', [], ''],
  ])('the secret: %s', async (_, args, secret) => {
    const script = new Script()
      .on('GET', '/computer/agent-1/api/json', jsonAnswer(computer(), { 'x-hudson': '1.395' }))
      .on('GET', JNLP, { status: 404 })
      .on('GET', OLD_JNLP, file(args))
    await script.jenkins.readNode('agent-1')
    expect(await script.jenkins.agentSecret('agent-1', 'auto')).toEqual({
      secret,
      connection: 'jnlpUrl',
      url: 'http://ci.test:8080/',
      jnlpUrl: 'http://ci.test:8080/computer/agent-1/slave-agent.jnlp',
      jarUrl: 'http://ci.test:8080/jnlpJars/slave.jar',
      noReconnectAfter: false,
    })
    await script.end()
  })

  test('the recording under the old name reads the same', async () => {
    const script = new Script().on('GET', JNLP, 'agent-jnlp-missing-404').on('GET', OLD_JNLP, 'agent-jnlp-old-name')
    expect((await script.jenkins.agentSecret('agent-1', 'auto')).secret).toMatch(/^[0-9a-f]{64}$/)
    await script.end()
  })
})

describe('failures', () => {
  test.each(['agent-jnlp-missing-404', 'agent-jnlp-builtin', 'agent-jnlp-after-delete-404'])(
    '%s: no such node',
    async (name) => {
      const script = new Script().on('GET', JNLP, name).on('GET', OLD_JNLP, name)
      await expect(script.jenkins.agentSecret('agent-1', 'auto')).rejects.toMatchObject({ code: 'JENKINS_NOT_FOUND' })
      await script.end()
    },
  )

  test.each([
    ['agent-jnlp-no-permission', 'JENKINS_FORBIDDEN', /Agent\/Connect/],
    ['agent-jnlp-anonymous', 'JENKINS_UNAUTHORIZED', /wants a login/],
    ['full-anonread-jnlp-anonymous', 'JENKINS_UNAUTHORIZED', /wants a login|lacks/],
  ])('%s', async (name, code, message) => {
    const script = new Script().on('GET', JNLP, name)
    await expect(script.jenkins.agentSecret('agent-1', 'auto')).rejects.toMatchObject({
      code: expect.stringMatching(name.startsWith('full') ? /JENKINS_(FORBIDDEN|UNAUTHORIZED)/ : code),
      message: expect.stringMatching(message),
    })
    await script.end()
  })

  test.each([
    ['a page', { status: 200, body: `<html><p>${SECRET}</p></html>` }],
    ['an encrypted file', answerOf('agent-jnlp-encrypted')],
    ['a cut file', { status: 200, body: `<jnlp><application-desc><argument>${SECRET}` }],
    ['nothing', { status: 200, body: '' }],
  ])('%s is no agent file, and nothing of it is told', async (_, answer) => {
    const script = new Script().on('GET', JNLP, answer)
    const error: unknown = await script.jenkins.agentSecret('agent-1', 'auto').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'JENKINS_MALFORMED' })
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain(SECRET)
    await script.end()
  })
})
