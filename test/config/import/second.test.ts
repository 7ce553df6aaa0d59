import { describe, expect, test } from '@jest/globals'
import { importConfiguration } from '../../../src/config/import/import-configuration.ts'
import { resourcesOf } from '../../../src/core/template.ts'
import { configOf, linesOf, type Row, templateOf } from './imported.ts'
import { list, SECOND_TEMPLATE, secondXml } from './plugin-xml.ts'

const ROWS: readonly Row[] = [
  ['a label', {}, { labels: ['linux'], mode: 'EXCLUSIVE' }, 'label', 'taken', 'labels'],
  [
    'several executors',
    { maxExecutors: 4 },
    { executors: { min: 1, max: 1 } },
    'maxExecutors',
    'changed',
    'executors: 1',
  ],
  ['one build an agent', {}, { oneShot: true }, 'reusable', 'taken', 'oneShot: true'],
  [
    'one build an agent without the field',
    { reusable: undefined },
    { oneShot: true },
    'reusable',
    'taken',
    'one build each',
  ],
  ['many builds', { reusable: true }, { oneShot: false }, 'reusable', 'taken', 'oneShot: false'],
  ['a disk', { disk: '99.5' }, { diskMib: 100 }, 'disk', 'changed', 'diskMib: 100'],
  [
    'attributes',
    { agentAttributes: 'os:linux, url:http://a:1' },
    {
      constraints: [
        { field: 'os', operator: 'IS', value: 'linux' },
        { field: 'url', value: 'http://a:1' },
      ],
    },
    'agentAttributes',
    'taken',
    'attributes',
  ],
  [
    'an attribute without a value',
    { agentAttributes: 'os' },
    { constraints: [] },
    'agentAttributes',
    'no equal',
    'left out: os',
  ],
  ['any region', { domainFilterModel: 'any' }, { regions: 'any' }, 'domainFilterModel', 'taken', 'any'],
  ['the home region', { domainFilterModel: 'home' }, { regions: 'home' }, 'domainFilterModel', 'taken', 'home'],
  [
    'a region by name',
    { domainFilterModel: 'eu-west' },
    { regions: ['eu-west'] },
    'domainFilterModel',
    'changed',
    'home region',
  ],
  [
    'Windows',
    { agentCommandStyle: 'Windows' },
    { launch: { commandStyle: 'windows', secretVia: 'environment' } },
    'agentCommandStyle',
    'changed',
    'shows the secrets',
  ],
  [
    'a URI',
    { additionalURIs: list('MesosAgentSpecTemplate_-URI', [{ value: 'http://a', extract: true }]) },
    { launch: { uris: [{ value: 'http://a', extract: true }] } },
    'additionalURIs[0]',
    'taken',
    'uris',
  ],
  ['less than Mesos gives', { cpus: 0 }, { cpus: { agent: 10 } }, 'cpus', 'changed', '0.01'],
]

test.each(ROWS)('%s', (_what, fields, expected, field, outcome, words) => {
  const text = secondXml([{ ...SECOND_TEMPLATE, ...fields }])
  expect(templateOf(text)).toMatchObject(expected)
  expect(linesOf(text, field)).toMatchObject([{ outcome, words: expect.stringContaining(words) }])
})

test('memory is for the build, and the agent gets a heap that it can live with', () => {
  const text = secondXml([SECOND_TEMPLATE])
  const template = templateOf(text)
  expect(template.launch.heapMib).toBe(256)
  expect(resourcesOf(template, 1)).toEqual({ cpus: 500, mem: 845_000 })
  expect(linesOf(text, 'mem')[0]?.words).toContain(
    '(256 + 512) * 1.1 = 845 MiB; it was 512 + 32 = 544 MiB with -Xmx32m',
  )
})

test('the user is nobody where none is given, as with the plugin', () => {
  expect(configOf(secondXml([SECOND_TEMPLATE], { agentUser: undefined })).mesos.user).toBe('nobody')
})

describe('Configuration as Code', () => {
  const casc = (fields: string, rest = ''): string => `jenkins:
  clouds:
    - kubernetes: { name: k }
    - mesos:
        mesosMasterUrl: http://leader.mesos:5050
        agentUser: root
        mesosAgentSpecTemplates:
          - { label: linux, cpus: "0.5", mem: "512", ${fields} }
${rest}`

  test('is read like XML', () => {
    const text = casc('idleTerminationMinutes: 3', 'unclassified: { location: { url: "https://ci.example.com/" } }')
    expect(configOf(text)).toMatchObject({
      jenkins: { url: 'https://ci.example.com/' },
      mesos: { masters: ['http://leader.mesos:5050'], user: 'root' },
      templates: [{ name: 'linux', cpus: { agent: 500 }, oneShot: true, idleTimeoutMs: 180_000 }],
    })
  })

  test.each([
    ['jnlpArgs: "${ARGS:--noReconnect}"', 'jnlpArgs', { launch: { agentArgs: ['-noReconnect'] } }, 'kept'],
    ['domainFilterModel: "${R:-any}"', 'domainFilterModel', { regions: 'any' }, 'any'],
    ['disk: "${DISK}"', 'disk', { diskMib: 0 }, 'only Jenkins knows'],
  ])('has placeholders: %s', (fields, field, expected, words) => {
    const text = casc(fields, 'unclassified: { location: { url: "https://ci.example.com/" } }')
    expect(templateOf(text)).toMatchObject(expected)
    expect(linesOf(text, field)).toMatchObject([{ words: expect.stringContaining(words) }])
  })

  test('leaves to fill in what only Jenkins knows', () => {
    const text = `jenkins: { clouds: [ { mesos: { mesosMasterUrl: "\${MASTER}", role: "\${ROLE}", agentUser: "\${USER}", jenkinsURL: "\${URL}", mesosAgentSpecTemplates: [ { label: a } ] } } ] }`
    const [sidecar] = importConfiguration(text).sidecars
    const missing = sidecar?.variables.filter(({ value }) => value === undefined).map(({ name }) => name)
    expect(missing).toEqual(expect.arrayContaining(['JENKINS_URL', 'MESOS_MASTER', 'MESOS_USER', 'SIDECAR_URL']))
    expect(linesOf(text, 'role')).toMatchObject([{ outcome: 'no equal' }])
  })

  test('repeats pieces by their names', () => {
    const text = `x: &base { label: a, cpus: 1, mem: 64 }
jenkins:
  clouds:
    - mesos: { mesosMasterUrl: "h:5050", jenkinsURL: "http://j/", agentUser: u, mesosAgentSpecTemplates: [ *base, { <<: *base, label: b, mem: 128 }, { <<: [ { mem: 1 }, *base ], label: c } ] }
`
    const { templates } = configOf(text)
    expect(templates.map(({ name, memMib, cpus }) => [name, memMib.perExecutor, cpus.agent])).toEqual([
      ['a', 64, 1000],
      ['b', 128, 1000],
      ['c', 1, 1000],
    ])
  })
})
