import { describe, expect, test } from '@jest/globals'
import { resourcesOf } from '../../../src/core/template.ts'
import { configOf, linesOf, type Row, templateOf } from './imported.ts'
import { type Fields, firstXml, list, RAW, TEMPLATE } from './plugin-xml.ts'

const xml = (fields: Fields): string => firstXml([{ ...TEMPLATE, ...fields }])

test('the configuration of the tutorial gives agents of 0.3 CPU and 704 MiB with one executor', () => {
  const template = templateOf(firstXml([TEMPLATE]))
  expect(resourcesOf(template, 1)).toEqual({ cpus: 300, mem: 704_000 })
  expect(resourcesOf(template, 2)).toEqual({ cpus: 400, mem: 845_000 })
  expect(template).toMatchObject({
    labels: ['mesos'],
    executors: { min: 1, max: 2 },
    idleTimeoutMs: 180_000,
    launch: { heapMib: 512 },
  })
})

const ROWS: readonly Row[] = [
  ['no minimum', { minExecutors: 0 }, { executors: { min: 1, max: 2 } }, 'minExecutors', 'changed', '0 for 1'],
  ['a maximum below it', { minExecutors: 3 }, { executors: { min: 3, max: 3 } }, 'maxExecutors', 'changed', 'always 3'],
  ['a disk', { diskNeeded: '10.5' }, { diskMib: 11 }, 'diskNeeded', 'changed', 'never compared'],
  [
    'never idle',
    { idleTerminationMinutes: 0 },
    { idleTimeoutMs: Number.POSITIVE_INFINITY },
    'idleTerminationMinutes',
    'changed',
    'keepIdle',
  ],
  ['several labels', { labelString: ' a  b a ' }, { labels: ['a', 'b'] }, 'labelString', 'taken', '2'],
  ['a label that cannot be', { labelString: 'a "b c"' }, { labels: ['a'] }, 'labelString', 'no equal', 'b c'],
  ['a mode', { mode: 'EXCLUSIVE' }, { mode: 'EXCLUSIVE' }, 'mode', 'taken', 'mode'],
  [
    'the default template',
    { defaultSlave: true, mode: 'EXCLUSIVE' },
    { isDefault: true, mode: 'NORMAL' },
    'mode',
    'changed',
    'refuse',
  ],
  [
    'attributes as JSON',
    { slaveAttributesString: '{"os":"linux","n":1}' },
    {
      constraints: [
        { field: 'os', operator: 'IS', value: 'linux' },
        { field: 'n', value: '1' },
      ],
    },
    'slaveAttributesString',
    'taken',
    'attributes',
  ],
  [
    'attributes without quotes',
    { slaveAttributesString: '{os:linux,\'a\':"b"}' },
    {
      constraints: [
        { field: 'os', value: 'linux' },
        { field: 'a', value: 'b' },
      ],
    },
    'slaveAttributesString',
    'taken',
    'attributes',
  ],
  [
    'attributes that are none',
    { slaveAttributesString: 'os=linux' },
    { constraints: [] },
    'slaveAttributesString',
    'no equal',
    'by hand',
  ],
  [
    'an attribute of another kind',
    { slaveAttributesString: '{"a":["b"],"c":"d"}' },
    { constraints: [{ field: 'c' }] },
    'slaveAttributesString',
    'no equal',
    'left out: a',
  ],
  [
    'attributes of the old form',
    {
      slaveAttributes: {
        [RAW]: '<properties><map><entry><string>x</string><string>y</string></entry></map></properties>',
      },
    },
    { constraints: [{ field: 'x', value: 'y' }] },
    'slaveAttributes',
    'taken',
    'attributes',
  ],
  [
    'no attributes of the old form',
    { slaveAttributes: { nullObject: true } },
    { constraints: [] },
    'slaveAttributes',
    'taken',
    'no attributes',
  ],
  [
    'flags that Java lost',
    { jvmArgs: '-XX:+UseConcMarkSweepGC -XX:MaxPermSize=1g -Da=b' },
    { launch: { jvmArgs: ['-Da=b'] } },
    'jvmArgs',
    'changed',
    '-XX:+UseConcMarkSweepGC -XX:MaxPermSize=1g left out',
  ],
  [
    'a heap before others',
    { jvmArgs: '-Da=b -Xmx1g -Dc=d -De=f' },
    { launch: { jvmArgs: ['-Da=b', '-De=f'], heapMib: 512 } },
    'jvmArgs',
    'changed',
    'the plugin cut "-Xmx1g -Dc=d"',
  ],
  [
    'a heap at the end',
    { jvmArgs: '-Da=b -Xmx1g' },
    { launch: { jvmArgs: ['-Da=b'], heapMib: 1024 } },
    'jvmArgs',
    'changed',
    'heapMib 1024',
  ],
  [
    'a heap that is none',
    { jvmArgs: '-Xmxlots' },
    { launch: { jvmArgs: [], heapMib: 512 } },
    'jvmArgs',
    'changed',
    'no size',
  ],
  [
    'quotes',
    { jvmArgs: '-Da="b c" -Dd=\\"' },
    { launch: { jvmArgs: ['-Da=b c', '-Dd="'] } },
    'jvmArgs',
    'taken',
    'jvmArgs',
  ],
  [
    'what the shell puts in',
    { jvmArgs: '-Da=$HOME -Db=c' },
    { launch: { jvmArgs: ['-Db=c'], command: 'java {jvmArgs} -Da=$HOME -jar {jar} {connection}', preflight: true } },
    'jvmArgs',
    'changed',
    'agentCommand',
  ],
  ['no arguments', { jvmArgs: '' }, { launch: { jvmArgs: [] } }, 'jvmArgs', 'taken', 'none'],
  [
    'arguments of the agent',
    { jnlpArgs: '-noReconnect -cert x' },
    { launch: { agentArgs: ['-noReconnect', '-cert', 'x'] } },
    'jnlpArgs',
    'changed',
    'kept',
  ],
  [
    'how to connect',
    { jnlpArgs: '-jnlpUrl http://x/ -secret s -noCertificateCheck' },
    { launch: { agentArgs: ['-noCertificateCheck'] } },
    'jnlpArgs',
    'changed',
    '-jnlpUrl left out',
  ],
  [
    'a WebSocket',
    { jnlpArgs: '-webSocket' },
    { launch: { agentArgs: [], connection: 'websocket' } },
    'jnlpArgs',
    'changed',
    'connection: websocket',
  ],
  ['a folder', { remoteFSRoot: '/data' }, { launch: { remoteFs: '/data' } }, 'remoteFSRoot', 'taken', 'remoteFs'],
  [
    'a URI',
    { additionalURIs: list('MesosSlaveInfo_-URI', [{ value: 'http://a/b', executable: true }]) },
    { launch: { uris: [{ value: 'http://a/b', executable: true, extract: false }] } },
    'additionalURIs[0]',
    'taken',
    'uris',
  ],
  ['a number that is none', { slaveMem: 'much' }, { memMib: { agent: 512 } }, 'slaveMem', 'changed', 'no number'],
  ['a number out of all bounds', { slaveMem: -5 }, { memMib: { agent: 1 } }, 'slaveMem', 'changed', 'least'],
  [
    'less than Mesos gives',
    { slaveCpus: 0, executorCpus: 0 },
    { cpus: { agent: 10, perExecutor: 0 } },
    'slaveCpus',
    'changed',
    'least',
  ],
]

describe('a template of the first generation', () => {
  test.each(ROWS)('%s', (_what, fields, expected, field, outcome, words) => {
    const text = xml(fields)
    expect(templateOf(text)).toMatchObject(expected)
    expect(linesOf(text, field)).toMatchObject([{ outcome, words: expect.stringContaining(words) }])
  })

  test('with additionalURIs, networking and booleans where older forms had them', () => {
    const text = xml({
      containerInfo: { dockerImage: 'a' },
      additionalURIs: list('MesosSlaveInfo_-URI', [{ value: 'file:///a.tgz', extract: true }]),
    })
    expect(templateOf(text)).toMatchObject({
      isDefault: false,
      launch: { uris: [{ value: 'file:///a.tgz', extract: true }], container: { type: 'DOCKER', forcePull: false } },
    })
  })

  test('without a label serves jobs without a label only', () => {
    const { labelString: _, ...rest } = TEMPLATE
    const template = templateOf(firstXml([{ ...rest, mode: 'EXCLUSIVE' }]))
    expect(template).toMatchObject({ name: 'no-label', labels: [], mode: 'NORMAL' })
  })

  test('whose labels cannot be is left out, and never becomes one for jobs without a label', () => {
    const text = firstXml([{ ...TEMPLATE, labelString: 'a&amp;b' }, TEMPLATE])
    expect(configOf(text).templates.map(({ labels }) => labels)).toEqual([['mesos']])
    expect(linesOf(text, 'labelString')[0]).toMatchObject({ outcome: 'no equal' })
  })

  test('keeps the environment and the tools of its node, and names what cannot be kept', () => {
    const environment = (pairs: string): string =>
      `<hudson.slaves.EnvironmentVariablesNodeProperty><envVars serialization="custom"><tree-map><default/>${pairs}</tree-map></envVars></hudson.slaves.EnvironmentVariablesNodeProperty>`
    const tool =
      '<hudson.tools.ToolLocationNodeProperty><locations><t><type>hudson.model.JDK$DescriptorImpl</type><name>8</name><home>/j</home></t></locations></hudson.tools.ToolLocationNodeProperty>'
    const text = xml({
      nodeProperties: {
        [RAW]: `${environment('<int>2</int><string>A</string><string>b</string><string>EMPTY</string><string/>')}${tool}<a.b.OtherProperty/>`,
      },
    })
    expect(templateOf(text).nodeProperties).toEqual({
      environment: { A: 'b', EMPTY: '' },
      toolLocations: [{ type: 'hudson.model.JDK', name: '8', home: '/j' }],
    })
    expect(linesOf(text, 'nodeProperties[OtherProperty]')).toMatchObject([{ outcome: 'no equal' }])
  })

  test('with an image of the oldest form', () => {
    const text = xml({ externalContainerInfo: { image: 'docker:///ubuntu', options: '-v /a:/a' } })
    expect(templateOf(text).launch.container).toMatchObject({ type: 'DOCKER', image: 'ubuntu' })
    expect(linesOf(text, 'externalContainerInfo')).toMatchObject([{ outcome: 'no equal' }])
  })

  test('has the defaults of the plugin where a field is missing, and says so', () => {
    const text = firstXml([{ labelString: 'a' }])
    expect(resourcesOf(templateOf(text), 1)).toEqual({ cpus: 200, mem: 704_000 })
    expect(linesOf(text, 'slaveMem')).toMatchObject([{ outcome: 'changed', words: expect.stringContaining('512') }])
  })

  test('goes before those after it that have a label of it, as with the plugin', () => {
    const labels = ['a b', 'c', 'b', 'b c']
    const { templates } = configOf(firstXml(labels.map((labelString) => ({ ...TEMPLATE, labelString }))))
    expect(templates.map(({ priority }) => priority)).toEqual([0, 0, -1, -2])
  })
})
