/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   What the pages of Mesos show is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import type { Container } from '../../../src/core/launch.ts'
import { Secret } from '../../../src/core/secret.ts'
import { toTaskInfo } from '../../../src/mesos/task-info.ts'
import { launchOf } from '../../mesos/launches.ts'
import { aContainer } from '../../support/containers.ts'
import { Client, HOST, type Json, json, task, world } from './client.ts'

const start = "Task's `ContainerInfo` is invalid: Invalid volume:"
const one = `${start} Only one of them should be set: 'host_path', 'image' and 'source'`
const docker = { driver: 'rexray', name: 'm2' }

test.each<[string, Json, string | undefined]>([
  ['nothing', {}, one],
  ['two of them', { host_path: '/h', image: { type: 'DOCKER', docker: { name: 'i' } } }, one],
  ['a source of no kind', { source: {} }, `${start} 'source.type' is unknown`],
  [
    'another kind of source',
    { source: { type: 'SANDBOX_PATH', docker_volume: docker } },
    `${start} 'source.sandbox_path' is not set for SANDBOX_PATH volume`,
  ],
  [
    'no volume',
    { source: { type: 'DOCKER_VOLUME' } },
    `${start} 'source.docker_volume' is not set for DOCKER_VOLUME volume`,
  ],
  ['a path', { host_path: '' }, undefined],
  ['a volume', { source: { type: 'DOCKER_VOLUME', docker_volume: docker } }, undefined],
])('a volume of %s', async (_name, volume, said) => {
  const client = await Client.subscribe(await world())
  const volumes = [{ mode: 'RW', container_path: '/c', ...volume }]
  await client.accept([task('t', 'true', { container: { type: 'DOCKER', docker: { image: 'i' }, volumes } })])
  const [{ state, message }] = client.updates
  expect([state, message]).toEqual(
    said === undefined ? ['TASK_FAILED', 'Abnormal executor termination: unknown container'] : ['TASK_ERROR', said],
  )
})

const LOGIN = { kind: 'value', value: new Secret('{"auths":{"r":{"auth":"aHVudGVyMi1odW50ZXIy"}}}') } as const

test.each<[string, Partial<Container>]>([
  ['plain', {}],
  ['a network of Docker', { network: 'USER', networkNames: ['n'] }],
  ['networks of CNI', { type: 'MESOS', network: 'USER', networkNames: ['n', 'm'] }],
  ['ports', { portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'udp' }] }],
  ['a login by its name', { type: 'MESOS', registryAuth: { kind: 'reference', name: 'ci/registry' } }],
  ['a login', { type: 'MESOS', registryAuth: LOGIN }],
  ['Docker in Docker', { type: 'MESOS', dockerInDocker: true }],
  [
    'volumes',
    {
      type: 'MESOS',
      volumes: [
        { kind: 'host', containerPath: '/a', hostPath: '/h', readOnly: true },
        { kind: 'sandbox', containerPath: '/b', path: 'w', readOnly: false },
        { kind: 'docker', containerPath: '/c', ...docker, options: { size: '5' }, readOnly: false },
        { kind: 'image', containerPath: '/d', image: 'ci/jdk', readOnly: true },
      ],
    },
  ],
])('%s: is taken as it was sent, and the state of the master shows all of it', async (_name, over) => {
  const there = await world()
  const client = await Client.subscribe(there)
  const ports = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31_000, end: 31_000 }] } } as const
  const cpus = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } } as const
  const launch = launchOf({ launch: { container: aContainer(over) } })
  const mapped = over.portMappings === undefined ? [] : [ports]
  const info = toTaskInfo(launch, client.lastOffer.agent_id.value, [cpus, ...mapped], 'root')
  await client.accept([info as Json])
  // Its host has no containerizer for it: what was wrong with the task itself, the master would have said.
  expect(client.updates.map(({ state }: Json) => state)).not.toContain('TASK_ERROR')
  const { frameworks } = await json(there.mesos.masterHandler, '/master/state')
  const [shown] = [...frameworks[0].tasks, ...frameworks[0].completed_tasks]
  expect(shown.container).toEqual(info.container)
  // Invariant 10.
  expect(JSON.stringify(shown)).not.toContain('aHVudGVy')
  expect(JSON.stringify(shown)).not.toContain(Buffer.from(LOGIN.value.reveal()).toString('base64').slice(0, 16))
})

describe('what a host with Docker cannot run', () => {
  const mapping = { host_port: 31_000, container_port: 80 }
  const ports = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31_001, end: 31_002 }] } }

  test.each<[Json, Json, string]>([
    [{ docker: { network: 'USER' } }, {}, 'No network info found in container info'],
    [
      { docker: { network: 'USER' }, network_infos: [{ name: 'a' }, { name: 'b' }] },
      {},
      'Only a single network can be defined in Docker run',
    ],
    [{ docker: { network: 'USER' }, network_infos: [{}] }, {}, 'No network name found in network info'],
    [{ docker: { network: 'HOST' }, hostname: 'h' }, {}, 'Unable to set hostname with host network mode'],
    [
      { docker: { network: 'NONE', port_mappings: [mapping] } },
      {},
      'Port mappings are only supported for bridge and user-defined networks',
    ],
    [{ docker: { network: 'BRIDGE', port_mappings: [mapping] } }, {}, 'Port mappings require port resources'],
    [{ docker: { network: 'BRIDGE', port_mappings: [mapping] } }, { ports }, 'Port [31000] not included in resources'],
    [{ docker: {} }, { command: { shell: true } }, 'Shell specified but no command value provided'],
  ])('%j', async (container, more, said) => {
    const there = await world({ hosts: [{ ...HOST, containers: true }] })
    const client = await Client.subscribe(there)
    const one = task('t', 'true')
    await client.accept([
      {
        ...one,
        ...more,
        container: { type: 'DOCKER', ...container, docker: { image: 'i', ...container.docker } },
        resources: [...one.resources, ...(more.ports === undefined ? [] : [more.ports])],
      },
    ])
    const { state, message, reason } = client.updates.at(-1)
    expect([state, message, reason]).toEqual(['TASK_FAILED', `Failed to create docker run options: ${said}`, undefined])
  })
})
