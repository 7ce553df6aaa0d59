import { expect, test } from '@jest/globals'
import { type StandbySources, standbyView } from '../../src/loop/standby.ts'
import { aTemplate, NOW } from '../support/builders.ts'

const sources: StandbySources = {
  leadership: { role: 'standby', since: NOW, why: 'process 7 on other leads' },
  inPlace: true,
  failure: undefined,
  templates: [aTemplate()],
  caps: { maxAgents: 50, maxCpus: undefined, maxMem: undefined },
  jenkinsUrl: 'http://jenkins.test/',
  now: NOW,
  problems: [],
}

test('a standby says who leads, wherever people look', () => {
  const { health, jenkins, mesos, templates } = standbyView(sources)
  expect(health).toMatchObject({ status: 'standby', words: 'standby: process 7 on other leads' })
  const words = 'this instance does not lead: process 7 on other leads'
  expect([jenkins.error, mesos.why, templates[0]?.words]).toEqual([words, words, words])
})

test('one that leads and can do nothing says why, and not that it does not lead', () => {
  const failure = 'the state was moved'
  const leadership = { role: 'leader', since: NOW, why: 'elected' } as const
  const { health, jenkins, mesos, templates } = standbyView({ ...sources, leadership, inPlace: false, failure })
  expect(health).toMatchObject({ status: 'store', words: failure })
  expect([jenkins.error, mesos.why, templates[0]?.words]).toEqual([failure, failure, failure])
})
