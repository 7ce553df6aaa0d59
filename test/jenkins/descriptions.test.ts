import { expect, test } from '@jest/globals'
import { jsonAnswer, Script } from './recorded.ts'

const computer = (displayName: string): object => ({
  displayName,
  numExecutors: 1,
  executors: [{ idle: true }],
  idle: true,
  offline: true,
  temporarilyOffline: true,
})

const OLD = { 'x-hudson': '1.395' }
const queue = {
  items: [{ buildable: true, why: 'anchor-linux is offline', task: { name: 'a', url: 'http://h/job/a/' } }],
}

test('a controller that tells no descriptions is asked once for each node, by its label', async () => {
  const script = new Script()
    .on('GET', '/computer/api/json', jsonAnswer({ computer: [computer('anchor-linux')] }, OLD))
    .on('GET', '/label/anchor-linux/api/json', jsonAnswer({ description: 'an anchor' }, OLD))
    .on('GET', '/queue/api/json', jsonAnswer(queue, OLD))
    .on('GET', '/computer/api/json', jsonAnswer({ computer: [computer('anchor-linux')] }, OLD))
    .on('GET', '/queue/api/json', jsonAnswer(queue, OLD))
  expect((await script.jenkins.read()).nodes).toMatchObject([{ name: 'anchor-linux', description: 'an anchor' }])
  expect((await script.jenkins.read()).nodes).toMatchObject([{ name: 'anchor-linux', description: 'an anchor' }])
  await script.end()
})

test('a controller of today is not asked, also where no node has a description', async () => {
  const version = { 'x-jenkins': '2.541.3' }
  const script = new Script()
    .on('GET', '/computer/api/json', jsonAnswer({ computer: [computer('a')] }, version))
    .on('GET', '/queue/api/json', jsonAnswer(queue, version))
  expect((await script.jenkins.read()).nodes).toMatchObject([{ name: 'a', description: '' }])
  await script.end()
})
