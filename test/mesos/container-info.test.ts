import { describe, expect, test } from '@jest/globals'
import type { Container, Launch } from '../../src/core/launch.ts'
import { Secret } from '../../src/core/secret.ts'
import type { WireContainer } from '../../src/mesos/protocol.ts'
import { toTaskInfo } from '../../src/mesos/task-info.ts'
import { aContainer } from '../support/containers.ts'
import { launchOf, type Over } from './launches.ts'

function containerOf(over: Partial<Container>, more: Omit<Over, 'launch'> & Partial<Pick<Launch, 'secretVia'>> = {}) {
  const { secretVia = 'uri', ...rest } = more
  const launch = launchOf({ ...rest, launch: { container: aContainer(over), secretVia } })
  return toTaskInfo(launch, 'S0', [], 'jenkins').container
}

const TYPES = ['DOCKER', 'MESOS'] as const

test('of Docker', () => {
  const parameters = [{ key: 'env', value: 'A=b' }]
  expect(containerOf({ image: 'ci/agent:1', forcePull: true, privileged: true, parameters })).toEqual({
    type: 'DOCKER',
    docker: { image: 'ci/agent:1', network: 'BRIDGE', privileged: true, parameters, force_pull_image: true },
    hostname: 'linux-1',
    volumes: [],
  })
})

test.each([true, false])('of Mesos, pulled anew: %s', (forcePull) => {
  expect(containerOf({ type: 'MESOS', image: 'ci/agent:1', forcePull, network: 'HOST' })).toEqual({
    type: 'MESOS',
    mesos: { image: { type: 'DOCKER', docker: { name: 'ci/agent:1' }, cached: !forcePull } },
    volumes: [],
  })
})

describe('networks', () => {
  test.each(['HOST', 'BRIDGE', 'NONE'] as const)('%s of Docker', (network) => {
    const container = containerOf({ network })
    expect(container?.docker?.network).toBe(network)
    expect(container).not.toHaveProperty('network_infos')
    expect(container?.hostname).toBe(network === 'HOST' ? undefined : 'linux-1')
  })

  test('one of Docker by name', () => {
    expect(containerOf({ network: 'USER', networkNames: ['ci-net'] })).toMatchObject({
      docker: { network: 'USER' },
      network_infos: [{ name: 'ci-net' }],
      hostname: 'linux-1',
    })
  })

  test('of CNI by name; ports of the host lead into the first', () => {
    const portMappings = [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }] as const
    const container = containerOf({ type: 'MESOS', network: 'USER', networkNames: ['one', 'two'], portMappings })
    expect(container).toMatchObject({ hostname: 'linux-1' })
    expect(container?.network_infos).toEqual([
      { name: 'one', port_mappings: [{ host_port: 8080, container_port: 80, protocol: 'tcp' }] },
      { name: 'two' },
    ])
  })

  test.each([
    ['mesos-linux-k2j', 'mesos-linux-k2j'],
    ['mesos-linux_x86.64-k2j', 'mesos-linux-x86-64-k2j'],
    [`mesos-${'x'.repeat(80)}-k2j`, `${'x'.repeat(59)}-k2j`],
    [`${'-'.repeat(80)}k2j`, 'k2j'],
  ])('the agent %s calls its container %s', (agentId, hostname) => {
    expect(containerOf({}, { agentId })?.hostname).toBe(hostname)
  })
})

describe('volumes', () => {
  const volumesOf = (type: Container['type'], ...volumes: Container['volumes']): WireContainer['volumes'] =>
    containerOf({ type, volumes })?.volumes
  const at = { containerPath: '/c', readOnly: false }
  const rw = { mode: 'RW', container_path: '/c' }

  test.each(TYPES)('%s: a folder of the host', (type) => {
    const volume = { kind: 'host', containerPath: '/c', hostPath: '/var/cache', readOnly: true } as const
    expect(volumesOf(type, volume)).toEqual([{ mode: 'RO', container_path: '/c', host_path: '/var/cache' }])
  })

  test('a folder of the sandbox, in the words of each containerizer', () => {
    const volume = { ...at, kind: 'sandbox', path: 'work' } as const
    expect(volumesOf('DOCKER', volume)).toEqual([{ ...rw, host_path: 'work' }])
    const source = { type: 'SANDBOX_PATH', sandbox_path: { type: 'SELF', path: 'work' } }
    expect(volumesOf('MESOS', volume)).toEqual([{ ...rw, source }])
  })

  test.each(TYPES)('%s: of a volume driver', (type) => {
    const volume = { ...at, kind: 'docker', driver: 'rexray', name: 'm2', options: {} } as const
    expect(volumesOf(type, volume)).toEqual([
      { ...rw, source: { type: 'DOCKER_VOLUME', docker_volume: { driver: 'rexray', name: 'm2' } } },
    ])
    expect(volumesOf(type, { ...volume, options: { size: '5', iops: '9' } })?.[0]?.source?.docker_volume).toEqual({
      driver: 'rexray',
      name: 'm2',
      driver_options: {
        parameter: [
          { key: 'size', value: '5' },
          { key: 'iops', value: '9' },
        ],
      },
    })
  })

  test('the files of an image', () => {
    expect(volumesOf('MESOS', { ...at, kind: 'image', image: 'ci/jdk:21' })).toEqual([
      { ...rw, image: { type: 'DOCKER', docker: { name: 'ci/jdk:21' } } },
    ])
  })

  test.each(TYPES)('%s: Docker in Docker has its layers in the sandbox', (type) => {
    const [volume] = containerOf({ type, dockerInDocker: true })?.volumes ?? []
    expect(volume).toMatchObject({ mode: 'RW', container_path: '/var/lib/docker' })
    expect(volume?.host_path ?? volume?.source?.sandbox_path?.path).toBe('docker')
  })
})

describe('the login of a registry', () => {
  const CONFIG = '{"auths":{"registry.test":{"auth":"aHVudGVyMi1odW50ZXIy"}}}'
  const value = { kind: 'value', value: new Secret(CONFIG) } as const
  const loginOf = (container: WireContainer | undefined) => container?.mesos?.image?.docker.config

  test('by its name in the secret store', () => {
    const container = containerOf({ type: 'MESOS', registryAuth: { kind: 'reference', name: 'ci/registry' } })
    expect(loginOf(container)).toEqual({ type: 'REFERENCE', reference: { name: 'ci/registry' } })
  })

  test('itself, where the template says that its secrets may be seen', () => {
    const container = containerOf({ type: 'MESOS', registryAuth: value }, { secretVia: 'environment' })
    expect(loginOf(container)).toEqual({
      type: 'VALUE',
      value: { data: Buffer.from(CONFIG).toString('base64') },
    })
  })

  test.each(TYPES)('invariant 10: else it is nowhere in a task (%s)', (type) => {
    const secretVia = type === 'DOCKER' ? 'environment' : 'uri'
    const container = containerOf({ type, registryAuth: value }, { secretVia })
    expect(loginOf(container)).toBeUndefined()
    expect(JSON.stringify(container)).not.toContain('config')
    expect(JSON.stringify(container)).not.toContain(Buffer.from(CONFIG).toString('base64').slice(0, 20))
  })
})
