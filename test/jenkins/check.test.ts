import { expect, test } from '@jest/globals'
import { permissionName } from '../../src/jenkins/answers.ts'
import type { Finding } from '../../src/jenkins/finding.ts'
import { type Answer, broken, computer, fixture, inOneSession, jsonAnswer, OFFLINE, Script } from './recorded.ts'

const NAME = 'jenkins-mesos-sidecar-check-4f2a'
const COMPUTERS = '/computer/api/json'
const ROOT = '/api/json'
const CREATE = '/computer/doCreateItem'

function denied(permission: string): Answer {
  return {
    status: 403,
    headers: {
      'x-jenkins': '2.541.3',
      'x-you-are-authenticated-as': 'sidecar',
      'x-required-permission': `hudson.model.${permission}`,
    },
  }
}

/** What must answer for a check by a user with these rights on nodes. */
function scriptFor(rights: ReadonlySet<string>): Script {
  const script = new Script()
    .on('GET', '/whoAmI/', 'whoami-token')
    .on('GET', COMPUTERS, 'computer-tree-idle')
    .on('GET', COMPUTERS, 'computer-tree-idle')
    .on('GET', '/queue/', 'queue-label-no-nodes')
  if (!rights.has('Create')) return script.on('POST', CREATE, denied('Computer.Create'))
  script.on('POST', CREATE, 'node-create-empty-name-400').on('POST', CREATE, 'node-create-ok')
  script.on(
    'GET',
    `/computer/${NAME}/jenkins-agent.jnlp`,
    rights.has('Connect') ? 'agent-jnlp-ok' : denied('Computer.Connect'),
  )
  script.on('GET', `/computer/${NAME}/api/json`, jsonAnswer(computer({ displayName: NAME })))
  if (rights.has('Disconnect')) {
    script.on('POST', `/computer/${NAME}/toggleOffline`, 'node-toggle-offline')
    script.on('GET', `/computer/${NAME}/api/json`, jsonAnswer(computer({ displayName: NAME, ...OFFLINE })))
  } else script.on('POST', `/computer/${NAME}/toggleOffline`, denied('Computer.Disconnect'))
  return script.on(
    'POST',
    `/computer/${NAME}/doDelete`,
    rights.has('Delete') ? 'node-delete-ok' : denied('Computer.Delete'),
  )
}

function missing(findings: readonly Finding[]): readonly (string | undefined)[] {
  return findings.filter(({ ok }) => !ok).map(({ missingPermission }) => missingPermission)
}

test('with all rights all is well, and the throwaway node is gone', async () => {
  const script = scriptFor(new Set(['Create', 'Connect', 'Disconnect', 'Delete']))
  const findings = await script.jenkins.check('4f2a')
  expect(findings.filter(({ ok }) => !ok)).toEqual([])
  expect(findings).toMatchObject([
    { detail: 'as sidecar' },
    { detail: expect.stringContaining('2.541.3') },
    {},
    {},
    {},
    {},
    {},
    {},
  ])
  expect(script.requests.at(-1)).toBe(`POST /computer/${NAME}/doDelete`)
  await script.end()
})

const matrix = Object.keys(fixture('permission-matrix') as object)
  .map((set) => set.split(' ')[0] ?? '')
  .filter((set, index, sets) => sets.indexOf(set) === index)

test.each(matrix)('a user with %s is told what is missing', async (set) => {
  const rights = new Set(set.split(','))
  const script = scriptFor(rights)
  const wanted = rights.has('Create') ? ['Connect', 'Disconnect', 'Delete'] : ['Create']
  const expected = wanted.filter((right) => !rights.has(right)).map((right) => `Agent/${right}`)
  expect(missing(await script.jenkins.check('4f2a'))).toEqual(expected)
  await script.end()
})

test('without the right to create nothing is made, and the others are said not to be tried', async () => {
  const script = scriptFor(new Set())
  const findings = await script.jenkins.check('4f2a')
  expect(missing(findings)).toEqual(['Agent/Create'])
  expect(findings.flatMap(({ untriedPermission }) => untriedPermission ?? [])).toEqual([
    'Agent/Connect',
    'Agent/Disconnect',
    'Agent/Delete',
  ])
  expect(script.requests.filter((request) => request.startsWith('POST'))).toEqual([`POST ${CREATE}`])
  await script.end()
})

const ANCHOR = computer({
  ...OFFLINE,
  displayName: 'anchor-linux',
  description:
    'Anchor of jenkins-mesos-sidecar: stays offline and runs nothing, Jenkins names its labels in the queue. template=linux labels=linux',
})

test('with an anchor the others are tried on it, and it stays as it is', async () => {
  const script = new Script()
    .on('GET', '/whoAmI/', 'whoami-token')
    .on('GET', COMPUTERS, jsonAnswer({ computer: [ANCHOR] }))
    .on('GET', COMPUTERS, jsonAnswer({ computer: [ANCHOR] }))
    .on('GET', '/queue/', 'queue-label-no-nodes')
    .on('POST', CREATE, 'node-create-no-permission-403')
    .on('GET', '/computer/anchor-linux/jenkins-agent.jnlp', 'agent-jnlp-no-permission')
    .on('POST', '/computer/anchor-linux/changeOfflineCause', 'node-change-offline-cause')
  const findings = await script.jenkins.check('4f2a')
  expect(missing(findings)).toEqual(['Agent/Create', 'Agent/Connect'])
  expect(findings.flatMap(({ untriedPermission }) => untriedPermission ?? [])).toEqual(['Agent/Delete'])
  expect(script.seen.at(-1)?.path).toContain(`offlineMessage=${OFFLINE.offlineCauseReason}`)
  await script.end()
})

const JOBS = { jobs: [{ name: 'app', buildable: true, property: [] }] }
const OFF = { name: 'app', buildable: false }
const ASKS = { name: 'app', buildable: true, property: [null, { parameterDefinitions: [{ name: 'WHERE' }] }] }

test.each([
  ['one that may', JOBS, '/job/app/build', 'job-build-get', {}],
  ['one that may not', JOBS, '/job/app/build', 'job-build-no-permission', { missingPermission: 'Job/Build' }],
  ['a job in a folder', { jobs: [{ name: 'team', ...JOBS }] }, '/job/team/job/app/build', 'job-build-get', {}],
  ['a job with parameters, or disabled', { jobs: [OFF, ASKS] }, undefined, '', { untriedPermission: 'Job/Build' }],
  ['a job that is gone', JOBS, '/job/app/build', 'job-missing-404', { untriedPermission: 'Job/Build' }],
] as const)('starting builds is tried without starting any: %s', async (_what, jobs, path, answer, expected) => {
  const script = scriptFor(new Set(['Create', 'Connect', 'Disconnect', 'Delete'])).on('GET', ROOT, jsonAnswer(jobs))
  if (path !== undefined) script.on('GET', path, answer)
  const { missingPermission, untriedPermission } =
    (await script.jenkins.check('4f2a', undefined, { builds: true })).at(-1) ?? {}
  expect({ missingPermission, untriedPermission }).toEqual({
    missingPermission: undefined,
    untriedPermission: undefined,
    ...expected,
  })
  await script.end()
})

test('a node that an earlier check had to leave is used again, and goes', async () => {
  const left = computer({ displayName: 'jenkins-mesos-sidecar-check-old', ...OFFLINE })
  const script = new Script()
    .on('GET', '/whoAmI/', 'whoami-token')
    .on('GET', COMPUTERS, jsonAnswer({ computer: [left] }))
    .on('GET', COMPUTERS, jsonAnswer({ computer: [left] }))
    .on('GET', '/queue/', 'queue-label-no-nodes')
    .on('POST', CREATE, denied('Computer.Create'))
    .on('GET', '/computer/jenkins-mesos-sidecar-check-old/jenkins-agent.jnlp', 'agent-jnlp-ok')
    .on('GET', '/computer/jenkins-mesos-sidecar-check-old/api/json', jsonAnswer(left))
    .on('GET', '/computer/jenkins-mesos-sidecar-check-old/api/json', jsonAnswer(left))
    .on('POST', '/computer/jenkins-mesos-sidecar-check-old/doDelete', 'node-delete-ok')
  expect(missing(await script.jenkins.check('4f2a'))).toEqual(['Agent/Create'])
  await script.end()
})

test('a node that cannot be deleted is named', async () => {
  const script = scriptFor(new Set(['Create', 'Connect', 'Disconnect']))
  expect((await script.jenkins.check('4f2a')).at(-1)).toMatchObject({
    ok: false,
    missingPermission: 'Agent/Delete',
    fix: expect.stringContaining(`Delete the node ${NAME} by hand`),
  })
  await script.end()
})

test('a user who sees no job is told so', async () => {
  const script = new Script()
    .on('GET', '/whoAmI/', 'whoami-token')
    .on('GET', COMPUTERS, 'computer-tree-idle')
    .on('GET', COMPUTERS, 'computer-tree-idle')
    .on('GET', '/queue/', 'perm-no-job-read-queue')
    .on('GET', ROOT, jsonAnswer({ jobs: [] }))
    .on('POST', CREATE, denied('Computer.Create'))
  expect(missing(await script.jenkins.check('4f2a'))).toEqual(['Job/Read', 'Agent/Create'])
  await script.end()
})

test.each([
  ['whoami-anonymous', 'full-computer-anonymous', undefined, /wants a login/, []],
  [
    'whoami-token',
    'perm-no-overall-read-queue',
    'Overall/Read',
    /Overall\/Read/,
    ['Job/Read', 'Agent/Create', 'Agent/Connect', 'Agent/Disconnect', 'Agent/Delete', 'Job/Build'],
  ],
])('%s, %s: nothing more is tried', async (who, computers, permission, detail, untried) => {
  const script = new Script().on('GET', '/whoAmI/', who).on('GET', COMPUTERS, inOneSession(computers))
  const findings = await script.jenkins.check('4f2a', undefined, { builds: true })
  expect(findings[1]).toMatchObject({ ok: false, detail: expect.stringMatching(detail) })
  expect(findings[1]?.missingPermission).toBe(permission)
  expect(findings.slice(2).map(({ untriedPermission }) => untriedPermission)).toEqual(untried)
  await script.end()
})

test('a Jenkins that does not answer is a finding, not a crash', async () => {
  const script = new Script().on('GET', '/whoAmI/', broken('ECONNREFUSED')).on('GET', COMPUTERS, broken('ECONNREFUSED'))
  expect(await script.jenkins.check('4f2a')).toMatchObject([
    { ok: false },
    { ok: false, detail: expect.stringContaining('connection refused') },
  ])
  await script.end()
})

test('an old or open Jenkins has its own answers to who asks', async () => {
  const script = new Script({ user: undefined })
    .on('GET', '/whoAmI/', 'open-whoami')
    .on('GET', COMPUTERS, { status: 503 })
  expect((await script.jenkins.check('4f2a'))[0]).toMatchObject({
    ok: true,
    detail: expect.stringContaining('without security'),
  })
  script.on('GET', '/whoAmI/', 'not-found-404').on('GET', COMPUTERS, { status: 503 })
  expect((await script.jenkins.check('4f2a'))[0]).toMatchObject({
    ok: true,
    detail: expect.stringContaining('too old'),
  })
  await script.end()
})

/** As far as the throwaway node and its secret. */
function withThrowaway(): Script {
  return new Script()
    .on('GET', '/whoAmI/', 'whoami-token')
    .on('GET', COMPUTERS, 'computer-tree-idle')
    .on('GET', COMPUTERS, 'computer-tree-idle')
    .on('GET', '/queue/', 'queue-label-no-nodes')
    .on('POST', CREATE, 'node-create-empty-name-400')
    .on('POST', CREATE, 'node-create-ok')
    .on('GET', `/computer/${NAME}/jenkins-agent.jnlp`, 'agent-jnlp-ok')
    .on('POST', `/computer/${NAME}/doDelete`, 'node-delete-ok')
}

test('the node goes although an attempt on it gets no answer', async () => {
  const script = withThrowaway().on('GET', `/computer/${NAME}/api/json`, broken('EODD'))
  const findings = await script.jenkins.check('4f2a')
  expect(findings.map(({ ok }) => ok)).toEqual([true, true, true, true, true, true, false, true])
  await script.end()
})

test('the node goes although the check is broken off', async () => {
  // An old controller is waited for in the middle.
  const told = jsonAnswer(computer({ displayName: NAME, ...OFFLINE }), { 'x-jenkins': '1.651' })
  const script = withThrowaway()
    .on('GET', `/computer/${NAME}/api/json`, told)
    .on('GET', `/computer/${NAME}/api/json`, told)
  const stop = new AbortController()
  const reason = new Error('broken off')
  const pending = script.jenkins.check('4f2a', stop.signal).catch((thrown: unknown) => thrown)
  await script.clock.until(() => script.clock.pending === 1, 0, 'the wait')
  stop.abort(reason)
  expect(await pending).toBe(reason)
  expect(script.requests.at(-1)).toBe(`POST /computer/${NAME}/doDelete`)
  await script.end()
})

test.each([
  ['hudson.model.Hudson.Read', 'Overall/Read'],
  ['jenkins.model.Jenkins.Administer', 'Overall/Administer'],
  ['hudson.model.Computer.Disconnect', 'Agent/Disconnect'],
  ['hudson.model.Item.Read', 'Job/Read'],
  ['com.example.Plugin.Use', 'com.example.Plugin.Use'],
])('%s is called %s', (permission, name) => {
  expect(permissionName(permission)).toBe(name)
})
