import { describe, expect, test } from '@jest/globals'
import { importConfiguration } from '../../../src/config/import/import-configuration.ts'
import { configOf, linesOf } from './imported.ts'
import { CLOUD, type Fields, firstXml, TEMPLATE } from './plugin-xml.ts'

describe('a cloud of the first generation', () => {
  const cloud = (fields: Fields): string => firstXml([TEMPLATE], { ...CLOUD, ...fields })
  test.each<[Fields, object]>([
    [{ master: 'leader.mesos:5050' }, { mesos: { kind: 'masters', masters: ['http://leader.mesos:5050'] } }],
    [{ master: 'leader.mesos' }, { mesos: { masters: ['http://leader.mesos:5050'] } }],
    [{ master: 'local' }, { mesos: { kind: 'embedded' } }],
    [{ master: 'zk://u:p@a,b:2182/m' }, { mesos: { kind: 'zookeeper', ensemble: { path: '/m' } } }],
    [{ role: 'ci' }, { mesos: { roles: ['ci'] }, templates: [{ role: 'ci' }] }],
    [{ frameworkName: "o'k" }, { mesos: { frameworkName: "o'k" } }],
    [{ slavesUser: 'root' }, { mesos: { user: 'root' } }],
    [{ principal: 'p', secret: 'long-secret' }, { mesos: { credentials: { kind: 'basic', principal: 'p' } } }],
    [
      { jenkinsURL: 'http://j:11567/ci' },
      { jenkins: { url: 'http://j:11567/ci/' }, agentHttp: { sidecarUrl: 'http://j:8091/' } },
    ],
  ])('%j', (fields, expected) => {
    expect(configOf(cloud(fields))).toMatchObject(expected)
  })

  test.each<[Fields, Readonly<Record<string, string>>]>([
    [{ slavesUser: '' }, { MESOS_USER: 'x' }],
    [{ master: 'two words' }, { MESOS_MASTER: 'http://m:5050' }],
    [{ jenkinsURL: '' }, { JENKINS_URL: 'http://j', SIDECAR_URL: 'http://j:8091' }],
    [{ jenkinsURL: 'ftp://x' }, { JENKINS_URL: 'http://j', SIDECAR_URL: 'http://j:8091' }],
    [{ credentialsId: 'abc' }, { MESOS_PRINCIPAL: 'p', MESOS_SECRET: 's' }],
    [
      { principal: 'p', secret: '{AQAAABAAAAAQ=}' },
      { MESOS_PRINCIPAL: 'p', MESOS_SECRET: 's' },
    ],
  ])('%j is left to fill in', (fields, filledIn) => {
    const text = cloud(fields)
    const missing = importConfiguration(text).sidecars[0]?.variables.filter(({ value }) => value === undefined)
    const names = missing?.map(({ name }) => name.replace(/_FILE$/, ''))
    expect(names).toEqual(expect.arrayContaining(Object.keys(filledIn)))
    expect(names).toHaveLength(Object.keys(filledIn).length + 2)
    expect(configOf(text, filledIn).templates).toHaveLength(1)
  })

  test.each([
    [
      '300000',
      'changed',
      '300000 ms / 1000 = 300 s were meant; the plugin took it for seconds and refused hosts for 3.5 days',
    ],
    ['600000', 'changed', '6.9 days'],
    ['600', 'no equal', 'No setting is needed'],
    ['often', 'no equal', 'No setting is needed'],
  ])('a refusal of %s', (declineOfferDuration, outcome, words) => {
    expect(linesOf(cloud({ declineOfferDuration }), 'declineOfferDuration')).toMatchObject([
      { outcome, words: expect.stringContaining(words) },
    ])
  })
})
