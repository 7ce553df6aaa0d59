import { describe, expect, test } from '@jest/globals'
import { settle } from '../../support/virtual-clock.ts'
import { expectLike } from './compare.ts'
import { Rig, recording } from './rig.ts'

describe('a node', () => {
  test.each([
    ['agent-jnlp-tcp', 'node-create-tcp-ok'],
    ['agent-jnlp-no-workdir', 'node-create-no-workdir'],
    ['agent-jnlp-minimal-inbound', 'node-create-minimal-inbound'],
    ['node-config-after-minimal-inbound', 'node-create-minimal-inbound'],
    ['node-config-after-dollar-class-only', 'node-create-dollar-class-only'],
    ['node-config-after-empty-json', 'node-create-empty-json'],
    ['node-config-after-empty-remotefs', 'node-create-empty-remotefs'],
    ['node-config-after-env', 'node-create-with-env-and-description'],
    ['node-config-after-json-name-differs', 'node-create-json-name-differs'],
    ['node-config-after-no-retention', 'node-create-no-retention-no-launcher'],
    ['node-config-after-websocket-string-true', 'node-create-websocket-string-true'],
    ['node-config-after-negative-executors', 'node-create-negative-executors'],
    ['computer-odd-labels', 'node-create-odd-labels'],
  ])('reads as recorded in %s after %s', async (read, create) => {
    const rig = await Rig.started()
    expect((await rig.replay(recording(create))).status).toBe(302)
    const recorded = recording(read)
    const answer = await rig.replay(recorded)
    expectLike(answer, recorded)
    if (recorded.response.status === 404 || recorded.response.json) return
    // Secrets, folders and addresses of that controller are not this one's.
    const plain = (text: string) =>
      text
        .replace(/[0-9a-f]{64}/g, 'SECRET')
        .replaceAll('/home/lab/jenkins', '/srv')
        .replace(/127\.0\.0\.1:\d+/, 'HOST')
        .trim()
    expect(plain(answer.text)).toBe(plain(recorded.response.body ?? ''))
  })

  test('keeps where tools are, and gives builds its variables', async () => {
    const rig = await Rig.started()
    const locations = { key: 'hudson.model.JDK$DescriptorImpl@jdk 21', home: '/opt/<jdk>' }
    await rig.addNode('a', 'mesos', {
      nodeProperties: {
        'stapler-class-bag': 'true',
        'hudson-slaves-EnvironmentVariablesNodeProperty': { env: [{ key: 'SITE', value: 'home' }] },
        'hudson-tools-ToolLocationNodeProperty': { locations },
      },
    })
    const { text } = await rig.call('GET', '/computer/a/config.xml')
    expect(text).toContain('<string>SITE</string>\n          <string>home</string>')
    expect(text).toContain(
      '<type>hudson.model.JDK$DescriptorImpl</type>\n          <name>jdk 21</name>\n          <home>/opt/&lt;jdk&gt;</home>',
    )
    const hands = await rig.connect('a')
    rig.jenkins.createJob({ name: 'job', label: 'mesos' })
    rig.jenkins.build('job')
    await settle()
    expect(hands.builds).toMatchObject([{ environment: { SITE: 'home', JOB_NAME: 'job' } }])
  })

  test.each([
    [
      '/computer/agent-1/toggleOffline?offlineMessage=scaled%20down',
      'node-toggle-offline',
      'computer-one-temporarily-offline',
    ],
    ['/computer/l-1/toggleOffline', 'node-toggle-offline-no-message', 'computer-one-temporarily-offline-no-message'],
  ])('that was connected and set offline by %s says so as recorded', async (path, toggle, read) => {
    const rig = await Rig.started()
    const name = path.split('/')[2] ?? ''
    await rig.addNode(name, 'mesos')
    await rig.connect(name)
    const recorded = recording(toggle)
    expectLike(await rig.call('POST', path, { user: 'sidecar' }), recorded)
    expectLike(await rig.replay(recording(read)), recording(read))
    await rig.call('POST', path, { user: 'sidecar' })
    expect(await rig.json(`/computer/${name}/api/json?tree=offline,temporarilyOffline`)).toMatchObject({
      offline: false,
      temporarilyOffline: false,
    })
  })

  test('escapes the reason of its offline once in the cause and twice beside it', async () => {
    const rig = await Rig.started()
    await rig.addNode('l-1')
    await rig.call('POST', '/computer/l-1/toggleOffline?offlineMessage=x', { user: 'sidecar' })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = `offlineMessage=${encodeURIComponent('mesos: drain "ü" 100%')}`
    const recorded = recording('node-change-offline-cause')
    expectLike(await rig.call('POST', '/computer/l-1/changeOfflineCause', { user: 'sidecar', headers, body }), recorded)
    expectLike(
      await rig.replay(recording('computer-offline-cause-lang-de')),
      recording('computer-offline-cause-lang-de'),
    )
  })

  test('without executors holds its name and its labels, and nothing else', async () => {
    const rig = await Rig.started()
    await rig.addNode('ghost-0', 'mesos', { numExecutors: '0' })
    for (const name of ['computer-ghost-404', 'label-with-ghost', 'node-config-ghost', 'node-delete-ghost-admin-404']) {
      expectLike(await rig.replay(recording(name)), recording(name))
    }
  })

  test('that many create at once is created once', async () => {
    const rig = await Rig.started()
    const answers = await Promise.all(Array.from({ length: 20 }, () => rig.replay(recording('node-create-ok'))))
    expect(answers.filter(({ status }) => status === 302)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19)
  })

  test('changes with its config.xml', async () => {
    const rig = await Rig.started()
    await rig.addNode('a', 'mesos')
    const before = (await rig.call('GET', '/computer/a/config.xml')).text
    const body = before.replace('<numExecutors>1', '<numExecutors>3').replace('<label>mesos', '<label>linux docker')
    expect((await rig.call('POST', '/computer/a/config.xml', { body })).status).toBe(200)
    expect(await rig.json('/computer/a/api/json?tree=numExecutors,assignedLabels[name],executors')).toMatchObject({
      numExecutors: 3,
      executors: [{}, {}, {}],
      assignedLabels: [{ name: 'linux' }, { name: 'docker' }, { name: 'a' }],
    })
  })

  test('costs about as many bytes as with a real Jenkins', async () => {
    const rig = await Rig.started()
    for (let number = 0; number < 100; number++) {
      await rig.addNode(`mesos-linux-${number}`, 'mesos')
      await rig.connect(`mesos-linux-${number}`)
    }
    // A real one with a hundred nodes: 84 kB at depth 0.
    const length = async (query: string) => (await rig.call('GET', `/computer/api/json${query}`)).text.length
    expect(await length('')).toBeGreaterThan(80_000)
    expect(await length('?depth=1')).toBeGreaterThan(400_000)
    expect(await length('?tree=computer[displayName,offline]')).toBeLessThan(15_000)
  })

  test('listing is compressed where the client likes it', async () => {
    const rig = await Rig.started()
    const answer = await rig.call('GET', '/computer/api/json', { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.header('content-encoding')).toBe('gzip')
  })
})

describe('an old controller', () => {
  const OLD = { version: '1.395', security: false } as const

  async function old(): Promise<Rig> {
    const rig = await Rig.started(OLD)
    for (const [name, labelString] of [
      ['anchor-linux', 'linux'],
      ['anchor-docker', 'linux docker'],
    ] as const) {
      const json = JSON.stringify({ labelString, numExecutors: 1, launcher: { $class: 'hudson.slaves.JNLPLauncher' } })
      const form = new URLSearchParams({ name, type: 'hudson.slaves.DumbSlave$DescriptorImpl', json })
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await rig.call('POST', '/computer/doCreateItem', { headers, body: form.toString() })
      expect([answer.status, answer.header('location')]).toEqual([302, 'http://127.0.0.1:18081/computer/'])
    }
    return rig
  }

  test('names itself otherwise, and does not know what came later', async () => {
    const rig = await old()
    const answer = await rig.call('GET', '/api/json')
    expect([answer.header('x-hudson'), answer.header('x-jenkins')]).toEqual(['1.395', undefined])
    expect(answer.json()).toMatchObject({ assignedLabels: [{}], useCrumbs: false })
    for (const path of ['/crumbIssuer/api/json', '/whoAmI/api/json', '/computer/anchor-linux/jenkins-agent.jnlp']) {
      expect([path, (await rig.call('GET', path)).status]).toEqual([path, 404])
    }
    expect((await rig.call('GET', '/computer/anchor-linux/slave-agent.jnlp')).text).toContain('anchor-linux')
  })

  test.each([
    ['linux', "All nodes of label 'linux' are offline"],
    ['linux&&docker', 'anchor-docker is offline'],
    ['solaris', "All nodes of label 'solaris' are offline"],
  ])('explains an item for %s in its own words', async (label, why) => {
    const rig = await old()
    rig.jenkins.createJob({ name: 'job', label })
    const answer = await rig.call('POST', '/job/job/build')
    expect([answer.status, answer.header('location')]).toEqual([302, 'http://127.0.0.1:18081/job/job/'])
    const { items } = (await rig.json('/queue/api/json')) as { items: Record<string, unknown>[] }
    expect(items[0]).toMatchObject({ why, stuck: true, task: { name: 'job' } })
    for (const later of ['id', 'inQueueSince', 'url', '_class']) expect(items[0]).not.toHaveProperty(later)
  })

  test('wants another type of node, and a whole config.xml', async () => {
    const rig = await old()
    const { body } = recording('node-create-ok').request
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await rig.call('POST', '/computer/doCreateItem', { headers, body: body ?? '' })).status).toBe(500)
    expect((await rig.call('POST', '/createItem?name=x', { body: '<project/>' })).status).toBe(500)
  })

  test('has an empty cause for an offline node', async () => {
    const rig = await old()
    await rig.call('POST', '/computer/anchor-linux/toggleOffline?offlineMessage=x')
    const computer = (await rig.json('/computer/anchor-linux/api/json')) as Record<string, unknown>
    expect(computer).toMatchObject({ offlineCause: {}, temporarilyOffline: true })
    expect(computer).not.toHaveProperty('offlineCauseReason')
    expect(computer).not.toHaveProperty('assignedLabels')
  })
})
