import { describe, expect, test } from '@jest/globals'
import { readDefinition } from '../../src/marathon/definition.ts'
import { mistakesOf, ours } from './definition.ts'

type Row = readonly [what: string, file: string, patch: unknown, words: string]

const jenkins = (change: unknown): unknown => ({ containers: { jenkins: change } })
const sidecar = (change: unknown): unknown => ({ containers: { sidecar: change } })
const check = (change: unknown): unknown => jenkins({ healthCheck: change })
const placed = (operator: string, value?: string): unknown => ({
  scheduling: {
    placement: { constraints: [{ fieldName: 'hostname', operator, ...(value !== undefined && { value }) }] },
  },
})
const HOST = 'scheduling.placement.constraints.0'

const shapes: readonly Row[] = [
  [
    'an id without its slash',
    'pod.json',
    { id: 'jenkins' },
    'id must be an absolute path such as /ci/jenkins, of lower-case letters, digits, hyphens and dots.',
  ],
  ['the root as id', 'pod.json', { id: '/' }, 'id must be an absolute path'],
  ['no id', 'app.json', { id: null }, 'id is missing.'],
  [
    'no containers',
    'pod.json',
    { containers: { jenkins: null, sidecar: null } },
    'containers must have at least one entry.',
  ],
  [
    'a field that is not known',
    'pod.json',
    jenkins({ healthcheck: {} }),
    'containers.jenkins.healthcheck is not known: maybe healthCheck is meant.',
  ],
  ['a field of apps in a pod', 'pod.json', jenkins({ cmd: 'x' }), 'containers.jenkins.cmd is not known.'],
  [
    'an unknown field of an app',
    'app.json',
    { healthCheck: [] },
    'healthCheck is not known: maybe healthChecks is meant.',
  ],
  [
    'text for a number',
    'pod.json',
    sidecar({ resources: { mem: '256' } }),
    'containers.sidecar.resources.mem must be a number.',
  ],
  [
    'a number for text',
    'pod.json',
    sidecar({ environment: { HTTP_PORT: 8090 } }),
    'containers.sidecar.environment.HTTP_PORT must be text (in quotes) or an object.',
  ],
  [
    'a variable that no shell knows',
    'pod.json',
    sidecar({ environment: { 'HTTP-PORT': '1' } }),
    'containers.sidecar.environment.HTTP-PORT has a name that no variable may have',
  ],
  [
    'too little memory',
    'pod.json',
    sidecar({ resources: { mem: 0 } }),
    'containers.sidecar.resources.mem must be 0.001 or more.',
  ],
  ['no CPUs', 'pod.json', sidecar({ resources: { cpus: null } }), 'containers.sidecar.resources.cpus is missing.'],
  ['a little executor', 'pod.json', { executorResources: { mem: 16 } }, 'executorResources.mem must be 32 or more.'],
  [
    'a port that there is not',
    'pod.json',
    jenkins({ endpoints: { jenkins: { hostPort: 70_000 } } }),
    'containers.jenkins.endpoints.jenkins.hostPort must be 65535 or less.',
  ],
  [
    'a capacity above one',
    'pod.json',
    { scheduling: { upgrade: { maximumOverCapacity: 2 } } },
    'scheduling.upgrade.maximumOverCapacity must be 1 or less.',
  ],
  [
    'the sample value of the documents',
    'pod.json',
    { scheduling: { killSelection: 'Youngest_First' } },
    'scheduling.killSelection must be one of YOUNGEST_FIRST, OLDEST_FIRST.',
  ],
  [
    'an unknown operator',
    'pod.json',
    placed('NEAR', 'x'),
    `${HOST}.operator must be one of UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE, MAX_PER, IS.`,
  ],
  [
    'another unreachable strategy',
    'pod.json',
    { scheduling: { unreachableStrategy: 'off' } },
    'scheduling.unreachableStrategy must be "disabled".',
  ],
  [
    'an upper-case name',
    'pod.json',
    sidecar({ name: 'Sidecar' }),
    'containers.Sidecar.name must be 1 to 63 lower-case letters, digits and hyphens, without a hyphen at either end.',
  ],
  [
    "Marathon's own name for a container",
    'pod.json',
    sidecar({ name: '$anon' }),
    'containers.$anon.name must be 1 to 63 lower-case',
  ],
  ['a name that is too long', 'pod.json', sidecar({ name: 'a'.repeat(64) }), 'must be 1 to 63 lower-case'],
  [
    'an empty path to mount at',
    'pod.json',
    sidecar({ volumeMounts: { state: { mountPath: '' } } }),
    'containers.sidecar.volumeMounts.state.mountPath must not be empty.',
  ],
  [
    'a path that is too long',
    'pod.json',
    check({ http: { path: `/${'x'.repeat(1024)}` } }),
    'healthCheck.http.path must have at most 1024 characters.',
  ],
  [
    'an image of another kind',
    'pod.json',
    sidecar({ image: { kind: 'docker' } }),
    'containers.sidecar.image.kind must be "DOCKER".',
  ],
]

const podRules: readonly Row[] = [
  [
    'a timeout as long as the interval',
    'pod.json',
    check({ intervalSeconds: 20 }),
    'containers.jenkins.healthCheck.timeoutSeconds is 20 and must be less than intervalSeconds, which is 20.',
  ],
  [
    'the same by default',
    'pod.json',
    check({ intervalSeconds: 20, timeoutSeconds: null }),
    'timeoutSeconds is 20 where it is not given and must be less than intervalSeconds, which is 20.',
  ],
  [
    'an endpoint of another container',
    'pod.json',
    check({ http: { endpoint: 'sidecar' } }),
    'containers.jenkins.healthCheck.http.endpoint is sidecar, an endpoint of another container: only those of its own can be looked at.',
  ],
  [
    'an endpoint that is not there',
    'pod.json',
    check({ http: { endpoint: 'jenkin' } }),
    'is jenkin, which no endpoint of this container is called: maybe jenkins is meant.',
  ],
  [
    'two ways to look',
    'pod.json',
    check({ tcp: { endpoint: 'jenkins' } }),
    'containers.jenkins.healthCheck must have exactly one of http, tcp, exec, and has http and tcp.',
  ],
  [
    'no way to look',
    'pod.json',
    sidecar({ check: { delaySeconds: 1 } }),
    'containers.sidecar.check must have exactly one of http, tcp, exec, and has none.',
  ],
  [
    'both kinds of command',
    'pod.json',
    jenkins({ exec: { command: { argv: ['java'] } } }),
    'containers.jenkins.exec.command must have exactly one of shell, argv, and has shell and argv.',
  ],
  [
    'both in a check',
    'pod.json',
    sidecar({ check: { exec: { command: { shell: 'true', argv: ['true'] } } } }),
    'containers.sidecar.check.exec.command must have exactly one of shell, argv',
  ],
  [
    'two containers of a name',
    'pod.json',
    sidecar({ name: 'jenkins' }),
    'containers must have each name once: jenkins is there twice.',
  ],
  [
    'two endpoints of a name',
    'pod.json',
    sidecar({ endpoints: { secrets: { name: 'agents' } } }),
    'containers must have each endpoint of the whole pod once: agents is there twice.',
  ],
  [
    'two volumes of a name',
    'pod.json',
    { volumes: { state: { name: 'home' } } },
    'volumes must have each name once: home is there twice.',
  ],
  [
    'a host port twice',
    'pod.json',
    {
      containers: {
        jenkins: { endpoints: { jenkins: { hostPort: 31_000 } } },
        sidecar: { endpoints: { sidecar: { hostPort: 31_000 } } },
      },
    },
    'containers must have each hostPort of the whole pod once: 31000 is there twice.',
  ],
  [
    'a container port on the host network',
    'pod.json',
    jenkins({ endpoints: { jenkins: { containerPort: 8080 } } }),
    'containers.jenkins.endpoints.jenkins.containerPort must be left out on the host network: there is only a hostPort.',
  ],
  [
    'none on a bridge',
    'pod.json',
    { networks: [{ mode: 'container/bridge' }] },
    'containers.sidecar.endpoints.secrets.containerPort is missing: container networks need it.',
  ],
  [
    'a container port twice',
    'pod.json',
    {
      networks: [{ name: 'net' }],
      containers: { jenkins: { endpoints: { jenkins: { containerPort: 80 }, agents: { containerPort: 80 } } } },
    },
    'containers must have each containerPort of the whole pod once: 80 is there twice.',
  ],
  [
    'an unknown network of an endpoint',
    'pod.json',
    {
      networks: [{ name: 'net' }],
      ...{ containers: { jenkins: { endpoints: { jenkins: { containerPort: 80, networkNames: ['nett'] } } } } },
    },
    'networkNames names nett, which is not in networks',
  ],
  ['no network', 'pod.json', { networks: null }, 'networks is missing: write "networks": [{ "mode": "host" }].'],
  [
    'host and bridge',
    'pod.json',
    { networks: [{ mode: 'host' }, { mode: 'container/bridge' }] },
    'networks must be one host network, or one container/bridge, or only container networks.',
  ],
  [
    'a network without its name',
    'pod.json',
    { networks: [{}] },
    'networks.0 needs the name of the network, or mode "host".',
  ],
  [
    'a host network with a name',
    'pod.json',
    { networks: [{ mode: 'host', name: 'net' }] },
    'networks.net must have no name: only container networks do.',
  ],
  [
    'a host network with labels',
    'pod.json',
    { networks: [{ mode: 'host', labels: { a: 'b' } }] },
    'networks.0 must have no labels',
  ],
  [
    'a volume that nobody mounts',
    'pod.json',
    sidecar({ volumeMounts: { state: null } }),
    'volumes.state is not used: every volume must stand in volumeMounts of a container.',
  ],
  [
    'a mount of no volume',
    'pod.json',
    sidecar({ volumeMounts: { state: { name: 'stat' } } }),
    'containers.sidecar.volumeMounts.stat is no volume of this pod: maybe state is meant.',
  ],
  [
    'a volume of two kinds',
    'pod.json',
    { volumes: { state: { secret: 'x' } }, secrets: { x: { source: 'x' } } },
    'volumes.state must be of one kind, and has host and secret.',
  ],
  [
    'a secret that is not listed',
    'pod-dcos-strict.json',
    sidecar({ environment: { API_TOKEN: { secret: 'api-tokn' } } }),
    'containers.sidecar.environment.API_TOKEN.secret names api-tokn, which is not in secrets: maybe api-token is meant.',
  ],
  [
    'one of a volume',
    'pod-dcos-strict.json',
    { volumes: { ca: { secret: 'other' } } },
    'volumes.ca.secret names other, which is not in secrets.',
  ],
  [
    'one of the whole pod',
    'pod-dcos-strict.json',
    { environment: { A: { secret: 'other' } } },
    'environment.A.secret names other, which is not in secrets.',
  ],
  [
    'one to pull with',
    'pod.json',
    sidecar({ image: { pullConfig: { secret: 'registry' } } }),
    'containers.sidecar.image.pullConfig.secret names registry, which is not in secrets.',
  ],
  [
    'UNIQUE with a value',
    'pod.json',
    placed('UNIQUE', 'x'),
    `${HOST} must have no value: UNIQUE puts one instance on each.`,
  ],
  [
    'GROUP_BY by a word',
    'pod.json',
    placed('GROUP_BY', 'two'),
    `${HOST} must have a whole number as value, or none, for GROUP_BY.`,
  ],
  ['MAX_PER without a number', 'pod.json', placed('MAX_PER'), `${HOST} must have a whole number as value for MAX_PER.`],
  [
    'LIKE a broken pattern',
    'pod.json',
    placed('LIKE', '('),
    `${HOST} must have a regular expression as value for LIKE.`,
  ],
  [
    'IS with a space',
    'pod.json',
    placed('IS', 'a b'),
    `${HOST} must have a value of letters, digits and _ / . - for IS.`,
  ],
  [
    'a role that is passed over',
    'pod-persistent.json',
    { scheduling: { placement: { acceptedResourceRoles: ['*', 'other'] } } },
    'scheduling.placement.acceptedResourceRoles must hold only * and the role ci: Marathon passes over other.',
  ],
  [
    'expunged before inactive',
    'pod.json',
    { scheduling: { unreachableStrategy: { inactiveAfterSeconds: 60, expungeAfterSeconds: 30 } } },
    'scheduling.unreachableStrategy.expungeAfterSeconds must be inactiveAfterSeconds (60) or more.',
  ],
  [
    'persistent and replaced',
    'pod-persistent.json',
    { scheduling: { unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 } } },
    'scheduling.unreachableStrategy must be "disabled", or left out, with a persistent volume.',
  ],
  [
    'persistent and twice',
    'pod-persistent.json',
    { scheduling: { upgrade: { maximumOverCapacity: 1 } } },
    'scheduling.upgrade.maximumOverCapacity must be 0 with a persistent volume',
  ],
  [
    'persistent of nobody',
    'pod-persistent.json',
    { role: '*' },
    'role must not be * with a persistent volume: nothing can be reserved for that role.',
  ],
]

const appRules: readonly Row[] = [
  ['two commands', 'jenkins.json', { args: ['java'] }, 'cmd and args exclude each other: keep one of them.'],
  [
    'nothing to run',
    'jenkins-on-mesos.json',
    { cmd: null },
    'The whole app runs nothing: it needs cmd, args, or container.docker.image.',
  ],
  ['ports twice', 'app.json', { ports: [0] }, 'ports and portDefinitions exclude each other: keep portDefinitions.'],
  [
    'two ports of a name',
    'app.json',
    { portDefinitions: { secrets: { name: 'sidecar' } } },
    'portDefinitions must have each name once: sidecar is there twice.',
  ],
  [
    'a port twice',
    'jenkins.json',
    { portDefinitions: { agents: { port: 31_080 } } },
    'portDefinitions must have each port once: 31080 is there twice.',
  ],
  [
    'mappings on the host',
    'app.json',
    { container: { portMappings: [{ containerPort: 80 }] } },
    'container.portMappings is for container networks: on the host use portDefinitions.',
  ],
  [
    'a port index beyond',
    'app.json',
    { healthChecks: { 0: { portIndex: 2 } } },
    'healthChecks.0.portIndex is 2, but this app has the ports 0 to 1.',
  ],
  [
    'a port index beyond the only one',
    'jenkins-on-mesos.json',
    { portDefinitions: null, healthChecks: { 0: { portIndex: 1 } } },
    'healthChecks.0.portIndex is 1, but this app has one port, 0.',
  ],
  [
    'port and index',
    'app.json',
    { healthChecks: { 0: { port: 80 } } },
    'healthChecks.0 must have port or portIndex, not both.',
  ],
  [
    'a command without one',
    'app.json',
    { healthChecks: { 0: { protocol: 'COMMAND' } } },
    'healthChecks.0 must have a command if its protocol is COMMAND, and none else.',
  ],
  [
    'an operator that there is not',
    'app.json',
    { constraints: [['hostname', 'NEAR', 'x']] },
    'constraints.0 must have one of UNIQUE, CLUSTER',
  ],
  [
    'a constraint cut short',
    'app.json',
    { constraints: [['hostname']] },
    'constraints.0 must have at least 2 entries.',
  ],
  [
    'a role that is passed over',
    'app.json',
    { role: 'ci', acceptedResourceRoles: ['other'] },
    'acceptedResourceRoles must hold only * and the role ci: Marathon passes over other.',
  ],
  [
    'a volume of nothing',
    'app.json',
    { container: { volumes: { 0: { hostPath: null } } } },
    'container.volumes.0 must have exactly one of hostPath, persistent, secret, external.',
  ],
  [
    'a volume without a mode',
    'app.json',
    { container: { volumes: { 0: { mode: null } } } },
    'container.volumes.0.mode is missing: RO or RW.',
  ],
  [
    'a volume that is nowhere',
    'app.json',
    { container: { volumes: { 0: { containerPath: null } } } },
    'container.volumes.0.containerPath is missing.',
  ],
  [
    'a secret that is not listed',
    'app.json',
    { env: { API_TOKEN: { secret: 'x' } } },
    'env.API_TOKEN.secret names x, which is not in secrets.',
  ],
  [
    'one to pull with',
    'app.json',
    { container: { docker: { pullConfig: { secret: 'x' } } } },
    'container.docker.pullConfig.secret names x, which is not in secrets.',
  ],
  [
    'one of a volume',
    'app.json',
    { container: { volumes: { 0: { hostPath: null, secret: 'x' } } } },
    'container.volumes.0.secret names x, which is not in secrets.',
  ],
  [
    'two of the only one',
    'app.json',
    { instances: 2 },
    'instances must be 0 or 1 with the label MARATHON_SINGLE_INSTANCE_APP.',
  ],
  [
    'the only one upgraded by two',
    'app.json',
    { upgradeStrategy: null },
    'upgradeStrategy.maximumOverCapacity must be 0 with the label MARATHON_SINGLE_INSTANCE_APP.',
  ],
  [
    'persistent and replaced',
    'app.json',
    {
      unreachableStrategy: { expungeAfterSeconds: 1 },
      container: { volumes: { 1: { hostPath: null, persistent: { size: 1 } } } },
    },
    'unreachableStrategy must be "disabled", or left out, with a persistent volume.',
  ],
  [
    'expunged before inactive',
    'sidecars.json',
    { unreachableStrategy: { expungeAfterSeconds: 1 } },
    'unreachableStrategy.expungeAfterSeconds must be inactiveAfterSeconds (300) or more.',
  ],
  ['two networks', 'app.json', { networks: [{ mode: 'host' }, { mode: 'host' }] }, 'networks must be one host network'],
]

describe.each([
  ['shape', shapes],
  ['pod', podRules],
  ['app', appRules],
])('%s', (_kind, rows) => {
  test.each(rows)('%s is refused', (_what, file, patch, words) => {
    expect(mistakesOf(file, patch)).toContainEqual(expect.stringContaining(words))
  })
})

test('all mistakes are told at once, and none twice', () => {
  const found = mistakesOf('pod.json', {
    id: 'x',
    networks: null,
    ...(check({ intervalSeconds: 5, colour: 1 }) as object),
  })
  expect(found).toHaveLength(4)
  expect(new Set(found).size).toBe(4)
})

test.each([
  [null],
  [[]],
  ['text'],
  [{}],
  [{ containers: 'x' }],
  [{ containers: [null, 1, {}] }],
  [{ id: 1, networks: [1] }],
])('whatever a file holds, it is answered in words: %j', (value) => {
  expect(readDefinition(value).ok).toBe(false)
})

test('values are never repeated: one may be a secret in the wrong place', () => {
  const value = 'hunter2-hunter2'
  const found = mistakesOf('pod.json', {
    id: value,
    user: 7,
    scheduling: { killSelection: value },
    ...(sidecar({ environment: { A: [value] } }) as object),
  })
  expect(found.length).toBeGreaterThan(2)
  expect(found.join()).not.toContain(value)
})

test('what is good stays good with every field that there is', () => {
  const container = {
    tty: true,
    user: 'root',
    resourceLimits: { cpus: 2, mem: 'unlimited' },
    artifacts: [{ uri: 'https://example.com/a.tar.gz', destPath: 'a' }],
    check: { http: { endpoint: 'sidecar', path: '/health/live' }, delaySeconds: 1 },
    linuxInfo: { seccomp: { unconfined: true }, ipcInfo: { mode: 'PRIVATE', shmSize: 64 } },
  }
  expect(mistakesOf('pod.json', sidecar(container))).toEqual([])
  expect(readDefinition(ours('pod.json'))).toMatchObject({ ok: true, definition: { kind: 'pod', id: '/ci/jenkins' } })
  const old = { id: '/old', cmd: 'true', ports: [0], uris: ['http://example.com/x.tgz'] }
  expect(readDefinition(old)).toMatchObject({ ok: true, definition: { kind: 'app' } })
})
