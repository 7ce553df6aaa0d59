import { describe, expect, test } from '@jest/globals'
import type { ConfigReading } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { CLOUD, type Fields, firstXml, jenkinsXml, list, TEMPLATE } from './import/plugin-xml.ts'

type Variables = Readonly<Record<string, string>>

const PATH = '/var/jenkins_home/config.xml'
const LOGIN = { JENKINS_USER: 'sidecar', JENKINS_TOKEN: 'token-1' }

function read(text: string | undefined, variables: Variables = {}): ConfigReading {
  return readConfig({ JENKINS_CONFIG_XML: PATH, ...LOGIN, ...variables }, (path) => {
    if (path === PATH && text !== undefined) return text
    throw new Error(`ENOENT: no such file or directory, open '${path}'`)
  })
}

const GOOD = firstXml([TEMPLATE])

describe('JENKINS_CONFIG_XML', () => {
  test('gives templates, and what is not set otherwise', () => {
    const reading = read(GOOD)
    expect(reading).toMatchObject({
      ok: true,
      files: [PATH],
      config: {
        jenkins: { url: 'http://ci.example.com:8080/' },
        mesos: { kind: 'zookeeper', roles: ['*'], user: 'jenkins', frameworkName: 'Jenkins Scheduler' },
        agentHttp: { sidecarUrl: 'http://ci.example.com:8091/' },
        templates: [{ name: 'mesos', labels: ['mesos'] }],
      },
    })
  })

  test.each<[Variables, object]>([
    [{ JENKINS_URL: 'http://other' }, { jenkins: { url: 'http://other/' } }],
    [{ MESOS_MASTER: 'http://m:1' }, { mesos: { masters: ['http://m:1'] } }],
    [{ MESOS_ROLES: 'ci' }, { mesos: { roles: ['ci'] }, templates: [{ role: 'ci' }] }],
    [{ MESOS_USER: 'root' }, { mesos: { user: 'root' } }],
    [{ MESOS_FRAMEWORK_NAME: 'mine' }, { mesos: { frameworkName: 'mine' } }],
    [{ SIDECAR_URL: 'http://s:1' }, { agentHttp: { sidecarUrl: 'http://s:1/' } }],
  ])('is overridden by %j', (variables, expected) => {
    expect(read(GOOD, variables)).toMatchObject({ ok: true, config: expected })
  })

  test('never mixes a login of its own with that of the variables', () => {
    const text = firstXml([TEMPLATE], { ...CLOUD, principal: 'old', secret: 'old-secret' })
    expect(read(text)).toMatchObject({ config: { mesos: { credentials: { kind: 'basic', principal: 'old' } } } })
    const given = { MESOS_PRINCIPAL: 'new', MESOS_SECRET: 'new-secret' }
    expect(read(text, given)).toMatchObject({ config: { mesos: { credentials: { principal: 'new' } } } })
  })

  test('tells each note once, with all templates that it holds for', () => {
    const jvmArgs = '-XX:+UseConcMarkSweepGC'
    const templates = ['a', 'b', 'c', 'd', 'e', 'f'].map((labelString) => ({ ...TEMPLATE, labelString, jvmArgs }))
    const notes = read(firstXml(templates)).warnings.filter((each) => each.includes('UseConcMarkSweepGC'))
    expect(notes).toEqual([expect.stringMatching(/template 1 \(a\).* and 2 more: jvmArgs -> /)])
  })

  test.each([
    ['is not there yet', undefined, /JENKINS_CONFIG_XML cannot be used: ENOENT/],
    ['has no cloud yet', '<hudson><clouds/></hudson>', /There is no Mesos cloud/],
    ['is written just now', GOOD.slice(0, 500), /cut off/],
  ])('a file that %s is a mistake, and is watched', (_what, text, words) => {
    const reading = read(text, { MARATHON_APP_ID: '/ci' })
    expect(reading).toMatchObject({ ok: false, files: [PATH], fallback: { stay: true } })
    expect(reading.ok ? [] : reading.mistakes).toEqual([expect.stringMatching(words)])
  })

  test.each<Variables>([{ TEMPLATES_FILE: 'x' }, { TEMPLATES: '{templates: {a: {}}}' }, { AGENT_LABELS: 'a' }])(
    'beside %j is a mistake',
    (variables) => {
      const reading = read(GOOD, variables)
      expect(reading.ok ? [] : reading.mistakes.join(' ')).toContain(
        'Templates come from more than one place (JENKINS_CONFIG_XML',
      )
    },
  )

  test.each<[Fields, string]>([
    [{ jenkinsURL: '' }, 'JENKINS_URL is missing'],
    [{ master: 'what is this' }, 'MESOS_MASTER is missing'],
    [{ slavesUser: '' }, 'MESOS_USER is missing'],
  ])('without %j it says what to set', (fields, words) => {
    const reading = read(firstXml([TEMPLATE], { ...CLOUD, ...fields }))
    expect(reading.ok ? [] : reading.mistakes.join(' ')).toContain(words)
  })

  test('of several masters it serves the first, or the one that is set', () => {
    const cloud = (master: string, labelString: string): Fields => ({
      ...CLOUD,
      master,
      slaveInfos: list('MesosSlaveInfo', [{ ...TEMPLATE, labelString }]),
    })
    const text = jenkinsXml([cloud('a:5050', 'one'), cloud('b:5050', 'two')])
    const first = read(text)
    expect(first).toMatchObject({ config: { mesos: { masters: ['http://a:5050'] }, templates: [{ name: 'one' }] } })
    expect(first.warnings.join(' ')).toContain('clouds of 2 masters')
    expect(read(text, { MESOS_MASTER: 'http://b:5050' })).toMatchObject({ config: { templates: [{ name: 'two' }] } })
  })
})
