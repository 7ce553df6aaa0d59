import { describe, test } from '@jest/globals'
import { expectLike } from './compare.ts'
import { Rig, recording } from './rig.ts'

async function withJobs(): Promise<Rig> {
  const rig = await Rig.started()
  const parameters = [{ name: 'P', defaultValue: 'x' }]
  rig.jenkins.createJob({ name: 'mesos-job', label: 'mesos' })
  rig.jenkins.createJob({ name: 'mesos-slow', label: 'mesos' })
  rig.jenkins.createJob({ name: 'expr-job', label: 'mesos && linux' })
  rig.jenkins.createJob({ name: 'node-job', label: 'agent-1' })
  rig.jenkins.createJob({ name: 'any-job' })
  rig.jenkins.createJob({ name: 'param-job', label: 'mesos', parameters })
  rig.jenkins.createJob({ name: 'conc-job', label: 'mesos', concurrent: true, parameters })
  return rig
}

async function withNode(): Promise<Rig> {
  const rig = await withJobs()
  await rig.addNode('agent-1', 'mesos')
  return rig
}

async function withConnected(): Promise<Rig> {
  const rig = await withNode()
  await rig.connect('agent-1')
  return rig
}

async function withRunning(): Promise<Rig> {
  const rig = await withJobs()
  await rig.addNode('agent-1', 'mesos')
  await rig.connect('agent-1')
  rig.jenkins.build('mesos-slow')
  return rig
}

/** The state of a controller, and what was recorded in it. */
const STATES: readonly [string, () => Promise<Rig>, readonly string[]][] = [
  [
    'a fresh controller',
    () => Rig.started(),
    [
      'api-root-anonymous-403',
      'api-root-bad-password-401',
      'api-root-bad-token-401',
      'api-root-head',
      'api-bad-tree-400',
      'agent-jnlp-builtin',
      'agent-jnlp-missing-404',
      'computer-builtin-only',
      'computer-missing-404',
      'crumb-anonymous-403',
      'crumb-with-api-token',
      'crumb-with-password',
      'job-build-missing-404',
      'job-create-bad-xml',
      'job-missing-404',
      'label-no-nodes-no-jobs',
      'login-page-anonymous',
      'not-found-404',
      'overallload-depth0',
      'queue-cancel-missing',
      'queue-empty',
      'queue-empty-tree',
      'queue-item-missing-404',
      'quietdown-no-permission',
      'quietdown-ok',
      'quietdown-cancel',
      'root-anonymous-no-permission',
      'whoami-anonymous',
      'whoami-token',
      'wsagents-plain-get',
      'full-api-root-anonymous',
      'full-computer-anonymous',
      'full-crumb-anonymous',
      'full-crumb-password',
      'full-crumb-token',
      'full-crumb-xpath',
      'full-node-create-password-no-crumb',
      'full-node-create-token',
      'full-queue-anonymous',
      'node-create-anonymous-403',
      'node-create-bad-json-400',
      'node-create-bad-mode',
      'node-create-bad-name-400',
      'node-create-bad-token-401',
      'node-create-demand-retention',
      'node-create-dollar-class-only',
      'node-create-dotdot-name',
      'node-create-empty-json',
      'node-create-empty-name-400',
      'node-create-empty-remotefs',
      'node-create-get-405',
      'node-create-json-content-type',
      'node-create-json-name-differs',
      'node-create-long-name',
      'node-create-minimal-inbound',
      'node-create-missing-executors',
      'node-create-missing-type',
      'node-create-named-built-in',
      'node-create-negative-executors',
      'node-create-no-permission-403',
      'node-create-no-retention-no-launcher',
      'node-create-no-workdir',
      'node-create-odd-labels',
      'node-create-ok',
      'node-create-password-no-crumb-403',
      'node-create-password-bad-crumb-403',
      'node-create-password-crumb-without-cookie-403',
      'node-create-query-string',
      'node-create-same-name-other-case',
      'node-create-space-unicode-name',
      'node-create-tcp-ok',
      'node-create-text-executors',
      'node-create-unknown-launcher-class',
      'node-create-unknown-type',
      'node-create-websocket-string-true',
      'node-create-with-env-and-description',
      'node-create-zero-executors-ghost',
      'node-delete-missing-404',
      'node-toggle-offline-missing-404',
      'node-setTemporarilyOffline-404',
      'crumb-after-restart',
    ],
  ],
  [
    'a node that never connected',
    withNode,
    [
      'agent-jnlp-anonymous',
      'agent-jnlp-no-permission',
      'agent-jnlp-ok',
      'agent-jnlp-old-name',
      'computer-one-never-connected',
      'computer-one-never-connected-depth1',
      'computer-tree-never-connected',
      'job-build-201',
      'job-build-delay',
      'job-build-get',
      'job-build-no-permission',
      'job-build-parameterized-without-params',
      'job-build-with-parameters-201',
      'job-create-duplicate-400',
      'job-tree-labelExpression',
      'job-tree-labelExpression-expr',
      'job-tree-labelExpression-none',
      'node-config-xml-sidecar',
      'node-config-xml-viewer-403',
      'node-create-duplicate-400',
      'node-delete-get',
      'node-delete-no-permission-403',
      'node-delete-ok',
      'node-toggle-offline',
      'node-toggle-offline-get',
      'node-toggle-offline-no-permission',
    ],
  ],
  [
    'nothing but ghosts',
    async () => {
      const rig = await withJobs()
      await rig.addNode('agent-8', 'mesos', { numExecutors: '-1' })
      await rig.addNode('agent-9', 'mesos', { numExecutors: 'many' })
      for (const job of ['mesos-job', 'expr-job', 'node-job', 'any-job']) rig.jenkins.build(job)
      await rig.call('POST', '/job/param-job/buildWithParameters?P=hello%20world')
      return rig
    },
    [
      'label-with-queued-jobs-no-nodes',
      'queue-mixed-no-nodes',
      'queue-mixed-tree',
      'queue-mixed-lang-de',
      'queue-mixed-lang-zh-CN',
      'node-delete-ghost-404',
      'node-create-ghost-duplicate-400',
    ],
  ],
  [
    'a controller that shuts down',
    async () => {
      const rig = await Rig.started()
      await rig.call('POST', '/quietDown?reason=upgrade')
      return rig
    },
    ['api-root-quieting-down'],
  ],
  ['an idle agent', withConnected, ['computer-tree-idle', 'node-delete-ok']],
  [
    'a running build',
    withRunning,
    [
      'computer-busy',
      'computer-tree-busy',
      'computer-tree-totals-busy',
      'build-running',
      'queue-item-left-executing',
      'node-delete-while-building',
    ],
  ],
]

const CASES = STATES.flatMap(([state, make, names]) => names.map((name) => [state, name, make] as const))

test.each(CASES)('with %s it answers as recorded in %s', async (_state, name, make) => {
  const rig = await make()
  await rig.clock.advance(10_000)
  const recorded = recording(name)
  // The item of this run has another number than the recorded one.
  const answer =
    name === 'queue-item-left-executing'
      ? await rig.call('GET', '/queue/item/1/api/json', { user: 'sidecar' })
      : await rig.replay(recorded)
  expectLike(answer, recorded)
})

describe('a controller below a context path without security', () => {
  test.each([
    'prefix-no-slash',
    'prefix-outside-404',
    'open-api-root',
    'open-crumb',
    'open-whoami',
    'open-basic-auth-ignored',
    'open-node-create-basic-auth-no-crumb',
    'open-node-create-no-crumb-403',
    'open-node-create-crumb-other-session-403',
    'open-node-create-crumb',
    'open-create-job',
    'open-job-build',
    'open-queue',
    'open-computers',
    'open-toggle-offline',
    'open-node-delete',
    'open-agent-jnlp-prefix-url',
  ])('answers as recorded in %s', async (name) => {
    const rig = await Rig.started({ url: 'http://jenkins.example.test/ci/', contextPath: '/jenkins', security: false })
    const issued = await rig.call('GET', '/jenkins/crumbIssuer/api/json', { user: '' })
    const crumb = {
      'jenkins-crumb': (issued.json() as { crumb: string }).crumb,
      cookie: issued.header('set-cookie')?.split(';')[0] ?? '',
    }
    const post = (path: string, body: string, type: string) =>
      rig.call('POST', `/jenkins${path}`, { user: '', headers: { ...crumb, 'content-type': type }, body })
    if (/computers|toggle|delete|jnlp|queue/.test(name)) {
      const { body } = recording('open-node-create-crumb').request
      await post('/computer/doCreateItem', body ?? '', 'application/x-www-form-urlencoded')
    }
    if (/build|queue|ignored/.test(name)) {
      const { body } = recording('open-create-job').request
      await post('/createItem?name=j', body ?? '', 'application/xml')
    }
    if (/queue|ignored/.test(name)) await post('/job/j/build', '', 'text/plain')
    const recorded = recording(name)
    const refused = recorded.response.status === 403
    const answer = await rig.replay(recorded, refused ? {} : crumb)
    expectLike(answer, recorded)
  })
})

test.each([
  'full-anonread-computer-anonymous',
  'full-anonread-computer-one',
  'full-anonread-crumb-anonymous',
  'full-anonread-jnlp-anonymous',
  'full-anonread-queue-anonymous',
])('with reading for anonymous it answers as recorded in %s', async (name) => {
  const rig = await Rig.started({ anonymous: ['Overall/Read', 'Job/Read'] })
  if (/computer-one|jnlp/.test(name)) await rig.addNode('f-1', 'mesos')
  const recorded = recording(name)
  expectLike(await rig.replay(recorded), recorded)
})
