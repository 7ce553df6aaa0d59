import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readConfig } from '../../src/config/read-config.ts'
import { REFERRING } from '../../src/config/references.ts'
import { showSettings } from '../../src/config/show-settings.ts'
import { POD } from './pod-environment.ts'

type Variables = Readonly<Record<string, string>>

function read(variables: Variables) {
  return readConfig(variables, () => '')
}

function mistakesOf(variables: Variables): readonly string[] {
  const reading = read(variables)
  return reading.ok ? [] : reading.mistakes
}

test('settings for addresses and ports have what Marathon says in place of a reference', () => {
  const variables = {
    ...POD,
    PUBLIC_URL: 'http://${HOST}:${EP_HOST_SIDECAR}/',
    HTTP_HOST: '${MESOS_CONTAINER_IP}',
    AGENT_HTTP_HOST: '${MESOS_CONTAINER_IP}',
    STATE_URL: 'file:${MESOS_SANDBOX}/home/sidecar',
    MESOS_CONTAINER_IP: '10.1.2.3',
    MESOS_SANDBOX: '/mnt/mesos/sandbox',
  }
  const reading = read(variables)
  expect(reading).toMatchObject({
    ok: true,
    config: {
      jenkins: { url: 'http://127.0.0.1:31001/jenkins/' },
      http: { host: '10.1.2.3', port: 31_003, publicUrl: 'http://host-1.example.com:31003/' },
      agentHttp: { host: '10.1.2.3', port: 31_004 },
      state: { kind: 'file', folder: '/mnt/mesos/sandbox/home/sidecar' },
    },
  })
  if (!reading.ok) return
  const shown = new Map(showSettings(variables, reading.config).map((setting) => [setting.name, setting]))
  expect(shown.get('JENKINS_URL')).toMatchObject({ value: 'http://127.0.0.1:31001/jenkins', source: 'environment' })
  expect(shown.get('HTTP_PORT')).toMatchObject({ value: '31003', source: 'environment' })
  expect(shown.get('JENKINS_AGENT_URL')).toMatchObject({
    value: 'http://host-1.example.com:31001/jenkins',
    source: 'pod',
  })
})

describe('invariant 11: a wrong reference is named, with what there is', () => {
  const cases: readonly [string, Variables, RegExp][] = [
    [
      'an endpoint that is not there',
      { JENKINS_URL: 'http://127.0.0.1:${ENDPOINT_HTTP}/' },
      /^JENKINS_URL refers to \$\{ENDPOINT_HTTP\}, which is not set; set are .*ENDPOINT_JENKINS.*, HOST/,
    ],
    [
      'one that is empty',
      { HTTP_PORT: '${PORT0}', PORT0: '' },
      /^HTTP_PORT refers to \$\{PORT0\}, which is not set; set are/,
    ],
    [
      'a variable that Marathon does not set',
      { JENKINS_URL: 'http://127.0.0.1/${JENKINS_TOKEN}/' },
      /^JENKINS_URL holds \$\{JENKINS_TOKEN\}: only what Marathon and Mesos set may stand there \(HOST, /,
    ],
    ['no name at all', { SIDECAR_URL: 'http://${a b}/' }, /^SIDECAR_URL holds a reference that is no name: only/],
    ['one without braces', { SIDECAR_URL: 'http://$HOST:1/' }, /^SIDECAR_URL: write \$\{HOST\}, with both braces\.$/],
    ['one without the second brace', { HTTP_PORT: '${PORT0' }, /^HTTP_PORT: write \$\{PORT0\}, with both braces\.$/],
    [
      'one that stands for nonsense',
      { HTTP_PORT: '${ENDPOINT_SIDECAR}', ENDPOINT_SIDECAR: 'x' },
      /^HTTP_PORT must be a whole number\.$/,
    ],
  ]
  test.each(cases)('%s', (_name, variables, expected) => {
    expect(mistakesOf({ ...POD, ...variables })).toEqual([expect.stringMatching(expected)])
  })

  test('outside of a pod nothing is there, and that is said', () => {
    const [mistake] = mistakesOf({ HTTP_PORT: '${PORT0}' })
    expect(mistake).toBe('HTTP_PORT refers to ${PORT0}, which is not set; nothing of that kind is set: is this a pod?')
  })
})

test('invariant 12: under Marathon a wrong reference leaves the sidecar up, with the ports that are right', () => {
  const reading = read({ ...POD, JENKINS_URL: 'http://127.0.0.1:${ENDPOINT_HTTP}/' })
  expect(reading).toMatchObject({ ok: false, fallback: { stay: true, http: { port: 31_003 } } })
})

test('invariant 10: what stands before an @ is neither read nor shown', () => {
  const variables = { ...POD, STATE_URL: 'zk://ci:hush${HUSH}x@a:2181/sidecar' }
  expect(read(variables)).toMatchObject({ ok: true })
  expect(mistakesOf({ ...POD, JENKINS_URL: 'http://u:${HUSH}@ci' }).join()).not.toContain('HUSH')
})

test('invariant 10: no reference leads to the value of a setting, or of any other variable', () => {
  const names = fc.oneof(
    fc.constantFrom('JENKINS_TOKEN', 'API_TOKEN', 'MESOS_SECRET', 'PATH', 'HOSTNAME', 'MESOS_PRINCIPAL', 'PORTAL'),
    fc.string({ minLength: 1 }).filter((name) => !/[{}@]/.test(name)),
  )
  fc.assert(
    fc.property(fc.constantFrom(...REFERRING), names, (setting, name) => {
      fc.pre(
        !/^(HOST|PORT\d*|(PORT|ENDPOINT|EP_HOST|EP_CONTAINER)_.*|MESOS_(SANDBOX|CONTAINER_IP|TASK_ID))$/.test(name),
      )
      const reading = read({ [name]: 'hush-hush', [setting]: `http://h/\${${name}}` })
      expect(reading.ok).toBe(false)
      expect(JSON.stringify(reading)).not.toContain('hush-hush')
    }),
  )
})
