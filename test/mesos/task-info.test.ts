import { describe, expect, test } from '@jest/globals'
import type { Container } from '../../src/core/launch.ts'
import { commandText } from '../../src/mesos/command.ts'
import { toTaskInfo } from '../../src/mesos/task-info.ts'
import { aContainer } from '../support/containers.ts'
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

describe('what runs in a container', () => {
  const commandOf = (over: Partial<Container>) => {
    const { shell, value, arguments: argv } = taskOf({ launch: { container: aContainer(over) } }).command ?? {}
    return { shell, value, argv }
  }
  const text = commandText(launchOf())

  test.each(['DOCKER', 'MESOS'] as const)('%s: a shell, in place of the entrypoint of the image', (type) => {
    expect(commandOf({ type })).toEqual({ shell: true, value: text, argv: undefined })
  })

  test.each(['DOCKER', 'MESOS'] as const)('%s: the entrypoint, given a shell as arguments', (type) => {
    const argv = ['/bin/sh', '-c', text]
    expect(commandOf({ type, entrypoint: 'keep' })).toEqual({ shell: false, value: undefined, argv })
  })

  test.each([
    ['DOCKER', [text]],
    ['MESOS', ['wrapper.sh', text]],
  ] as const)('%s: a shell of its own, given the command as one argument', (type, argv) => {
    expect(commandOf({ type, shell: 'wrapper.sh' })).toEqual({ shell: false, value: 'wrapper.sh', argv })
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
    const { container } = taskWith({ launch: { container: aContainer({ network }) } })
    const mapped = [31_000, 31_001].map((port) => ({ host_port: port, container_port: port }))
    if (network === 'BRIDGE') expect(container?.docker?.port_mappings).toEqual(mapped)
    else expect(container?.docker).not.toHaveProperty('port_mappings')
  })

  test('are mapped as the container wants them, what is left keeps its number', () => {
    const portMappings = [
      { containerPort: 22, hostPort: 0, protocol: 'tcp' },
      { containerPort: 53, hostPort: 5353, protocol: 'udp' },
    ] as const
    const three = { ...ports, ranges: { range: [...ports.ranges.range, { begin: 5353, end: 5353 }] } }
    const over = { launch: { container: aContainer({ portMappings }) } }
    const { command, container } = toTaskInfo(launchOf(over), 'S0', [three], 'jenkins')
    expect(container?.docker?.port_mappings).toEqual([
      { host_port: 31_000, container_port: 31_000 },
      { host_port: 31_001, container_port: 22, protocol: 'tcp' },
      { host_port: 5353, container_port: 53, protocol: 'udp' },
    ])
    expect(command?.environment?.variables[1]).toEqual({ name: 'PORTS', value: '31000,31001,5353' })
  })
})
