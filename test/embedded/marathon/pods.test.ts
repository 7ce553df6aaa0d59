/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return --
   What Marathon answers is looked into freely. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { headerOf, type Json } from '../mesos/client.ts'
import { aPod, Rig } from './rig.ts'

describe('a pod', () => {
  test('comes up as one task group, and its deployment ends once it runs', async () => {
    const rig = await Rig.start()
    expect((await rig.send('HEAD', '/v2/pods')).status).toBe(200)
    const { status, body, response } = await rig.send('POST', '/v2/pods', aPod())
    expect([status, headerOf(response, 'Location')]).toEqual([201, '/ci/jenkins'])
    expect(body).toMatchObject({
      id: '/ci/jenkins',
      version: expect.any(String),
      scaling: { kind: 'fixed', instances: 1 },
    })
    const [deployment] = await rig.get('/v2/deployments')
    expect(deployment).toMatchObject({
      id: rig.deploymentOf(response),
      affectedPods: ['/ci/jenkins'],
      currentActions: [{ action: 'StartPod', pod: '/ci/jenkins' }],
    })
    expect(await rig.pod()).toMatchObject({ status: 'DEGRADED', instances: [] })
    await rig.pass(3)
    const { body: shown, ...there } = await rig.pod()
    expect(there).toEqual({ status: 'STABLE', instances: ['STABLE'] })
    expect(await rig.get('/v2/deployments')).toEqual([])
    const [{ id, containers }] = shown.instances
    expect(containers.map(({ name, status: state }: Json) => [name, state])).toEqual([
      ['jenkins', 'TASK_RUNNING'],
      ['sidecar', 'TASK_RUNNING'],
    ])
    expect(containers[0].endpoints).toEqual([
      { name: 'jenkins', allocatedHostPort: 31_000 },
      { name: 'agents', allocatedHostPort: 31_100 },
    ])
    const variables = rig.environment('sidecar')
    const { MARATHON_APP_VERSION: version, MESOS_TASK_ID: taskId, MESOS_EXECUTOR_ID: _executor, ...rest } = variables
    expect([version, taskId]).toEqual([body.version, `${id}.sidecar`])
    expect(rest).toEqual({
      TZ: 'UTC',
      WHO: 'pod',
      HOST: '127.0.0.1',
      MARATHON_APP_ID: '/ci/jenkins',
      MARATHON_CONTAINER_ID: 'sidecar',
      MARATHON_CONTAINER_RESOURCE_CPUS: '0.2',
      MARATHON_CONTAINER_RESOURCE_MEM: '128',
      MARATHON_CONTAINER_RESOURCE_DISK: '0',
      MARATHON_CONTAINER_RESOURCE_GPUS: '0',
      MARATHON_APP_ENFORCE_GROUP_ROLE: 'false',
      MARATHON_APP_LABELS: '',
      ENDPOINT_JENKINS: '31000',
      EP_HOST_JENKINS: '31000',
      EP_CONTAINER_JENKINS: '31000',
      ENDPOINT_AGENTS: '31100',
      EP_HOST_AGENTS: '31100',
      EP_CONTAINER_AGENTS: '31100',
      ENDPOINT_SIDE_CAR: '31001',
      EP_HOST_SIDE_CAR: '31001',
      EP_CONTAINER_SIDE_CAR: '31001',
    })
    expect(rig.environment('jenkins')['WHO']).toBe('jenkins')
  })

  test('of which a container fails goes down as a whole and comes back after a while, longer each time', async () => {
    const rig = await Rig.start()
    await rig.send('POST', '/v2/pods', aPod())
    await rig.pass(3)
    rig.end('sidecar', 3)
    await rig.pass(3)
    expect([...rig.world.runner.tasks.values()]).toEqual([])
    expect(rig.launches('jenkins')).toBe(1)
    const { body } = await rig.pod()
    expect(body.terminationHistory[0].containers.map(({ termination }: Json) => termination)).toEqual([
      { message: 'Command terminated with signal Terminated' },
      { exitCode: 3, message: 'Command exited with status 3' },
    ])
    await rig.pass(4)
    expect([rig.launches('jenkins'), rig.launches('sidecar')]).toEqual([2, 2])
    expect(await rig.pod()).toMatchObject({ status: 'STABLE' })
    rig.end('jenkins', 1)
    await rig.pass(8)
    expect(rig.launches('jenkins')).toBe(2)
    await rig.pass(5)
    expect(rig.launches('jenkins')).toBe(3)
  })

  test('of which a container ends well goes on, and nobody starts that one again', async () => {
    const rig = await Rig.start()
    await rig.send('POST', '/v2/pods', aPod())
    await rig.pass(3)
    rig.end('sidecar', 0)
    await rig.pass(120)
    expect([rig.launches('jenkins'), rig.launches('sidecar')]).toEqual([1, 1])
    expect(await rig.pod()).toMatchObject({ status: 'STABLE', instances: ['STABLE'] })
  })

  test('is replaced old before new with an upgrade of 0 and 0', async () => {
    const rig = await Rig.start()
    await rig.send('POST', '/v2/pods', aPod())
    await rig.pass(3)
    const { status } = await rig.send('PUT', '/v2/pods/ci/jenkins', aPod({ environment: { TZ: 'CET' } }))
    expect(status).toBe(200)
    expect(rig.launches('jenkins')).toBe(1)
    expect((await rig.get('/v2/deployments'))[0].currentActions[0].action).toBe('RestartPod')
    const seen: number[] = []
    for (let step = 0; step < 50; step++) {
      await rig.pass(0.1)
      seen.push([...rig.world.runner.tasks.values()].filter(({ task }) => task.info.name === 'jenkins').length)
    }
    expect([Math.max(...seen), seen.at(-1), rig.launches('jenkins')]).toEqual([1, 1, 2])
    expect(rig.environment('jenkins')['TZ']).toBe('CET')
    expect(await rig.get('/v2/deployments')).toEqual([])
    expect(await rig.get('/v2/pods/ci/jenkins::versions')).toHaveLength(2)
  })

  test('that is put again as it is makes a deployment that ends at once', async () => {
    const rig = await Rig.start()
    await rig.send('PUT', '/v2/pods/ci/jenkins', aPod())
    await rig.pass(3)
    const before = await rig.get('/v2/pods/ci/jenkins')
    const { status, response } = await rig.send('PUT', '/v2/pods/ci/jenkins', aPod())
    expect([status, rig.deploymentOf(response)]).toEqual([200, expect.stringMatching(/-/)])
    await rig.pass(0.001)
    expect(await rig.get('/v2/deployments')).toEqual([])
    expect(await rig.get('/v2/pods/ci/jenkins')).toEqual(before)
    expect(rig.launches('jenkins')).toBe(1)
  })

  test('is scaled without a restart, killed by the instance, and deleted', async () => {
    const rig = await Rig.start()
    const pod = aPod()
    delete pod.containers[0].endpoints[1].hostPort
    await rig.send('POST', '/v2/pods', pod)
    await rig.pass(3)
    await rig.send('PUT', '/v2/pods/ci/jenkins', { ...pod, scaling: { kind: 'fixed', instances: 2 } })
    await rig.pass(3)
    expect((await rig.pod()).instances).toEqual(['STABLE', 'STABLE'])
    expect(rig.launches('jenkins')).toBe(2)
    const [first] = (await rig.pod()).body.instances
    expect((await rig.send('DELETE', `/v2/pods/ci/jenkins::instances/${first.id}`)).status).toBe(200)
    await rig.pass(3)
    expect(rig.launches('jenkins')).toBe(3)
    await rig.send('PUT', '/v2/pods/ci/jenkins', { ...pod, scaling: { kind: 'fixed', instances: 0 } })
    await rig.pass(3)
    expect(await rig.pod()).toMatchObject({ status: 'TERMINAL', instances: [] })
    expect(rig.world.mesos.snapshot().tasks).toEqual([])
    const { status, response } = await rig.send('DELETE', '/v2/pods/ci/jenkins')
    expect([status, rig.deploymentOf(response)]).toEqual([202, expect.stringMatching(/-/)])
    await rig.pass(1)
    expect((await rig.send('GET', '/v2/pods/ci/jenkins')).status).toBe(404)
    expect(await rig.get('/v2/pods')).toEqual([])
  })

  test('whose container is unhealthy too often is launched anew', async () => {
    const rig = await Rig.start()
    const pod = aPod()
    pod.containers[0].healthCheck = {
      http: { endpoint: 'jenkins', path: '/login' },
      delaySeconds: 1,
      intervalSeconds: 5,
      timeoutSeconds: 3,
      gracePeriodSeconds: 0,
      maxConsecutiveFailures: 2,
    }
    await rig.send('POST', '/v2/pods', pod)
    await rig.pass(1)
    expect((await rig.pod()).instances).toEqual(['DEGRADED'])
    expect(await rig.get('/v2/deployments')).toHaveLength(1)
    await rig.pass(3)
    expect(await rig.pod()).toMatchObject({ status: 'STABLE' })
    expect((await rig.pod()).body.instances[0].containers[0].endpoints[0].healthy).toBe(true)
    rig.world.runner.sick.set(rig.environment('jenkins')['MESOS_TASK_ID'] ?? '', 'does not answer')
    await rig.pass(20)
    expect(rig.launches('jenkins')).toBe(2)
  })

  test('waits for a host that fits, where its constraints want it', async () => {
    const rig = await Rig.start()
    const placement = { constraints: [{ fieldName: 'hostname', operator: 'CLUSTER', value: 'elsewhere' }] }
    await rig.send('PUT', '/v2/pods/ci/jenkins', aPod({ scheduling: { placement } }))
    await rig.pass(30)
    expect(rig.launches('jenkins')).toBe(0)
    expect(await rig.get('/v2/deployments')).toHaveLength(1)
    const here = { constraints: [{ fieldName: 'hostname', operator: 'CLUSTER', value: '127.0.0.1' }] }
    const changed = aPod({ scheduling: { placement: here } })
    expect((await rig.send('PUT', '/v2/pods/ci/jenkins', changed)).status).toBe(409)
    expect((await rig.send('PUT', '/v2/pods/ci/jenkins?force=true', changed)).status).toBe(200)
    await rig.pass(5)
    expect(rig.launches('jenkins')).toBe(1)
  })
})

describe('a Marathon that starts anew', () => {
  test('adopts what runs, and launches what ended meanwhile', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'marathon-'))
    const first = await Rig.start({ stateDir })
    await first.send('POST', '/v2/pods', aPod())
    await first.send(
      'POST',
      '/v2/pods',
      aPod({
        id: '/other',
        containers: [{ name: 'other', exec: { command: { shell: 'sleep 100000' } }, resources: { cpus: 1, mem: 32 } }],
      }),
    )
    await first.pass(3)
    await first.marathon.close()
    await first.pass(1)
    first.end('other', 1)
    await first.pass(1)
    const second = await Rig.start({ stateDir }, first.world)
    await second.pass(5)
    expect([second.launches('jenkins'), second.launches('other')]).toEqual([1, 2])
    expect(await second.pod()).toMatchObject({ status: 'STABLE' })
    expect(await second.pod('/other')).toMatchObject({ status: 'STABLE' })
    await second.marathon.close({ killTasks: true })
    await second.pass(10)
    expect(second.world.mesos.snapshot().tasks).toEqual([])
    rmSync(stateDir, { recursive: true })
  })

  test('subscribes again after the connection broke', async () => {
    const rig = await Rig.start()
    rig.world.mesos.lead('nobody')
    await rig.pass(3)
    rig.world.mesos.lead('leading')
    await rig.pass(3)
    await rig.send('POST', '/v2/pods', aPod())
    await rig.pass(3)
    expect(await rig.pod()).toMatchObject({ status: 'STABLE' })
  })
})
