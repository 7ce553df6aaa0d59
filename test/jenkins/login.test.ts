import { expect, test } from '@jest/globals'
import { redact, Secret } from '../../src/core/secret.ts'
import { computer, jsonAnswer, Script } from './recorded.ts'

const COMPUTER = '/computer/agent-1/api/json'
const DELETE = '/computer/agent-1/doDelete'

const basic = (token: string): string => `Basic ${Buffer.from(`sidecar:${token}`).toString('base64')}`

test('a token that changes counts from the next request on, and neither shows in what is said (invariant 10)', async () => {
  let token: Secret | undefined = new Secret('token-of-yesterday')
  const script = new Script({ token: () => token })
  for (let round = 0; round < 3; round++) script.on('GET', COMPUTER, jsonAnswer(computer()))
  await script.jenkins.readNode('agent-1')
  await script.jenkins.readNode('agent-1')
  token = new Secret('token-of-today')
  await script.jenkins.readNode('agent-1')
  const sent = script.seen.map(({ headers }) => headers['authorization'] ?? '')
  expect(sent).toEqual([basic('token-of-yesterday'), basic('token-of-yesterday'), basic('token-of-today')])
  expect(redact(sent[2] ?? '')).not.toContain(basic('token-of-today').slice(6))
  await script.end()
})

test('session and crumb end with the password that they were had with', async () => {
  let token = new Secret('password-of-yesterday')
  const script = new Script({ token: () => token })
    .on('POST', DELETE, 'node-create-password-no-crumb-403')
    .on('GET', '/crumbIssuer/api/json', 'crumb-with-password')
    .on('POST', DELETE, 'node-delete-ok')
    .on('POST', DELETE, 'node-delete-ok')
  await script.jenkins.deleteNode('agent-1')
  expect(script.seen[2]?.headers).toMatchObject({ 'Jenkins-Crumb': expect.any(String), cookie: expect.any(String) })
  token = new Secret('password-of-today')
  await script.jenkins.deleteNode('agent-1')
  expect(script.seen[3]?.headers['authorization']).toBe(basic('password-of-today'))
  expect(script.seen[3]?.headers).not.toHaveProperty('Jenkins-Crumb')
  expect(script.seen[3]?.headers).not.toHaveProperty('cookie')
  await script.end()
})
