import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { NodeSpec } from '../../src/loop/ports.ts'
import { broken, computer, jsonAnswer, OFFLINE, recorded, Script, TODAY } from './recorded.ts'

const ONE = '/computer/agent-1/api/json'
const TOGGLE = '/computer/agent-1/toggleOffline'
const CREATE = '/computer/doCreateItem'
const OLD = { 'x-hudson': '1.395' }
const MARKER = 'jenkins-mesos-sidecar:'
const REASON = `${MARKER} idle`

const ONLINE = jsonAnswer(computer())
const TAKEN_OFFLINE = jsonAnswer(computer(OFFLINE))

const SPEC: NodeSpec = {
  name: 'agent-1',
  description: 'lab agent',
  remoteFs: '/home/lab/jenkins/agents/agent-1',
  executors: 1,
  mode: 'EXCLUSIVE',
  labels: ['mesos'],
  connection: 'websocket',
}

function formOf(body: string): { name: string | null; type: string | null; json: Record<string, unknown> } {
  const form = new URLSearchParams(body)
  return {
    name: form.get('name'),
    type: form.get('type'),
    json: JSON.parse(form.get('json') ?? '') as Record<string, unknown>,
  }
}

/** A script that has seen a Jenkins of this version. */
async function knowing(headers: Readonly<Record<string, string>>): Promise<Script> {
  const script = new Script().on('GET', ONE, jsonAnswer(computer(), headers))
  await script.jenkins.readNode('agent-1')
  script.seen.length = 0
  return script
}

describe('reading one node', () => {
  test.each(['computer-missing-404', 'computer-ghost-404', 'not-found-404'])('%s: there is none', async (name) => {
    const script = new Script().on('GET', ONE, name)
    expect(await script.jenkins.readNode('agent-1')).toBeUndefined()
    await script.end()
  })

  test('a 404 that is not Jenkins’ own counts only if the list of nodes agrees', async () => {
    const foreign = { status: 404, body: '<title>Not here</title>' }
    const script = new Script()
      .on('GET', ONE, foreign)
      .on('GET', '/computer/api/json', 'computer-list-with-ghost-nodes')
    expect(await script.jenkins.readNode('agent-1')).toBeUndefined()
    script.on('GET', ONE, foreign).on('GET', '/computer/api/json', jsonAnswer({ computer: [computer()] }))
    await expect(script.jenkins.readNode('agent-1')).rejects.toMatchObject({ code: 'JENKINS_NOT_FOUND' })
    await script.end()
  })

  test('a wrong context path is not taken for a missing node', async () => {
    const script = new Script()
      .on('GET', ONE, 'prefix-outside-404')
      .on('GET', '/computer/api/json', 'prefix-outside-404')
    await expect(script.jenkins.readNode('agent-1')).rejects.toMatchObject({
      code: 'JENKINS_NOT_FOUND',
      message: expect.stringContaining('check the context path of JENKINS_URL, which is http://ci.test:8080/'),
    })
    await script.end()
  })
})

describe('creating a node', () => {
  test('posts what a real Jenkins took', async () => {
    const script = await knowing(TODAY)
    script.on('POST', CREATE, 'node-create-ok')
    const taken = formOf(recorded('node-create-ok').request.body ?? '')
    expect(await script.jenkins.createNode({ ...SPEC, remoteFs: String(taken.json['remoteFS']) })).toBe('created')
    expect(script.requests).toEqual([`POST ${CREATE}`])
    const sent = script.seen[0]
    expect(sent?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(formOf(sent?.body ?? '')).toEqual(taken)
    await script.end()
  })

  test.each([
    ['websocket', '2.541.3', true],
    ['tcp', '2.541.3', false],
    ['auto', '2.541.3', true],
    ['auto', '2.217', true],
    ['auto', '2.216.9', false],
    ['jnlpUrl', '2.541.3', true],
    ['jnlpUrl', '1.651', false],
  ] as const)('connection %s on %s', async (connection, version, webSocket) => {
    const script = await knowing({ 'x-jenkins': version })
    script.on('POST', CREATE, 'node-create-tcp-ok')
    await script.jenkins.createNode({ ...SPEC, connection })
    expect(formOf(script.seen[0]?.body ?? '').json).toMatchObject({ launcher: { webSocket } })
    await script.end()
  })

  test.each([
    [['linux', 'docker'], 'linux docker'],
    [['a||b', '(x)', '!y'], 'a||b (x) !y'],
    [['my label', 'say "x"', 'back\\slash', "it's"], '"my label" "say \\"x\\"" "back\\\\slash" "it\'s"'],
    [[], ''],
  ])('labels %j', async (labels, labelString) => {
    const script = await knowing(TODAY)
    script.on('POST', CREATE, 'node-create-odd-labels')
    await script.jenkins.createNode({ ...SPEC, labels })
    expect(formOf(script.seen[0]?.body ?? '').json).toMatchObject({ labelString })
    await script.end()
  })

  test('posts variables as a real Jenkins took them', async () => {
    const script = await knowing(TODAY)
    script.on('POST', CREATE, 'node-create-with-env-and-description')
    const taken = formOf(recorded('node-create-with-env-and-description').request.body ?? '')
    const properties = { environment: { MESOS_TASK: 't-1', B: 'ü' }, toolLocations: [] }
    await script.jenkins.createNode({ ...SPEC, properties })
    expect(formOf(script.seen[0]?.body ?? '').json['nodeProperties']).toEqual(taken.json['nodeProperties'])
    await script.end()
  })

  test.each([
    ['hudson.model.JDK', 'hudson.model.JDK$DescriptorImpl'],
    ['hudson.model.JDK$DescriptorImpl', 'hudson.model.JDK$DescriptorImpl'],
    ['hudson.tasks.Maven$MavenInstallation', 'hudson.tasks.Maven$MavenInstallation$DescriptorImpl'],
    ['org.tool.ToolDescriptor', 'org.tool.ToolDescriptor'],
  ])('a tool of the class %s is of the descriptor %s', async (type, descriptor) => {
    const script = await knowing(TODAY)
    script.on('POST', CREATE, 'node-create-ok')
    const toolLocations = [{ type, name: 'of 21 @ home', home: '/opt/tool' }]
    await script.jenkins.createNode({ ...SPEC, properties: { environment: {}, toolLocations } })
    expect(formOf(script.seen[0]?.body ?? '').json['nodeProperties']).toEqual({
      'stapler-class-bag': 'true',
      'hudson-tools-ToolLocationNodeProperty': {
        locations: [{ key: `${descriptor}@of 21 @ home`, home: '/opt/tool' }],
      },
    })
    await script.end()
  })

  test.each([0, -1, 1.5, Number.NaN])('%d executors would make a ghost, and are refused', async (executors) => {
    const script = await knowing(TODAY)
    await expect(script.jenkins.createNode({ ...SPEC, executors })).rejects.toMatchObject({ code: 'JENKINS_REFUSED' })
    expect(script.seen).toEqual([])
    await script.end()
  })

  test.each(['node-create-duplicate-400', 'node-create-duplicate-lang-de'])(
    '%s: it exists, whatever the words',
    async (name) => {
      const script = await knowing(TODAY)
      script.on('POST', CREATE, name).on('GET', ONE, ONLINE)
      expect(await script.jenkins.createNode(SPEC)).toBe('exists')
      await script.end()
    },
  )

  test.each([
    ['node-create-ghost-duplicate-400', /Agent called agent-8 already exists.*without executors/],
    ['node-create-bad-name-400', /unsafe character/],
    ['node-create-empty-name-400', /Query parameter 'name' is required/],
  ])('%s: refused in Jenkins’ own words', async (name, message) => {
    const script = await knowing(TODAY)
    script.on('POST', CREATE, name).on('GET', ONE, 'computer-ghost-404')
    await expect(script.jenkins.createNode(SPEC)).rejects.toMatchObject({
      code: 'JENKINS_REFUSED',
      retryable: false,
      message: expect.stringMatching(message),
    })
    await script.end()
  })

  test.each([
    [
      'node-create-no-permission-403',
      {
        code: 'JENKINS_FORBIDDEN',
        message: expect.stringContaining(
          'user viewer lacks the permission Agent/Create (hudson.model.Computer.Create)',
        ),
      },
    ],
    ['node-create-bad-token-401', { code: 'JENKINS_UNAUTHORIZED' }],
    ['node-create-unknown-type', { code: 'JENKINS_UNAVAILABLE' }],
    ['startup-1-token-create-node', { code: 'JENKINS_UNAVAILABLE', retryable: true }],
  ])('%s', async (name, expected) => {
    const script = await knowing(TODAY)
    script.on('POST', CREATE, name)
    await expect(script.jenkins.createNode(SPEC)).rejects.toMatchObject(expected)
    expect(script.seen).toHaveLength(1)
    await script.end()
  })

  test('the oldest controllers are told the descriptor’s class', async () => {
    const script = await knowing(OLD)
    script.on('POST', CREATE, { status: 302, headers: { location: 'http://ci.test:8080/computer/' } })
    expect(await script.jenkins.createNode(SPEC)).toBe('created')
    expect(formOf(script.seen[0]?.body ?? '').type).toBe('hudson.slaves.DumbSlave$DescriptorImpl')
    await script.end()
  })

  test.each([
    ['1.600', ['hudson.slaves.DumbSlave', 'hudson.slaves.DumbSlave$DescriptorImpl']],
    ['1.420', ['hudson.slaves.DumbSlave$DescriptorImpl', 'hudson.slaves.DumbSlave']],
  ])('%s does not know the first type: the other is tried when the node is not there', async (version, types) => {
    const script = await knowing({ 'x-jenkins': version })
    script
      .on('POST', CREATE, { status: 500 })
      .on('GET', ONE, 'computer-missing-404')
      .on('POST', CREATE, 'node-create-ok')
    expect(await script.jenkins.createNode(SPEC)).toBe('created')
    expect(script.seen.filter(({ method }) => method === 'POST').map(({ body }) => formOf(body).type)).toEqual(types)
    await script.end()
  })

  test('a controller that knows neither type fails', async () => {
    const script = await knowing(OLD)
    for (let round = 0; round < 2; round++) script.on('POST', CREATE, { status: 500 })
    script.on('GET', ONE, 'computer-missing-404')
    await expect(script.jenkins.createNode(SPEC)).rejects.toMatchObject({ code: 'JENKINS_UNAVAILABLE', status: 500 })
    await script.end()
  })

  test('the version is asked for where nothing was asked before', async () => {
    const script = new Script().on('GET', '/api/json', 'api-root').on('POST', CREATE, 'node-create-ok')
    expect(await script.jenkins.createNode({ ...SPEC, connection: 'auto' })).toBe('created')
    expect(formOf(script.seen[1]?.body ?? '').json).toMatchObject({ launcher: { webSocket: true } })
    await script.end()
  })
})

describe('deleting a node', () => {
  test.each([
    ['node-delete-ok', 'deleted'],
    ['full-node-delete-token', 'deleted'],
    ['node-delete-idle-connected', 'deleted'],
    ['node-delete-while-building', 'deleted'],
    ['node-delete-missing-404', 'missing'],
    ['node-delete-ghost-404', 'missing'],
  ])('%s: %s', async (name, outcome) => {
    const script = new Script().on('POST', '/computer/agent-1/doDelete', name)
    expect(await script.jenkins.deleteNode('agent-1')).toBe(outcome)
    await script.end()
  })

  test('the missing permission is named', async () => {
    const script = new Script().on('POST', '/computer/agent-1/doDelete', 'node-delete-no-permission-403')
    await expect(script.jenkins.deleteNode('agent-1')).rejects.toMatchObject({
      code: 'JENKINS_FORBIDDEN',
      message: expect.stringContaining('Agent/Delete'),
    })
    await script.end()
  })

  test('a 404 from somewhere else does not count', async () => {
    const script = new Script()
      .on('POST', '/computer/agent-1/doDelete', { status: 404 })
      .on('GET', '/computer/api/json', jsonAnswer({ computer: [computer()] }))
    await expect(script.jenkins.deleteNode('agent-1')).rejects.toMatchObject({ code: 'JENKINS_NOT_FOUND' })
    await script.end()
  })
})

describe('taking a node offline', () => {
  test('toggles it and answers with what was read after that', async () => {
    const after = { ...OFFLINE, idle: false, executors: [{ idle: false, currentExecutable: { url: 'job/a/1/' } }] }
    const script = new Script()
      .on('GET', ONE, ONLINE)
      .on('POST', TOGGLE, 'node-toggle-offline')
      .on('GET', ONE, jsonAnswer(computer(after)))
    expect(await script.jenkins.setOffline('agent-1', REASON)).toMatchObject({
      temporarilyOffline: true,
      offlineReason: REASON,
      idle: false,
      running: [{ url: 'job/a/1/' }],
    })
    expect(script.seen[1]?.path).toBe(`${TOGGLE}?offlineMessage=${REASON}`)
    await script.end()
  })

  test('leaves one alone that is offline, and reads it afresh', async () => {
    const script = new Script().on('GET', ONE, TAKEN_OFFLINE).on('GET', ONE, TAKEN_OFFLINE)
    expect(await script.jenkins.setOffline('agent-1', REASON)).toMatchObject({ temporarilyOffline: true })
    expect(script.requests).toEqual([`GET ${ONE}`, `GET ${ONE}`])
    await script.end()
  })

  test('a node that is gone, before or meanwhile, is none', async () => {
    const script = new Script().on('GET', ONE, 'computer-missing-404')
    expect(await script.jenkins.setOffline('agent-1', REASON)).toBeUndefined()
    script.on('GET', ONE, ONLINE).on('POST', TOGGLE, 'node-toggle-offline-missing-404')
    expect(await script.jenkins.setOffline('agent-1', REASON)).toBeUndefined()
    await script.end()
  })

  test('the missing permission is named, and nothing more is tried', async () => {
    const script = new Script().on('GET', ONE, ONLINE).on('POST', TOGGLE, 'node-toggle-offline-no-permission')
    await expect(script.jenkins.setOffline('agent-1', REASON)).rejects.toMatchObject({
      code: 'JENKINS_FORBIDDEN',
      message: expect.stringContaining('Agent/Disconnect'),
    })
    await script.end()
  })

  test('the reason is plain, and Jenkins cuts nothing off it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 60 }), async (words) => {
        const script = new Script()
          .on('GET', ONE, ONLINE)
          .on('POST', TOGGLE, 'node-toggle-offline')
          .on('GET', ONE, TAKEN_OFFLINE)
        await script.jenkins.setOffline('agent-1', `${MARKER} ${words} : end`)
        const message = new URLSearchParams(script.seen[1]?.path.split('?')[1] ?? '').get('offlineMessage') ?? ''
        expect(message).toMatch(/^jenkins-mesos-sidecar:[A-Za-z0-9 :.,=_/-]*: end$/)
        expect(message).not.toContain(' :')
        await script.end()
      }),
      { numRuns: 50 },
    )
  })

  test.each(['ECONNRESET', 'UND_ERR_HEADERS_TIMEOUT'])(
    '%s on the toggle: the node is read, not toggled again',
    async (code) => {
      const script = new Script()
        .on('GET', ONE, ONLINE)
        .on('POST', TOGGLE, broken(code))
        .on('GET', ONE, TAKEN_OFFLINE)
        .on('GET', ONE, TAKEN_OFFLINE)
      expect(await script.jenkins.setOffline('agent-1', REASON)).toMatchObject({ temporarilyOffline: true })
      await script.end()
    },
  )

  test('a toggle that may still be waiting in Jenkins is not followed by another for a minute', async () => {
    const script = new Script().on('GET', ONE, ONLINE).on('POST', TOGGLE, { status: 504 }).on('GET', ONE, ONLINE)
    await expect(script.jenkins.setOffline('agent-1', REASON)).rejects.toMatchObject({ code: 'JENKINS_UNAVAILABLE' })
    await script.clock.advance(59_999)
    script.on('GET', ONE, ONLINE)
    await expect(script.jenkins.setOffline('agent-1', REASON)).rejects.toMatchObject({ retryable: true })
    await script.clock.advance(1)
    script.on('GET', ONE, ONLINE).on('POST', TOGGLE, 'node-toggle-offline').on('GET', ONE, TAKEN_OFFLINE)
    expect(await script.jenkins.setOffline('agent-1', REASON)).toBeDefined()
    await script.end()
  })

  test('one that never left may be sent again at once', async () => {
    const script = new Script().on('GET', ONE, ONLINE).on('POST', TOGGLE, broken('ECONNREFUSED'))
    await expect(script.jenkins.setOffline('agent-1', REASON)).rejects.toMatchObject({ code: 'JENKINS_UNREACHABLE' })
    script.on('GET', ONE, ONLINE).on('POST', TOGGLE, 'node-toggle-offline').on('GET', ONE, TAKEN_OFFLINE)
    expect(await script.jenkins.setOffline('agent-1', REASON)).toBeDefined()
    await script.end()
  })

  test('somebody who toggles at the same moment is noticed', async () => {
    const script = new Script()
      .on('GET', ONE, ONLINE)
      .on('POST', TOGGLE, 'node-toggle-offline-again')
      .on('GET', ONE, ONLINE)
    await expect(script.jenkins.setOffline('agent-1', REASON)).rejects.toMatchObject({
      code: 'JENKINS_CONFLICT',
      retryable: true,
    })
    await script.end()
  })

  test('an old controller is read once more, two seconds later', async () => {
    const offline = { offline: true, temporarilyOffline: true, offlineCauseReason: undefined }
    const busy = { ...offline, idle: false }
    const script = new Script()
      .on('GET', ONE, jsonAnswer(computer({ offlineCauseReason: undefined }), OLD))
      .on('POST', TOGGLE, 'node-toggle-offline-no-message')
      .on('GET', ONE, jsonAnswer(computer(offline), OLD))
    let done = false
    const pending = script.jenkins.setOffline('agent-1', REASON).finally(() => {
      done = true
    })
    await script.clock.until(() => script.seen.length === 3 && script.clock.pending === 1, 0, 'the first reading')
    await script.clock.advance(1_999)
    expect(done).toBe(false)
    script.on('GET', ONE, jsonAnswer(computer(busy), OLD))
    await script.clock.advance(1)
    // It tells no reason: ours is remembered.
    expect(await pending).toMatchObject({ idle: false, temporarilyOffline: true, offlineReason: REASON })
    await script.end()
  })
})

describe('putting a node online', () => {
  test('lifts an offline that carries the marker', async () => {
    const script = new Script()
      .on('GET', ONE, TAKEN_OFFLINE)
      .on('POST', TOGGLE, 'node-toggle-offline-again')
      .on('GET', ONE, ONLINE)
    expect(await script.jenkins.setOnline('agent-1', MARKER)).toMatchObject({ temporarilyOffline: false })
    await script.end()
  })

  test.each([
    ['a person’s', { ...OFFLINE, offlineCauseReason: 'disk full' }],
    ['one without a reason', { ...OFFLINE, offlineCauseReason: '' }],
    ['one that only mentions the marker', { ...OFFLINE, offlineCauseReason: `see ${REASON}` }],
    ['one that an old controller does not explain', { ...OFFLINE, offlineCauseReason: undefined }],
    ['a lost connection', { offline: true, offlineCauseReason: 'Connection was broken' }],
  ])('leaves %s alone', async (_, told) => {
    const script = new Script().on('GET', ONE, jsonAnswer(computer(told)))
    expect(await script.jenkins.setOnline('agent-1', MARKER)).toMatchObject({ offline: true })
    expect(script.requests).toEqual([`GET ${ONE}`])
    await script.end()
  })

  test('a missing node is none', async () => {
    const script = new Script().on('GET', ONE, 'computer-missing-404')
    expect(await script.jenkins.setOnline('agent-1', MARKER)).toBeUndefined()
    await script.end()
  })

  test('without an answer the node is read, not toggled again', async () => {
    const script = new Script()
      .on('GET', ONE, TAKEN_OFFLINE)
      .on('POST', TOGGLE, broken('ECONNRESET'))
      .on('GET', ONE, ONLINE)
      .on('GET', ONE, ONLINE)
    expect(await script.jenkins.setOnline('agent-1', MARKER)).toMatchObject({ temporarilyOffline: false })
    await script.end()
  })

  test('on an old controller our own offline is known until somebody else lifts it', async () => {
    const untold = { offline: true, temporarilyOffline: true, offlineCauseReason: undefined }
    const online = computer({ offlineCauseReason: undefined })
    const script = new Script()
      .on('GET', ONE, jsonAnswer(online))
      .on('POST', TOGGLE, 'node-toggle-offline')
      .on('GET', ONE, jsonAnswer(computer(untold)))
    await script.jenkins.setOffline('agent-1', REASON)
    const readAll = async (told: object): Promise<string | undefined> => {
      script
        .on('GET', '/computer/api/json', jsonAnswer({ computer: [told] }))
        .on('GET', '/queue/', jsonAnswer({ items: [{ id: 1, buildable: true }] }))
      return (await script.jenkins.read()).nodes[0]?.offlineReason
    }
    expect(await readAll(computer(untold))).toBe(REASON)
    expect(await readAll(online)).toBe('')
    expect(await readAll(computer(untold))).toBe('')
    await script.end()
  })
})
