import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'yaml'
import { importConfiguration } from '../../../src/config/import/import-configuration.ts'
import { envText } from '../../../src/config/import/write-env.ts'
import { flow } from '../../../src/config/import/yaml-text.ts'
import { executorsFor, resourcesOf } from '../../../src/core/template.ts'
import { readImported, templateOf } from './imported.ts'
import { element, type Fields, firstXml, list, secondXml, TEMPLATE } from './plugin-xml.ts'

const isWellFormed = (each: string): boolean => !/\p{Surrogate}/u.test(each)
const RUNS = { numRuns: 1000 }
/** Of several templates each. */
const FILES = { numRuns: 300 }

test('memory is the same as with the plugin, to the MiB, for every number of executors', () => {
  const amount = fc.integer({ min: 1, max: 100_000 })
  const executors = fc.integer({ min: 0, max: 12 })
  fc.assert(
    fc.property(amount, amount, executors, executors, (slaveMem, executorMem, minExecutors, maxExecutors) => {
      const template = templateOf(firstXml([{ ...TEMPLATE, slaveMem, executorMem, minExecutors, maxExecutors }]))
      const min = minExecutors === 0 ? 1 : minExecutors
      const excesses = Array.from({ length: 13 }, (_, index) => index + 1)
      const here = excesses.map((excess) => resourcesOf(template, executorsFor(template, excess))['mem'])
      const there = excesses.map((excess) => {
        const n = Math.max(min, Math.min(excess, maxExecutors))
        // In whole tenths: 1.1 times a whole number, without the noise of binary fractions.
        return 1000 * Math.ceil((11 * (slaveMem + n * executorMem)) / 10)
      })
      expect({ heapMib: template.launch.heapMib, mem: here }).toEqual({ heapMib: slaveMem, mem: there })
    }),
    RUNS,
  )
})

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom(
    '',
    'a',
    'a b',
    '-Xmx1g x',
    '{"a":"b"}',
    'a:b,c:d',
    '${X}',
    'true',
    '0',
    '-1',
    '1e9',
    'NaN',
    '"',
    "'",
  ),
)
const maybe = (value: fc.Arbitrary<Fields[string]>): fc.Arbitrary<Fields[string]> =>
  fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: fc.constant(undefined) })
const wild = (value: fc.Arbitrary<string | number | boolean>): fc.Arbitrary<Fields[string]> =>
  maybe(fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: text }))
const items = (
  kind: string,
  fields: Readonly<Record<string, fc.Arbitrary<Fields[string]>>>,
): fc.Arbitrary<Fields[string]> =>
  maybe(fc.array(fc.record(fields), { maxLength: 2 }).map((each) => list(`MesosSlaveInfo_-${kind}`, each)))

const whole = fc.integer({ min: 0, max: 5000 })
const CONTAINER = fc.record({
  type: wild(fc.constantFrom('DOCKER', 'MESOS')),
  dockerImage: wild(fc.constant('image:1')),
  isDind: wild(fc.boolean()),
  dockerPrivilegedMode: wild(fc.boolean()),
  dockerForcePullImage: wild(fc.boolean()),
  dockerImageCustomizable: wild(fc.boolean()),
  useCustomDockerCommandShell: wild(fc.boolean()),
  customDockerCommandShell: wild(fc.constant('wrapper.sh')),
  networking: wild(fc.constantFrom('HOST', 'BRIDGE', 'USER')),
  volumes: items('Volume', {
    containerPath: wild(fc.constant('/c')),
    hostPath: wild(fc.constant('/h')),
    readOnly: wild(fc.boolean()),
  }),
  parameters: items('Parameter', { key: wild(fc.constant('env')), value: wild(fc.constant('A=b')) }),
  portMappings: items('PortMapping', {
    containerPort: wild(fc.constant(80)),
    hostPort: wild(fc.constant(0)),
    protocol: wild(fc.constant('tcp')),
  }),
  networkInfos: items('NetworkInfo', { networkName: wild(fc.constant('calico')) }),
})
const FIRST: fc.Arbitrary<Fields> = fc.record({
  labelString: wild(fc.constantFrom('a', 'b', 'a b', 'mesos docker')),
  mode: wild(fc.constantFrom('NORMAL', 'EXCLUSIVE')),
  slaveCpus: wild(fc.double({ min: 0, max: 4, noNaN: true })),
  executorCpus: wild(fc.double({ min: 0, max: 4, noNaN: true })),
  slaveMem: wild(whole),
  executorMem: wild(whole),
  minExecutors: wild(fc.integer({ min: 0, max: 4 })),
  maxExecutors: wild(fc.integer({ min: 0, max: 4 })),
  remoteFSRoot: wild(fc.constantFrom('jenkins', '/var/jenkins')),
  diskNeeded: wild(fc.double({ min: 0, max: 1e4, noNaN: true })),
  idleTerminationMinutes: wild(fc.integer({ min: 0, max: 9 })),
  slaveAttributesString: wild(fc.constantFrom('{"os":"linux"}', '{a:1}', '')),
  jvmArgs: wild(fc.constantFrom('-Xms16m', '-Xmx1g', '-Xmx1g -Da=b', '-Da=$B')),
  jnlpArgs: wild(fc.constantFrom('-noReconnect', '-jnlpUrl x', '')),
  defaultSlave: wild(fc.boolean()),
  additionalURIs: items('URI', {
    value: wild(fc.constant('http://a/b')),
    extract: wild(fc.boolean()),
    executable: wild(fc.boolean()),
  }),
  containerInfo: maybe(CONTAINER),
})
const SECOND: fc.Arbitrary<Fields> = fc.record({
  label: wild(fc.constantFrom('a', 'b', 'a b')),
  mode: wild(fc.constantFrom('NORMAL', 'EXCLUSIVE')),
  cpus: wild(fc.double({ min: 0, max: 4, noNaN: true })),
  mem: wild(whole),
  disk: wild(fc.double({ min: 0, max: 1e4, noNaN: true })),
  minExecutors: wild(fc.integer({ min: 0, max: 4 })),
  maxExecutors: wild(fc.integer({ min: 0, max: 4 })),
  reusable: wild(fc.boolean()),
  idleTerminationMinutes: wild(fc.integer({ min: 0, max: 9 })),
  agentAttributes: wild(fc.constantFrom('', 'os:linux', 'a:b,c:d')),
  agentCommandStyle: wild(fc.constantFrom('Linux', 'Windows')),
  domainFilterModel: wild(fc.constantFrom('home', 'any', 'eu')),
  containerInfo: maybe(CONTAINER),
})

const files: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(FIRST, { minLength: 1, maxLength: 4 })
    .map((each) => firstXml([...each, { ...TEMPLATE, labelString: 'sound' }])),
  fc.array(SECOND, { minLength: 1, maxLength: 4 }).map((each) => secondXml([...each, { label: 'sound' }])),
)
/** XML itself cannot hold them. */
const isXml = (each: string): boolean =>
  !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(each) && isWellFormed(each)

test('whatever the plugin wrote, the program reads the outcome without a mistake, and twice it is the same', () => {
  fc.assert(
    fc.property(files.filter(isXml), (file) => {
      const imported = importConfiguration(file)
      expect(importConfiguration(file)).toEqual(imported)
      const reading = readImported(imported)
      expect(reading.ok ? [] : reading.mistakes).toEqual([])
    }),
    FILES,
  )
})

test('every field of a template has a line in the report', () => {
  fc.assert(
    fc.property(fc.oneof(FIRST, SECOND), (fields) => {
      const isFirst = 'labelString' in fields || 'slaveCpus' in fields
      const file = isFirst ? firstXml([fields, TEMPLATE]) : secondXml([fields, { label: 'sound' }])
      fc.pre(isXml(file))
      const { lines } = importConfiguration(file)
      const told = lines.filter(({ where }) => where.includes('template 1')).map(({ field }) => field.split(/[.[]/)[0])
      const written = Object.entries(fields).filter(([name, value]) => element(name, value) !== '')
      expect(written.map(([name]) => name).filter((name) => !told.includes(name))).toEqual([])
    }),
    RUNS,
  )
})

test('values are written as YAML that reads back as they were', () => {
  const plain = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }).filter(isWellFormed),
    fc.constantFrom('yes', 'null', '1.8', '-', '---', '~', '0x1', 'a: b', 'a #b', '<<', '1e3', '.5'),
  )
  const value = fc.oneof(
    plain,
    fc.integer(),
    fc.boolean(),
    fc.array(plain),
    fc.dictionary(
      plain.filter((key) => key !== '__proto__'),
      plain,
    ),
  )
  fc.assert(
    fc.property(value, (each) => {
      expect(parse(`key: ${flow(each)} # remark`)).toEqual({ key: each })
    }),
    RUNS,
  )
})

test('values in sidecar.env are never cut, joined or run by a shell', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const [line = ''] = envText([{ name: 'MESOS_USER', value, words: 'x', isElseEmbedded: false }])
        .split('\n')
        .slice(-2)
      expect(line).toMatch(/^(#MESOS_USER=|MESOS_USER=([\w@%+=:,./-]+|'[^'\n]*'|"[^"\\$`\n]*"))$/)
    }),
    RUNS,
  )
})
