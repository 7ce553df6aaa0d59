import { describe, expect, test } from '@jest/globals'
import type { Permission } from '../../../src/embedded/jenkins/auth.ts'
import { expectLike } from './compare.ts'
import { fixture, Rig, recording } from './rig.ts'

type Matrix = Readonly<Record<string, Readonly<Record<string, unknown>>>>
const MATRIX = JSON.parse(fixture('permission-matrix.json')) as Matrix

function rightsOf(title: string): readonly Permission[] {
  const [names = '', switches = ''] = title.split(' -D')
  const base: readonly Permission[] = ['Overall/Read', 'Job/Read']
  const without = switches.includes('NoJobRead') ? 'Job/Read' : switches.includes('NoOverallRead') ? 'Overall/Read' : ''
  return [
    ...base.filter((right) => right !== without),
    ...names.split(',').map((name) => `Agent/${name}` as Permission),
  ]
}

test.each(Object.entries(MATRIX))('a user with %s gets what a real Jenkins gave', async (title, recorded) => {
  const rig = await Rig.started({
    users: [
      { name: 'admin', apiToken: `11${'a'.repeat(32)}`, permissions: ['Overall/Administer'] },
      { name: 'sidecar', apiToken: `11${'c'.repeat(32)}`, permissions: rightsOf(title) },
    ],
  })
  rig.jenkins.createJob({ name: 'j', label: 'mesos' })
  rig.jenkins.build('j')
  await rig.addNode('n1', 'mesos')
  const user = { user: 'sidecar' }
  const status = async (method: string, path: string, call = {}) =>
    (await rig.call(method, path, { ...user, ...call })).status
  const queue = await rig.call('GET', '/queue/api/json', user)
  const list = await rig.call('GET', '/computer/api/json?tree=computer[displayName]', user)
  const seen = (queue.status === 200 ? queue.json() : {}) as { items?: unknown[]; discoverableItems?: unknown[] }
  const listed = (list.status === 200 ? list.json() : {}) as { computer?: { displayName: string }[] }
  const config = (await rig.call('GET', '/computer/n1/config.xml')).text
  const form = recording('node-create-ok').request.body ?? ''
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const got = {
    'GET /queue items seen': [queue.status, seen.items?.length ?? null, seen.discoverableItems?.length ?? null],
    'GET /computer': [list.status, listed.computer?.map(({ displayName }) => displayName) ?? null],
    'GET /job/j labelExpression': await status('GET', '/job/j/api/json?tree=labelExpression'),
    'GET /label/mesos': await status('GET', '/label/mesos/api/json'),
    'GET /overallLoad': await status('GET', '/overallLoad/api/json'),
    'POST doCreateItem': await status('POST', '/computer/doCreateItem', { headers, body: form }),
    'GET jnlp': await status('GET', '/computer/n1/jenkins-agent.jnlp'),
    'GET config.xml': await status('GET', '/computer/n1/config.xml'),
    'POST config.xml': await status('POST', '/computer/n1/config.xml', { body: config }),
    'toggleOffline to offline': await status('POST', '/computer/n1/toggleOffline?offlineMessage=x'),
    'toggleOffline to online': await status('POST', '/computer/n1/toggleOffline'),
    doDisconnect: await status('POST', '/computer/n1/doDisconnect'),
    doDelete: await status('POST', '/computer/n1/doDelete'),
    'GET /whoAmI': await status('GET', '/whoAmI/api/json'),
    'POST /job/j/build': await status('POST', '/job/j/build'),
  }
  expect(got).toEqual(recorded)
})

describe('a crumb', () => {
  async function issued(rig: Rig) {
    const answer = await rig.call('GET', '/crumbIssuer/api/json', { user: 'sidecar', password: 'sidecar' })
    const { crumb } = answer.json() as { crumb: string }
    return { 'Jenkins-Crumb': crumb, Cookie: answer.header('set-cookie')?.split(';')[0] ?? '' }
  }

  test('with its cookie lets a password user POST, as often as it likes', async () => {
    const rig = await Rig.started()
    const recorded = recording('node-create-password-crumb-and-cookie')
    const crumb = await issued(rig)
    expectLike(await rig.replay(recorded, crumb), recorded)
    expect((await rig.replay(recorded, crumb)).status).toBe(400)
  })

  test.each([
    ['without its cookie', { Cookie: '' }],
    ['with the cookie of another session', { Cookie: 'JSESSIONID.x=node0.node0' }],
    ['that is none', { 'Jenkins-Crumb': 'wrong' }],
  ])('%s is refused', async (_how, change) => {
    const rig = await Rig.started()
    const recorded = recording('node-create-password-crumb-without-cookie-403')
    expectLike(await rig.replay(recorded, { ...(await issued(rig)), ...change }), recorded)
  })

  test('does not outlive its controller', async () => {
    const rig = await Rig.started()
    const crumb = await issued(rig)
    await rig.jenkins.restart()
    const recorded = recording('node-create-password-crumb-and-cookie')
    expect((await rig.replay(recorded, crumb)).status).toBe(403)
  })

  test('is not asked for with an API token, and a wrong one does no harm there', async () => {
    const rig = await Rig.started()
    const recorded = recording('node-create-ok')
    expectLike(await rig.replay(recorded, { 'Jenkins-Crumb': 'wrong' }), recorded)
  })
})
