import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readConfig } from '../../src/config/read-config.ts'
import { TemplateInput } from '../../src/config/template-schema.ts'
import { resourcesOf, type Template } from '../../src/core/template.ts'

type Variables = Readonly<Record<string, string>>

const JENKINS: Variables = { JENKINS_URL: 'http://ci.test', JENKINS_USER: 'u', JENKINS_TOKEN: 't' }

function templatesOf(variables: Variables, yaml?: string): readonly Template[] {
  const file = yaml === undefined ? {} : { TEMPLATES_FILE: 'agents.yaml' }
  const reading = readConfig({ ...JENKINS, ...file, ...variables }, () => yaml ?? '')
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config.templates
}

function mistakesOf(yaml: string, variables: Variables = {}): readonly string[] {
  const reading = readConfig({ ...JENKINS, TEMPLATES_FILE: 'agents.yaml', ...variables }, () => yaml)
  return reading.ok ? [] : reading.mistakes
}

describe('a template', () => {
  test('has the amounts of the Mesos plugin where nothing is said', () => {
    const [template] = templatesOf({}, 'templates:\n  linux:\n')
    expect(template).toStrictEqual({
      name: 'linux',
      revision: expect.stringMatching(/^[0-9a-f]{12}$/),
      labels: ['linux'],
      mode: 'NORMAL',
      isDefault: false,
      priority: 0,
      role: '*',
      executors: { min: 1, max: 2 },
      cpus: { agent: 100, perExecutor: 100 },
      memMib: { agent: 512, perExecutor: 128, factor: 1.1 },
      diskMib: 0,
      scalars: {},
      ports: 0,
      regions: 'home',
      constraints: [],
      packing: 'binpack',
      affinity: true,
      maxBuildMs: 3_600_000,
      idleTimeoutMs: 180_000,
      maxAgents: 10,
      maxCpus: undefined,
      maxMem: undefined,
      minIdle: 0,
      headroom: undefined,
      schedules: [],
      coolDownMs: 0,
      connectTimeoutMs: 300_000,
      reconnectTimeoutMs: 300_000,
      unreachableTimeoutMs: 900_000,
      oneShot: false,
      maxBuilds: undefined,
      maxAgeMs: undefined,
      reapOrder: 'oldest',
      rescheduleLostBuilds: false,
      nodeProperties: { environment: {}, toolLocations: [] },
      launch: {
        connection: 'auto',
        commandStyle: 'linux',
        command: 'java {jvmArgs} -jar {jar} {connection}',
        preflight: true,
        jvmArgs: ['-Xms16m', '-Djava.net.preferIPv4Stack=true'],
        agentArgs: [],
        heapMib: 512,
        remoteFs: 'jenkins',
        user: undefined,
        environment: {},
        uris: [],
        killGraceSeconds: 30,
        secretVia: 'uri',
        container: undefined,
      },
    })
    expect(resourcesOf(template as Template, 1)).toEqual({ cpus: 200, mem: 704_000 })
  })

  const fields: readonly [string, string, object][] = [
    ['labels as text', 'labels: "a b,c a"', { labels: ['a', 'b', 'c'] }],
    ['labels as a list', 'labels: [a, "b:1.2"]', { labels: ['a', 'b:1.2'] }],
    ['no labels on purpose', 'labels: []', { labels: [] }],
    ['executors as a number', 'executors: 3', { executors: { min: 3, max: 3 } }],
    ['only their least', 'executors: { min: 4 }', { executors: { min: 4, max: 4 } }],
    ['one-shot', 'oneShot: true', { oneShot: true, executors: { min: 1, max: 1 } }],
    ['amounts in part', 'cpus: { perExecutor: 0.9 }', { cpus: { agent: 100, perExecutor: 900 } }],
    ['heap follows the agent’s memory', 'memMib: { agent: 256 }', { launch: { heapMib: 256 } }],
    ['a heap of its own', 'heapMib: 100', { launch: { heapMib: 100 } }],
    [
      'an image',
      'container: { image: a }',
      { connectTimeoutMs: 600_000, launch: { container: { type: 'DOCKER', network: 'BRIDGE' } } },
    ],
    ['a Mesos container', 'container: { image: a, type: MESOS }', { launch: { container: { network: 'HOST' } } }],
    [
      'a volume',
      'container: { image: a, volumes: [{ containerPath: /x }] }',
      { launch: { container: { volumes: [{ containerPath: '/x', readOnly: false, kind: 'sandbox', path: '_x' }] } } },
    ],
    ['GPUs', 'gpus: 2', { scalars: { gpus: 2000 } }],
    ['other resources', 'scalars: { fpga: 2, license: 0.5 }', { scalars: { fpga: 2000, license: 500 } }],
    ['host ports', 'ports: 2', { ports: 2 }],
    ['any region', 'regions: any', { regions: 'any' }],
    ['regions by name', 'regions: [eu, us]', { regions: ['eu', 'us'] }],
    ['the longest build', 'maxBuildSeconds: 60', { maxBuildMs: 60_000 }],
    ['environment', 'environment: { A: 1, B: true, C: x }', { launch: { environment: { A: '1', B: 'true', C: 'x' } } }],
    [
      'URIs',
      'uris: [http://a, { value: b, extract: true }]',
      {
        launch: {
          uris: [
            { value: 'http://a', extract: false },
            { value: 'b', extract: true },
          ],
        },
      },
    ],
    ['JVM arguments as text', 'jvmArgs: "-Xss1m  -Da=b"', { launch: { jvmArgs: ['-Xss1m', '-Da=b'] } }],
    [
      'variables of the shell',
      'agentCommand: "${JAVA} -jar {jar} {connection}"',
      { launch: { command: '${JAVA} -jar {jar} {connection}' } },
    ],
  ]
  test.each(fields)('%s', (_, yaml, expected) => {
    expect(templatesOf({}, `templates: { t: { ${yaml} } }`)).toMatchObject([expected])
  })

  test('CONNECT_TIMEOUT_SECONDS is for all that say nothing else', () => {
    const yaml = 'templates: { a: {}, b: { container: { image: x } }, c: { connectTimeoutSeconds: 7 } }'
    const templates = templatesOf({ CONNECT_TIMEOUT_SECONDS: '40' }, yaml)
    expect(templates.map((template) => template.connectTimeoutMs)).toEqual([40_000, 40_000, 7000])
  })

  test('with an embedded Jenkins the command is that of its agent program', () => {
    expect(templatesOf({ JENKINS_URL: 'embedded' }, 'templates: { a: {} }')[0]?.launch.command).toMatch(/exec node/)
  })
})

test.each([
  ['gpus: 0.5', /templates\.t\.gpus/],
  ['gpus: -1', /templates\.t\.gpus/],
  ['scalars: { fpga: 0 }', /templates\.t\.scalars/],
  ['scalars: { fpga: many }', /templates\.t\.scalars/],
  ['scalars: { mem: 512 }', /scalars\.mem: has a field of its own: use memMib/],
  ['scalars: { ports: 1 }', /scalars\.ports: has a field of its own: use ports/],
  ['scalars: { gpus: 1.5 }', /scalars\.gpus: must be a whole number/],
  ['scalars: { "a b": 1 }', /scalars\."a…": is no name for a resource/],
  ['ports: 1.5', /templates\.t\.ports/],
  ['regions: near', /templates\.t\.regions/],
  ['maxBuildSeconds: -1', /templates\.t\.maxBuildSeconds/],
])('%s is a mistake with a name', (yaml, message) => {
  expect(mistakesOf(`templates: { t: { ${yaml} } }`).join('\n')).toMatch(message)
})

test('what an agent is given holds its GPUs, named resources and ports', () => {
  const [template] = templatesOf({}, 'templates: { t: { gpus: 1, scalars: { fpga: 2 }, ports: 3, diskMib: 10 } }')
  expect(resourcesOf(template as Template, 2)).toEqual({
    cpus: 300,
    mem: 845_000,
    disk: 10_000,
    gpus: 1000,
    fpga: 2000,
    ports: 3000,
  })
})

describe('other places', () => {
  test('JSON in TEMPLATES says the same as YAML in a file', () => {
    const json = JSON.stringify({ templates: { a: { labels: ['x'], cpus: { agent: 1 } }, b: {} } }, null, '\t')
    const yaml = 'templates:\n  a:\n    cpus: { agent: 1.0 }\n    labels:\n      - x\n  b: {}\n'
    expect(templatesOf({ TEMPLATES: json })).toStrictEqual(templatesOf({}, yaml))
  })

  test('one template from AGENT_ variables: amounts are those of a whole agent', () => {
    const [template] = templatesOf({
      AGENT_LABELS: 'linux docker',
      AGENT_CPUS: '1.5',
      AGENT_MEM_MIB: '800',
      AGENT_EXECUTORS: '3',
      AGENT_IMAGE: 'jenkins/inbound-agent',
      AGENT_IDLE_TIMEOUT_SECONDS: '60',
      AGENT_MAX: '4',
      AGENT_MIN_IDLE: '1',
      AGENT_COMMAND: 'agent {connection}',
      AGENT_JVM_ARGS: '-Xss1m',
    })
    expect(template).toMatchObject({
      name: 'default',
      labels: ['linux', 'docker'],
      executors: { min: 3, max: 3 },
      idleTimeoutMs: 60_000,
      maxAgents: 4,
      minIdle: 1,
      connectTimeoutMs: 600_000,
      launch: { command: 'agent {connection}', jvmArgs: ['-Xss1m'], heapMib: 400 },
    })
    expect(resourcesOf(template as Template, 3)).toEqual({ cpus: 1500, mem: 800_000 })
  })
})

describe('the revision', () => {
  const one = 'templates: { a: { labels: [x, y], cpus: { agent: 1, perExecutor: 2 } } }'
  test.each([
    ['the order of fields', 'templates: { a: { cpus: { perExecutor: 2, agent: 1 }, labels: [x, y] } }', true],
    [
      'a default said in words',
      'templates: { a: { labels: [x, y], cpus: { agent: 1, perExecutor: 2 }, minIdle: 0 } }',
      true,
    ],
    [
      'another template beside it',
      'templates: { a: { labels: [x, y], cpus: { agent: 1, perExecutor: 2 } }, b: {} }',
      true,
    ],
    ['another value', 'templates: { a: { labels: [x, y], cpus: { agent: 1, perExecutor: 3 } } }', false],
    [
      'another variable for the builds',
      'templates: { a: { labels: [x, y], cpus: { agent: 1, perExecutor: 2 }, environment: { A: 1 } } }',
      false,
    ],
  ])('%s: stays the same: %#', (_, other, same) => {
    expect(templatesOf({}, other)[0]?.revision === templatesOf({}, one)[0]?.revision).toBe(same)
  })
})

describe('invariant 11: every mistake is named with its place, and what to do', () => {
  const cases: readonly [string, string, readonly RegExp[]][] = [
    [
      'no YAML',
      'templates: {\n  a: [',
      [/^agents\.yaml, line 2, column \d+: Flow seq/, /^agents\.yaml, line 2, column \d+: Flow map/],
    ],
    [
      'a field twice',
      'templates:\n  a:\n    mode: NORMAL\n    mode: NORMAL\n',
      [/^agents\.yaml, line 4, column 5: Map keys must be unique/],
    ],
    ['nothing', '', [/^agents\.yaml: must be a map with the field templates, such as templates: /]],
    ['a list', 'templates: []', [/^agents\.yaml, line 1, column 1: must be a map with the field templates/]],
    ['no template in it', 'templates: {}', [/line 1, column 1: templates holds no template/]],
    [
      'an unknown field above',
      'template: {}\ntemplates: { a: {} }',
      [/line 1, column 1: template is not known here: maybe templates is meant\.$/],
    ],
    [
      'a misspelled field',
      'templates:\n  a:\n    label: x',
      [/line 3, column 5: templates\.a\.label is not known: maybe labels is meant\.$/],
    ],
    [
      'a field without its unit',
      'templates: { a: { idleTimeout: 1 } }',
      [/idleTimeout is not known: maybe idleTimeoutSeconds is meant/],
    ],
    ['a bad name', 'templates: { a_b: {} }', [/templates\.a_b is no name for a template/]],
    ['a wrong type', 'templates: { a: { cpus: fast } }', [/templates\.a\.cpus must be a map\.$/]],
    ['a wrong choice', 'templates: { a: { executors: many } }', [/executors must be a whole number or a map\.$/]],
    ['a wrong word', 'templates: { a: { mode: normal } }', [/mode must be one of NORMAL, EXCLUSIVE\.$/]],
    ['a number too small', 'templates: { a: { maxAgents: 0 } }', [/maxAgents must be 1 or more\.$/]],
    ['a missing image', 'templates: { a: { container: {} } }', [/container needs the field image\.$/]],
    [
      'deep inside',
      'templates: { a: { container: { image: x, volumes: [{ hostPath: 3 }] } } }',
      [/volumes\.0\.hostPath must be text/, /volumes\.0 needs the field containerPath/],
    ],
    [
      'a label with a sign',
      'templates: { a: { labels: ["a&&b", ok, "x y"] } }',
      [/labels: "a&&b" must be without/, /labels: "x y" must be without/],
    ],
    [
      'nothing can run there',
      'templates: { a: { labels: [], mode: EXCLUSIVE } }',
      [/without labels and with mode EXCLUSIVE/],
    ],
    [
      'one-shot with two executors',
      'templates: { a: { oneShot: true, executors: 2 } }',
      [/oneShot: means one build an agent/],
    ],
    [
      'min over max',
      'templates: { a: { executors: { min: 3, max: 2 } } }',
      [/executors: min must not be more than max/],
    ],
    ['a role that is not taken', 'templates: { a: { role: ci } }', [/role: "ci" is not in MESOS_ROLES/]],
    [
      'a warm pool that never fits',
      'templates: { a: { minIdle: 21 } }',
      [/minIdle: must not be more than maxAgents \* executors\.max, here 20/],
    ],
    [
      'an unknown placeholder',
      'templates: { a: { agentCommand: "java {jvmArg} {connection}" } }',
      [/\{jvmArg\} is not known: maybe jvmArgs is meant; known are \{jvmArgs\}, \{jar\}, \{connection\}/],
    ],
    ['no connection', 'templates: { a: { agentCommand: "java -jar {jar}" } }', [/\{connection\} is missing/]],
    [
      'a variable that is no name',
      'templates: { a: { environment: { "a b": x } } }',
      [/environment\."a…": is no name for a variable/],
    ],
    [
      'Docker only',
      'templates: { a: { container: { image: x, type: MESOS, privileged: true, parameters: [{ key: a, value: b }] } } }',
      [/privileged: is for type DOCKER only/, /parameters: are for type DOCKER only/],
    ],
    [
      'no CPU at all',
      'templates: { a: { cpus: { agent: 0, perExecutor: 0 } } }',
      [/cpus: an agent needs 0\.01 CPU or more/],
    ],
    [
      'more aliases than sense',
      `a: &a [x]\nb: &b [${'*a,'.repeat(60)}]\nc: &c [${'*b,'.repeat(60)}]\ntemplates: [${'*c,'.repeat(60)}]`,
      [/cannot be read: Excessive alias count/],
    ],
    [
      'wrong fields and wrong sense at once',
      'templates: { a: { mode: x, role: ci, minIdle: x, agentCommand: "a" } }',
      [/mode must/, /minIdle must/, /\{connection\} is missing/, /role: "ci"/],
    ],
    ['two templates', 'templates: { a: { mode: x }, b: { mode: y } }', [/templates\.a\.mode/, /templates\.b\.mode/]],
  ]
  test.each(cases)('%s', (_, yaml, expected) => {
    expect(mistakesOf(yaml)).toEqual(expected.map((each) => expect.stringMatching(each)))
  })

  test('more mistakes than a validator lists', () => {
    const fields = Array.from({ length: 30 }, (_, index) => `unknown${index}: 1`).join(', ')
    expect(mistakesOf(`templates: { a: { ${fields} } }`)).toHaveLength(30)
  })

  test('a file that cannot be read', () => {
    const reading = readConfig({ ...JENKINS, TEMPLATES_FILE: 'none.yaml' }, () => {
      throw new Error('ENOENT: no such file')
    })
    expect(reading).toMatchObject({
      ok: false,
      mistakes: ['TEMPLATES_FILE cannot be read: ENOENT: no such file.'],
      files: ['none.yaml'],
    })
  })

  test('any JSON under any known field is a template or a list of mistakes, never an exception', () => {
    const field = fc.constantFrom(...Object.keys(TemplateInput.properties), '__proto__', 'x')
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('a', 'b', true, 1, { image: 'x' }))
    const template = fc.dictionary(field, value)
    fc.assert(
      fc.property(template, template, (a, b) => {
        const reading = readConfig({ ...JENKINS, TEMPLATES: JSON.stringify({ templates: { a, b } }) }, () => '')
        expect(reading.ok || reading.mistakes.length > 0).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('invariant 10: values in a template are not repeated', () => {
    const yaml = 'templates: { a: { environment: { TOKEN: { secret: hunter2 } }, user: [hunter2], mode: hunter2 } }'
    const mistakes = mistakesOf(yaml)
    expect(mistakes).toHaveLength(3)
    expect(mistakes.join()).not.toContain('hunter2')
  })
})
