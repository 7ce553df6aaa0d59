/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return --
   What Marathon answers is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import { headerOf, type Json } from '../mesos/client.ts'
import { anApp, aPod, Rig } from './rig.ts'

function detailsOf({ details }: Json): Readonly<Record<string, string>> {
  return Object.fromEntries(details.map(({ path, errors }: Json) => [path, errors.join('; ')]))
}

/** A pod of which the first container, and the whole, are changed. */
function changed(container: Json, more: Json = {}): Json {
  const pod = aPod(more)
  Object.assign(pod.containers[0], container)
  return pod
}

const check = (more: Json): Json => ({ healthCheck: { http: { endpoint: 'jenkins' }, ...more } })

test.each<[string, Json, string, RegExp]>([
  [
    'a timeout as long as the interval',
    changed(check({ intervalSeconds: 20 })),
    '/containers(0)/healthCheck/timeoutSeconds',
    /less than intervalSeconds \(20\)/,
  ],
  [
    'a check of the endpoint of another container',
    changed(check({ http: { endpoint: 'side-car' } })),
    '/containers(0)/healthCheck/http/endpoint',
    /invalid reference/,
  ],
  ['a check of nothing', changed({ healthCheck: {} }), '/containers(0)/healthCheck', /exactly one/],
  [
    'a port of the container in host mode',
    changed({ endpoints: [{ name: 'jenkins', containerPort: 8080 }] }),
    '/containers(0)/endpoints(0)/containerPort',
    /host networking/,
  ],
  [
    'two endpoints of one name',
    changed({ endpoints: [{ name: 'side-car' }] }),
    '/containers',
    /endpoint names must be unique: side-car/,
  ],
  [
    'two endpoints of one port',
    changed({
      endpoints: [
        { name: 'a', hostPort: 31_005 },
        { name: 'b', hostPort: 31_005 },
      ],
    }),
    '/containers',
    /hostPorts must be unique/,
  ],
  [
    'two containers of one name',
    changed({ name: 'sidecar' }),
    '/containers',
    /container names must be unique: sidecar/,
  ],
  ['a volume that nobody mounts', aPod({ volumes: [{ name: 'home', host: '/h' }] }), '/volumes(0)', /not mounted/],
  [
    'a mount of no volume',
    changed({ volumeMounts: [{ name: 'x', mountPath: 'x' }] }),
    '/containers(0)/volumeMounts(0)/name',
    /not defined/,
  ],
  [
    'a mount that would need mounting',
    changed({ volumeMounts: [{ name: 'x', mountPath: '/x' }] }, { volumes: [{ name: 'x' }] }),
    '/containers(0)/volumeMounts(0)/mountPath',
    /links/,
  ],
  [
    'an image without a command',
    changed({ exec: undefined, image: { kind: 'DOCKER', id: 'i' } }),
    '/containers(0)/exec',
    /pulls no images/,
  ],
  [
    'both kinds of command',
    changed({ exec: { command: { shell: 'x', argv: ['x'] } } }),
    '/containers(0)/exec/command',
    /exactly one/,
  ],
  ['a secret', aPod({ environment: { A: { secret: 'x' } } }), '/environment/A', /enable_features secrets/],
  [
    'a network of containers',
    aPod({ networks: [{ mode: 'container', name: 'x' }] }),
    '/networks(0)/mode',
    /only the network of the host/,
  ],
  [
    'a persistent volume',
    changed({ volumeMounts: [{ name: 'x', mountPath: 'x' }] }, { volumes: [{ name: 'x', persistent: { size: 1 } }] }),
    '/volumes(0)/persistent',
    /no persistent volumes/,
  ],
  [
    'a pattern that is none',
    aPod({ scheduling: { placement: { constraints: [{ fieldName: 'hostname', operator: 'LIKE', value: '(' }] } } }),
    '/scheduling/placement/constraints(0)',
    /regular expression/,
  ],
  ['a strange id', aPod({ id: '/CI' }), '/id', /must match|lower case/],
])('422 for a pod with %s', async (_name, pod, path, words) => {
  const rig = await Rig.start()
  const { status, body } = await rig.send('POST', '/v2/pods', pod)
  expect([status === 422 || path === '/id', detailsOf(body)[path]]).toEqual([true, expect.stringMatching(words)])
  expect(await rig.get('/v2/pods')).toEqual([])
})

test.each<[string, Json, string, RegExp]>([
  ['cmd and args', anApp({ args: ['x'] }), '/', /not both/],
  ['neither', anApp({ cmd: undefined }), '/', /'cmd' or 'args'/],
  ['Docker', anApp({ container: { type: 'DOCKER', docker: { image: 'i' } } }), '/container/type', /no Docker/],
  [
    'a check of a port that is not there',
    anApp({ healthChecks: [{ portIndex: 3 }] }),
    '/healthChecks(0)',
    /port indices/,
  ],
  [
    'more than one instance of its kind',
    anApp({ instances: 2, labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' } }),
    '/instances',
    /at most 1/,
  ],
  [
    'one instance that would be two',
    anApp({ labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' } }),
    '/upgradeStrategy',
    /0 and 0/,
  ],
])('422 for an app with %s', async (_name, app, path, words) => {
  const rig = await Rig.start()
  const { status, body } = await rig.send('POST', '/v2/apps', app)
  expect([status, detailsOf(body)[path]]).toEqual([422, expect.stringMatching(words)])
})

describe('requests', () => {
  test('that cannot be read are told where', async () => {
    const rig = await Rig.start()
    expect((await rig.send('POST', '/v2/pods', '{')).status).toBe(400)
    const { status, body } = await rig.send('POST', '/v2/pods', {
      id: '/x',
      containers: [{ name: 'a', resources: { cpus: 'one', mem: 1 } }],
    })
    expect([status, detailsOf(body)['/containers(0)/resources/cpus']]).toEqual([400, 'must be number'])
  })

  test('for what is there, is locked, or is something else are refused', async () => {
    const rig = await Rig.start()
    const { response } = await rig.send('POST', '/v2/pods', aPod())
    const again = await rig.send('PUT', '/v2/pods/ci/jenkins', aPod({ labels: { a: 'b' } }))
    expect([again.status, again.body.deployments]).toEqual([
      409,
      [{ id: headerOf(response, 'Marathon-Deployment-Id') }],
    ])
    expect(await rig.send('POST', '/v2/pods', aPod())).toMatchObject({
      status: 409,
      body: { message: 'A pod with id [/ci/jenkins] already exists.' },
    })
    expect(await rig.send('PUT', '/v2/pods/foo', aPod())).toMatchObject({
      status: 400,
      body: { message: "'/foo' does not match definition's id ('/ci/jenkins')" },
    })
    expect((await rig.send('PUT', '/v2/apps/ci/jenkins', anApp({ id: '/ci/jenkins' }))).status).toBe(409)
    for (const path of ['/v2/pods/none', '/v2/pods/none::status', '/v2/apps/none', '/v2/groups']) {
      expect([path, (await rig.send('GET', path)).status]).toEqual([path, 404])
    }
    expect((await rig.send('GET', '/v2/info')).body).toMatchObject({ name: 'marathon' })
    expect(
      (
        await rig.marathon.handler({
          method: 'GET',
          path: '/ping',
          headers: {},
          body: Buffer.alloc(0),
          signal: new AbortController().signal,
          remote: '',
        })
      ).status,
    ).toBe(200)
  })
})

describe('an app', () => {
  test('is launched, shown, changed and deleted', async () => {
    const rig = await Rig.start()
    const { status, body, response } = await rig.send(
      'POST',
      '/v2/apps',
      anApp({ env: { A: 'b' }, uris: [], healthChecks: [{ protocol: 'MESOS_HTTP', path: '/x', delaySeconds: 1 }] }),
    )
    expect([status, headerOf(response, 'Location'), body.instances, body.backoffFactor]).toEqual([201, '/web', 1, 1.15])
    await rig.pass(1)
    expect((await rig.get('/v2/apps/web')).app).toMatchObject({
      tasksRunning: 1,
      tasksHealthy: 0,
      deployments: [{ id: expect.any(String) }],
    })
    await rig.pass(3)
    const { app } = await rig.get('/v2/apps/web')
    expect(app).toMatchObject({
      tasksRunning: 1,
      tasksHealthy: 1,
      deployments: [],
      tasks: [{ ports: [31_000], host: '127.0.0.1', state: 'TASK_RUNNING', healthCheckResults: [{ alive: true }] }],
    })
    expect(rig.environment('web')).toMatchObject({
      A: 'b',
      PORT: '31000',
      PORT0: '31000',
      PORTS: '31000',
      PORT_WEB_UI: '31000',
      HOST: '127.0.0.1',
      MARATHON_APP_ID: '/web',
      MARATHON_APP_RESOURCE_CPUS: '0.5',
    })
    // Merged into what is there, unless that is not wanted.
    expect((await rig.send('PUT', '/v2/apps/web', { env: { A: 'c' }, healthChecks: [] })).status).toBe(200)
    await rig.pass(5)
    expect(rig.environment('web')['A']).toBe('c')
    expect((await rig.get('/v2/apps/web')).app.tasks).toHaveLength(1)
    rig.end('web', 7)
    await rig.pass(5)
    expect((await rig.get('/v2/apps')).apps[0]).toMatchObject({
      tasksRunning: 1,
      lastTaskFailure: { state: 'TASK_FAILED', message: 'Command exited with status 7' },
    })
    expect((await rig.send('DELETE', '/v2/apps/web')).body).toMatchObject({ deploymentId: expect.any(String) })
    await rig.pass(5)
    expect((await rig.send('GET', '/v2/apps/web')).status).toBe(404)
    expect(rig.world.mesos.snapshot().tasks).toEqual([])
  })

  test('that ends well is launched again all the same', async () => {
    const rig = await Rig.start()
    await rig.send('PUT', '/v2/apps/web', anApp({ fetch: undefined }))
    await rig.pass(3)
    rig.end('web', 0)
    await rig.pass(5)
    expect(rig.launches('web')).toBe(2)
  })
})
