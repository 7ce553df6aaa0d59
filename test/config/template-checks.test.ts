import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mistakesIn, readYaml, templatesIn } from './read-yaml.ts'

/** A row: what is written in the template `t`, and what is said of which field. */
type Row = readonly [fields: string, ...found: (readonly [path: string, words: RegExp])[]]

const template = (fields: string): string => `templates: { t: { ${fields} } }`

/** `agents.yaml, line 1, column 9: templates.t.PATH: WORDS.` */
function split(sentence: string): readonly [path: string, words: string] {
  const [, path = '', words = ''] =
    /^agents\.yaml, line 1, column \d+: templates\.t\.?(\S*?):? (.*)\.$/.exec(sentence) ?? []
  return [path.replace(/:$/, ''), words]
}

function expectFound(sentences: readonly string[], found: readonly (readonly [string, RegExp])[]): void {
  expect(sentences.map(split)).toEqual(found.map(([path, words]) => [path, expect.stringMatching(words)]))
}

describe('invariant 11: mistakes', () => {
  const container = (fields: string): string => `container: { image: x, ${fields} }`
  const rows: readonly Row[] = [
    ['priority: 1001', ['priority', /must be 1000 or less/]],
    ['maxBuilds: 0', ['maxBuilds', /must be 1 or more/]],
    ['maxAgeSeconds: soon', ['maxAgeSeconds', /must be a whole number/]],
    ['packing: tight', ['packing', /must be one of binpack, spread/]],
    ['reapOrder: oldest_first', ['reapOrder', /must be one of oldest, newest, emptiestHost/]],
    ['regions: near', ['regions', /must be one of home, any/]],
    ['regions: 3', ['regions', /must be one of home, any or a list/]],
    ['headroom: { limit: 3 }', ['headroom', /needs the field factor/]],
    ['nodeProperties: { env: {} }', ['nodeProperties.env', /is not known/]],
    [
      'nodeProperties: { toolLocations: [{ name: a }] }',
      ['nodeProperties.toolLocations.0', /needs the field type/],
      ['nodeProperties.toolLocations.0', /needs the field home/],
    ],
    ['oneShot: true, executors: 2', ['oneShot', /means one build an agent/]],
    ['oneShot: true, maxBuilds: 2', ['maxBuilds', /must be left out with oneShot/]],
    ['keepIdle: true, idleTimeoutSeconds: 10', ['keepIdle', /idleTimeoutSeconds would do nothing/]],
    ['maxCpus: 0.1', ['maxCpus', /one agent needs 0.2 CPUs/]],
    ['maxMemMib: 703', ['maxMemMib', /one agent needs 704 MiB/]],
    ['gpus: 1, scalars: { gpus: 1 }', ['scalars.gpus', /is given by the field gpus, too/]],
    ['defaultTemplate: true, mode: EXCLUSIVE', ['defaultTemplate', /needs mode NORMAL/]],

    ['schedules: [{ minIdle: 1 }]', ['schedules.0', /needs the field cron/]],
    ['schedules: [{ cron: "0 8 * *", durationMinutes: 1 }]', ['schedules.0.cron', /cannot be read/]],
    ['schedules: [{ cron: "0 8 * * * *", durationMinutes: 1 }]', ['schedules.0.cron', /cannot be read/]],
    ['schedules: [{ cron: "0 25 * * *", durationMinutes: 1 }]', ['schedules.0.cron', /cannot be read/]],
    ['schedules: [{ cron: "0 0 31 2 *", durationMinutes: 1 }]', ['schedules.0.cron', /never matches/]],
    [
      'schedules: [{ cron: x, timezone: Mars, durationMinutes: 1 }]',
      ['schedules.0.timezone', /there is no time zone "Mars"/],
      ['schedules.0.cron', /cannot be read/],
    ],
    ['schedules: [{ cron: "0 8 * * *", minIdle: 21, durationMinutes: 1 }]', ['schedules.0.minIdle', /here 20$/]],
    [
      'schedules: [{ cron: "0 8 * * *", minIdle: 5, maxAgents: 2, durationMinutes: 1 }]',
      ['schedules.0.minIdle', /here 4$/],
    ],

    ['attributes: linux', ['attributes', /must be a map, or text such as os:linux/]],
    ['attributes: "a:1,:2"', ['attributes', /must be a map/]],
    [`attributes: '{"a": {}}'`, ['attributes', /must be a map/]],
    [`attributes: '{"a": 1'`, ['attributes', /must be a map/]],
    ['constraints: [hostname, UNIQUE]', ['constraints.0', /must be a list/], ['constraints.1', /must be a list/]],
    ['constraints: [[hostname]]', ['constraints.0', /must have 2 to 3 entries/]],
    ['constraints: [[a, IS, b, c]]', ['constraints.0', /must have 2 to 3 entries/]],
    ['constraints: [["", UNIQUE]]', ['constraints.0', /needs the name of an attribute/]],
    ['constraints: [["@regio", IS, eu]]', ['constraints.0', /"@regio" is not known: maybe @region is meant/]],
    [
      'constraints: [[a, like, b]]',
      ['constraints.0', /has no operator.*maybe LIKE is meant; known are UNIQUE, CLUSTER/],
    ],
    ['constraints: [[a, UNIQUE, b]]', ['constraints.0', /UNIQUE takes no value/]],
    ['constraints: [[a, IS]]', ['constraints.0', /IS needs a value: text/]],
    ['constraints: [[a, MAX_PER]]', ['constraints.0', /MAX_PER needs a value: a number/]],
    ['constraints: [[a, MAX_PER, 0]]', ['constraints.0', /must be a whole number, 1 or more/]],
    ['constraints: [[a, GROUP_BY, 1.5]]', ['constraints.0', /must be a whole number, 1 or more/]],
    ['constraints: [[a, LIKE, "("]]', ['constraints.0', /regular expression of LIKE cannot be read/]],
    ['constraints: [[a, LIKE, "(?!b).*"]]', ['constraints.0', /cannot be read/]],
    ['constraints: [[a, UNLIKE, "(a)\\\\1"]]', ['constraints.0', /cannot be read/]],
    ['constraints: [[a, UNLIKE]]', ['constraints.0', /UNLIKE needs a value: an expression/]],

    ['agentArgs: "-noReconnect -secret abc"', ['agentArgs', /^-secret is given by the sidecar/]],
    ['agentArgs: [-workDir, /x]', ['agentArgs', /use remoteFs/]],
    ['nodeProperties: { environment: { "a b": 1 } }', ['nodeProperties.environment."a…"', /is no name for a variable/]],
    ['uris: [{ value: a, extract: true, executable: true }]', ['uris.0', /cannot be extract and executable/]],
    ['uris: [{ value: a, outputFile: ../x }]', ['uris.0.outputFile', /must be within the sandbox/]],
    ['uris: [{ value: a, outputFile: agent.jar }]', ['uris.0.outputFile', /is a file of the sidecar/]],
    ['commandStyle: windows', ['commandStyle', /windows needs secretVia: environment/]],

    [container('type: LXC'), ['container.type', /must be one of DOCKER, MESOS/]],
    [container('dockerInDocker: true'), ['container.dockerInDocker', /is for type MESOS only/]],
    [container('registryAuthSecret: a'), ['container.registryAuthSecret', /is for type MESOS only/]],
    [
      container('type: MESOS, registryAuthSecret: a, registryAuthFile: /auth'),
      ['container.registryAuthSecret', /and registryAuthFile are both given/],
    ],
    [container('type: MESOS, registryAuthFile: /auth'), ['container.registryAuthFile', /shows this login/]],
    [container('type: MESOS, registryAuthFile: /none'), ['container.registryAuthFile', /cannot be read: ENOENT/]],
    [container('type: MESOS, registryAuthFile: /text'), ['container.registryAuthFile', /is no JSON object/]],
    [container('network: USER'), ['container.network', /USER needs the name/]],
    [container('network: USER, networkNames: [a, b]'), ['container.networkNames', /must be one with type DOCKER/]],
    [container('network: HOST, networkNames: [a]'), ['container.networkNames', /are not for network HOST/]],
    [container('network: BRIDGE, networkNames: [a]'), ['container.networkNames', /are not for network BRIDGE/]],
    [
      container('network: HOST, portMappings: [{ containerPort: 1 }]'),
      ['container.portMappings', /are not for network HOST/],
    ],
    [
      container('type: MESOS, portMappings: [{ containerPort: 1 }]'),
      ['container.portMappings', /are not for network HOST/],
    ],
    [
      container('portMappings: [{ containerPort: 0 }]'),
      ['container.portMappings.0.containerPort', /must be 1 or more/],
    ],
    [
      container(
        'portMappings: [{ containerPort: 1, hostPort: 5 }, { containerPort: 1 }, { containerPort: 2, hostPort: 5 }]',
      ),
      ['container.portMappings.1', /the port 1 of the container \(tcp\) is mapped twice/],
      ['container.portMappings.2', /the port 5 of the host \(tcp\) is mapped twice/],
    ],
    [container('parameters: [{ key: --env, value: a }]'), ['container.parameters.0.key', /must be without hyphens/]],
    [container('parameters: [{ key: network, value: a }]'), ['container.parameters.0.key', /use network/]],
    [
      container('volumes: [{ containerPath: /a, hostPath: /b, sandboxPath: c }]'),
      ['container.volumes.0', /hostPath and sandboxPath are given: a volume is one/],
    ],
    [container('volumes: [{ containerPath: /a, driver: d }]'), ['container.volumes.0', /needs the field name/]],
    [container('volumes: [{ containerPath: /a, name: d }]'), ['container.volumes.0.name', /goes with driver only/]],
    [container('volumes: [{ containerPath: /a, image: i }]'), ['container.volumes.0.image', /is for type MESOS only/]],
    [container('volumes: [{ containerPath: a }]'), ['container.volumes.0.containerPath', /must begin with \//]],
    [
      container('volumes: [{ containerPath: /a, hostPath: b }]'),
      ['container.volumes.0.hostPath', /must begin with \//],
    ],
    [
      container('volumes: [{ containerPath: /a, sandboxPath: ../b }]'),
      ['container.volumes.0.sandboxPath', /must be within/],
    ],
    [
      container('volumes: [{ containerPath: /a }, { containerPath: /a }]'),
      ['container.volumes.1.containerPath', /is that of another/],
    ],
    [
      `commandStyle: windows, secretVia: environment, ${container('type: MESOS')}`,
      ['container.type', /is not there on Windows/],
    ],
    [
      `commandStyle: windows, secretVia: environment, ${container('network: HOST, privileged: true')}`,
      ['container.privileged', /is not there on Windows/],
      ['container.network', /HOST is not there on Windows/],
    ],
  ]
  test.each(rows)('%s', (fields, ...found) => {
    expectFound(mistakesIn(template(fields), {}, { '/auth': '{"auths":{"r":{"auth":"eDp5"}}}', '/text': 'x' }), found)
  })

  test('of a field that is wrong by itself nothing else is said', () => {
    expect(
      mistakesIn(template('maxAgents: x, minIdle: 99, executors: y, schedules: [{ cron: "0 1 * * *", minIdle: 99 }]')),
    ).toHaveLength(2)
  })

  test('all in many templates at once', () => {
    const yaml = `templates:
  a: { mode: x, constraints: [[a, LIKE, "("]] }
  b: { oneShot: true, executors: 2, container: { image: x, network: USER } }
  c: { from: nobody }`
    expect(mistakesIn(yaml).map((each) => each.replace(/:.*/, ''))).toEqual([
      'agents.yaml, line 2, column 8',
      'agents.yaml, line 4, column 8',
      'agents.yaml, line 2, column 31',
      'agents.yaml, line 3, column 8',
      'agents.yaml, line 3, column 60',
    ])
  })

  test('one default template', () => {
    const yaml = 'templates: { a: { defaultTemplate: true }, b: { defaultTemplate: true }, c: {} }'
    expect(mistakesIn(yaml)).toEqual([
      expect.stringMatching(/templates\.a\.defaultTemplate: is true in b, too/),
      expect.stringMatching(/templates\.b\.defaultTemplate: is true in a, too/),
    ])
  })

  test('of variables the variable is named', () => {
    const reading = readYaml('', {
      TEMPLATES_FILE: '',
      AGENT_LABELS: 'a&&b',
      AGENT_MIN_IDLE: '99',
      AGENT_ONE_SHOT: 'true',
    })
    expect(reading).toMatchObject({
      ok: false,
      mistakes: [
        expect.stringMatching(/^AGENT_LABELS: "a&&b" must be without spaces/),
        expect.stringMatching(/^AGENT_MIN_IDLE: must not be more than .* here 10\.$/),
      ],
    })
  })
})

describe('warnings', () => {
  const rows: readonly Row[] = [
    ['jvmArgs: "-Xms16m -XX:+UseConcMarkSweepGC"', ['jvmArgs', /Java 14 and later do not start/]],
    ['jvmArgs: [-Xmx1g]', ['jvmArgs', /holds an -Xmx, which wins over the heap of 512 MiB/]],
    [`jvmArgs: "-Da='b c'"`, ['jvmArgs', /is cut at every space/]],
    ['heapMib: 900', ['heapMib', /the heap of 900 MiB is more than the 704 MiB of an agent/]],
    ['maxAgents: 51', ['maxAgents', /is more than MAX_AGENTS, 50/]],
    ['headroom: { factor: 0 }', ['headroom.factor', /does nothing/]],
    ['minIdle: 4, headroom: { factor: 1, limit: 3 }', ['headroom.limit', /is less than minIdle, 4/]],
    ['headroom: { factor: 1, limit: 21 }', ['headroom.limit', /is more than maxAgents/]],
    ['schedules: [{ cron: "0 8 * * *", minIdle: 3 }]', ['schedules.0', /holds for ever after its first time/]],
    [
      'minIdle: 3, schedules: [{ cron: "0 8 * * *", maxAgents: 0, durationMinutes: 1 }]',
      ['schedules.0.maxAgents', /leaves room for 0 of the 3 executors/],
    ],
    ['uris: ["https://u:hunter2@files/x"]', ['uris.0', /holds a password/]],
    ['container: { image: "Agent image" }', ['container.image', /is no name that Docker knows/]],
    ['container: { image: x, network: NONE }', ['container.network', /no way to Jenkins/]],
    [
      'container: { image: x, type: MESOS, network: BRIDGE }',
      ['container.network', /is that of the host with type MESOS/],
    ],
    [
      'container: { image: x, parameters: [{ key: user, value: root }] }',
      ['container.parameters.0', /another user than the owner of the sandbox/],
    ],
    [
      'secretVia: environment, container: { image: x, type: MESOS, registryAuthFile: /auth }',
      ['container.registryAuthFile', /without any password in it/],
      ['container.registryAuthFile', /shows this login/],
      ['secretVia', /environment shows/],
    ],
  ]
  test.each(rows)('%s', (fields, ...found) => {
    const reading = readYaml(template(fields), {}, { '/auth': '{"credsStore":"x"}' })
    expect(reading.ok ? [] : reading.mistakes).toEqual([])
    expectFound(
      reading.warnings.filter((warning) => !warning.startsWith('JENKINS_')),
      found,
    )
  })

  test.each([
    ['environment: { PYTHON: 3.10, MODE: 0644, OK: 3.1, QUOTED: "3.10" }', 2],
    ['attributes: { version: 1.0, cores: 8 }', 1],
    ['constraints: [[version, IS, 1.0], [hostname, MAX_PER, 2]]', 1],
    ['cpus: { agent: 1.0 }, minIdle: 0', 0],
  ])('numbers that YAML would change: %s', (fields, count) => {
    const warnings = readYaml(template(fields)).warnings
    expect(warnings).toEqual(Array(count).fill(expect.stringMatching(/^agents\.yaml, line 1, .*put it in quotes\.$/)))
  })

  test.each([
    [{ MAX_CPUS: '0.1' }, 'templates: { t: {} }', /templates\.t\.cpus: one agent needs 0\.2 CPUs, more than MAX_CPUS/],
    [
      { MAX_MEM_MIB: '512' },
      'templates: { t: {} }',
      /templates\.t\.memMib: one agent needs 704 MiB, more than MAX_MEM/,
    ],
    [
      { MAX_AGENTS: '4' },
      'templates: { a: { minIdle: 6 }, b: { minIdle: 4 } }',
      /templates\.b\.minIdle: all templates together keep 5 agents idle, more than MAX_AGENTS, 4/,
    ],
  ])('beside %j', (variables, yaml, expected) => {
    expect(readYaml(yaml, variables)).toMatchObject({ ok: true, warnings: [expect.stringMatching(expected)] })
  })
})

describe('the forms of attributes', () => {
  test.each([
    '{ os: linux, cores: 8 }',
    '"os:linux,cores:8"',
    '" os : linux , cores: 8 "',
    `'{"os":"linux","cores":8}'`,
  ])('%s', (attributes) => {
    expect(templatesIn(template(`attributes: ${attributes}`))[0]?.constraints).toEqual([
      { field: 'os', operator: 'IS', value: 'linux' },
      { field: 'cores', operator: 'IS', value: '8' },
    ])
  })

  test('a value with a colon, and none at all', () => {
    expect(templatesIn(template('attributes: "image:a:b"'))[0]?.constraints).toMatchObject([{ value: 'a:b' }])
    expect(templatesIn(template('attributes: ""'))[0]?.constraints).toEqual([])
  })
})

test('the revision changes with the content of the registry’s file', () => {
  const yaml = template('secretVia: environment, container: { image: x, type: MESOS, registryAuthFile: /auth }')
  const [one, same, other] = ['A', 'A', 'B'].map(
    (auth) => templatesIn(yaml, {}, { '/auth': `{"auths":{"r":{"auth":"${auth}"}}}` })[0]?.revision,
  )
  expect(same).toBe(one)
  expect(other).not.toBe(one)
})

test('invariant 10: whatever the registry’s file holds, no message repeats it', () => {
  const yaml = template('secretVia: environment, container: { image: x, type: MESOS, registryAuthFile: /auth }')
  const text = fc.string({ minLength: 8, unit: fc.constantFrom('Q', 'X', '{', '}', '"', ':', ',', '1') })
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((each) => JSON.stringify({ auths: each })),
      ),
      (auth) => {
        expect(JSON.stringify(readYaml(yaml, {}, { '/auth': auth }))).not.toContain(JSON.stringify(auth).slice(1, -1))
      },
    ),
    { numRuns: 300 },
  )
})
