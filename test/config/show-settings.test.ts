import { expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { showSettings } from '../../src/config/show-settings.ts'

function shown(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
  const reading = readConfig(env, (path) => files[path] ?? '')
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  const settings = showSettings(env, reading.config)
  const of = (name: string): Record<'value' | 'source' | 'secret', unknown> => {
    const found = settings.find((setting) => setting.name === name)
    return { value: found?.value, source: found?.source, secret: found?.secret }
  }
  return { settings, of }
}

const URLS = {
  JENKINS_URL: 'https://jenkins.test/ci',
  JENKINS_USER: 'ci',
  MESOS_USER: 'jenkins',
  SIDECAR_URL: 'http://here:8091',
  AGENT_LABELS: 'linux',
}

test('every setting of the manual is there once, with its default', () => {
  const { settings, of } = shown({})
  const rows = SETTINGS.map(({ name }) => name).filter(
    (name) => !/^(JENKINS_TOKEN|MESOS_SECRET|DCOS.*|API_TOKEN|MESOS_MASTER|STATE_URL)_FILE$/.test(name),
  )
  expect(settings.map(({ name }) => name)).toEqual(rows)
  expect(of('MAX_AGENTS')).toEqual({ value: '50', source: 'default', secret: false })
  expect(of('MAX_CPUS')).toEqual({ value: undefined, source: 'default', secret: false })
  expect(of('JENKINS_TOKEN')).toEqual({ value: undefined, source: 'default', secret: true })
})

test('invariant 10: of a secret it is shown that it is set, and addresses have no password', () => {
  const { settings, of } = shown(
    {
      ...URLS,
      JENKINS_TOKEN: 'hush-token-1',
      MESOS_MASTER: 'zk://ci:hush-pass@a:2181,b:2181/mesos',
      MESOS_PRINCIPAL: 'ci',
      MESOS_SECRET_FILE: '/secret',
      STATE_URL_FILE: '/state',
      API_TOKEN: 'hush-api-token',
      AGENT_JVM_ARGS: '-Dhttp.proxyPassword=hush-jvm',
    },
    { '/secret': 'hush-mesos', '/state': 'zk://side:hush-state@a:2181/sidecar' },
  )
  expect(JSON.stringify(settings)).not.toContain('hush')
  expect(of('JENKINS_TOKEN')).toEqual({ value: 'set, not shown', source: 'environment', secret: true })
  expect(of('MESOS_SECRET')).toEqual({ value: 'set, not shown', source: 'file', secret: true })
  expect(of('MESOS_MASTER')).toEqual({ value: 'zk://a:2181,b:2181/mesos', source: 'environment', secret: false })
  expect(of('STATE_URL')).toEqual({ value: 'zk://a:2181/sidecar', source: 'file', secret: false })
  expect(of('JENKINS_URL')).toEqual({ value: 'https://jenkins.test/ci', source: 'environment', secret: false })
})
