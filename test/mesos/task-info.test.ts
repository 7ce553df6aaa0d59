import { describe, expect, test } from '@jest/globals'
import type { Container } from '../../src/core/model.ts'
import { commandText } from '../../src/mesos/command.ts'
import { toTaskInfo } from '../../src/mesos/task-info.ts'
import { launchOf, type Over, SECRET } from './launches.ts'

const resources = [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }] as const
const taskOf = (over: Over = {}) => toTaskInfo(launchOf(over), 'S0', resources, 'jenkins')
const plain = { executable: false, extract: false, cache: false }
const jar = { ...plain, value: 'http://jenkins.test/ci/jnlpJars/agent.jar', output_file: 'agent.jar' }

test('one task per agent, with the grace period for its end', () => {
  expect(taskOf({ agentId: 'linux-7' })).toEqual({
    name: 'linux-7',
    task_id: { value: 'linux-7' },
    agent_id: { value: 'S0' },
    resources,
    command: {
      shell: true,
      value: commandText(launchOf({ agentId: 'linux-7' })),
      user: 'jenkins',
      uris: [jar, { ...plain, value: 'http://sidecar.test/secret/token', output_file: '.secret' }],
    },
    kill_policy: { grace_period: { nanoseconds: 30_000_000_000 } },
    labels: {
      labels: [
        { key: 'template', value: 'linux' },
        { key: 'agentId', value: 'linux-7' },
      ],
    },
  })
})

test('the secret is nowhere in the task', () => {
  expect(JSON.stringify(taskOf())).not.toContain(SECRET)
})

test('through the environment it is there, and in one variable only', () => {
  const { command, ...rest } = taskOf({ viaEnvironment: true })
  expect(command?.environment).toEqual({ variables: [{ name: 'JENKINS_SECRET', value: SECRET }] })
  expect(command?.uris).toEqual([jar])
  expect(JSON.stringify([rest, command?.value, command?.uris])).not.toContain(SECRET)
})

test.each([true, false])('a controller without security needs neither file nor variable (environment: %s)', (via) => {
  const { command } = taskOf({ agent: { secret: '' }, viaEnvironment: via })
  expect(command).toMatchObject({ uris: [jar] })
  expect(command).not.toHaveProperty('environment')
})

test('user and files of the template', () => {
  const uris = [
    { value: 'http://f/a.tgz', extract: true, executable: false, cache: true, outputFile: undefined },
    { value: 'http://f/tool?v=1', extract: false, executable: true, cache: false, outputFile: 'tool' },
  ]
  const { command } = taskOf({ launch: { user: 'ci', uris } })
  expect(command?.user).toBe('ci')
  expect(command?.uris?.slice(2)).toEqual([
    { value: 'http://f/a.tgz', extract: true, executable: false, cache: true },
    { value: 'http://f/tool?v=1', extract: false, executable: true, cache: false, output_file: 'tool' },
  ])
})

const BARE: Container = {
  type: 'DOCKER',
  image: 'i',
  forcePull: false,
  privileged: false,
  dockerInDocker: false,
  customImages: false,
  network: 'BRIDGE',
  networkNames: [],
  portMappings: [],
  parameters: [],
  volumes: [],
  entrypoint: 'replace',
  shell: undefined,
  registryAuth: undefined,
}

describe('containers', () => {
  const container: Container = {
    ...BARE,
    image: 'jenkins/inbound-agent:latest',
    forcePull: true,
    privileged: true,
    network: 'BRIDGE',
    parameters: [{ key: 'env', value: 'A=b' }],
    volumes: [
      { kind: 'host', containerPath: '/cache', hostPath: '/var/cache', readOnly: true },
      { kind: 'host', containerPath: '/w', hostPath: '/w', readOnly: false },
    ],
  }
  const volumes = [
    { mode: 'RO', container_path: '/cache', host_path: '/var/cache' },
    { mode: 'RW', container_path: '/w', host_path: '/w' },
  ]

  test('of Docker', () => {
    const { image, network, privileged, parameters } = container
    expect(taskOf({ launch: { container } }).container).toEqual({
      type: 'DOCKER',
      docker: { image, network, privileged, parameters, force_pull_image: true },
      volumes,
    })
  })

  test.each([true, false])('of Mesos, pulled anew: %s', (forcePull) => {
    expect(taskOf({ launch: { container: { ...container, type: 'MESOS', forcePull } } }).container).toEqual({
      type: 'MESOS',
      mesos: { image: { type: 'DOCKER', docker: { name: container.image }, cached: !forcePull } },
      volumes,
    })
  })
})

describe('host ports', () => {
  const ports = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31_000, end: 31_001 }] } } as const
  const variables = [
    { name: 'PORT', value: '31000' },
    { name: 'PORTS', value: '31000,31001' },
    { name: 'PORT0', value: '31000' },
    { name: 'PORT1', value: '31001' },
  ]
  const taskWith = (over: Over = {}) => toTaskInfo(launchOf(over), 'S0', [...resources, ports], 'jenkins')

  test('are told to the task under the names that Marathon has for them', () => {
    expect(taskWith().command?.environment).toEqual({ variables })
    expect(taskWith().resources).toContain(ports)
  })

  test('and a secret in the environment stand beside each other', () => {
    const { command } = taskWith({ viaEnvironment: true })
    expect(command?.environment?.variables).toEqual([...variables, { name: 'JENKINS_SECRET', value: SECRET }])
  })

  test.each(['BRIDGE', 'HOST'] as const)('in a container with network %s', (network) => {
    const { container } = taskWith({ launch: { container: { ...BARE, network } } })
    const mapped = [31_000, 31_001].map((port) => ({ host_port: port, container_port: port }))
    if (network === 'BRIDGE') expect(container?.docker?.port_mappings).toEqual(mapped)
    else expect(container?.docker).not.toHaveProperty('port_mappings')
  })
})
