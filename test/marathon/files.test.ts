import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'
import { readDefinition } from '../../src/marathon/definition.ts'
import { applyPatch } from '../../src/marathon/patch.ts'
import { type Fields, fieldsIn, numberIn, objectsIn, textIn } from '../../src/marathon/read.ts'
import { ours } from './definition.ts'
import { appEnvironment, podEnvironment } from './environment.ts'

const files = readdirSync('marathon').filter((name) => name.endsWith('.json'))
const values = readdirSync('marathon/values').map((name) => `values/${name}`)
const pods = files.filter((name) => name.startsWith('pod'))
const apps = files.filter((name) => !name.startsWith('pod'))

const bodyOf = (name: string): Fields => ours(name) as Fields
const container = (pod: Fields, name: string): Fields | undefined =>
  objectsIn(pod, 'containers').find((each) => textIn(each, 'name') === name)

test('there is a file for each way', () => {
  expect(files.sort()).toEqual([
    'app.json',
    'jenkins-on-mesos.json',
    'jenkins.json',
    'pod-dcos-strict.json',
    'pod-persistent.json',
    'pod.json',
    'sidecars.json',
  ])
})

test.each(files)('%s is what Marathon takes, as it stands', (name) => {
  const reading = readDefinition(ours(name))
  expect(reading.ok ? [] : reading.mistakes).toEqual([])
})

test.each(['pod.json', 'pod-persistent.json'].flatMap((name) => values.map((value) => [name, value] as const)))(
  '%s with %s is, too',
  (name, value) => {
    const { value: merged, mistakes } = applyPatch(ours(name), ours(value))
    expect(mistakes).toEqual([])
    expect(readDefinition(merged)).toMatchObject({ ok: true })
  },
)

describe.each(pods)('%s', (name) => {
  const pod = bodyOf(name)
  const scheduling = fieldsIn(pod, 'scheduling')

  test('never has two Jenkins on one home', () => {
    expect(fieldsIn(pod, 'scaling')).toEqual({ kind: 'fixed', instances: 1 })
    expect(fieldsIn(scheduling, 'upgrade')).toEqual({ minimumHealthCapacity: 0, maximumOverCapacity: 0 })
    expect(scheduling?.['unreachableStrategy']).toBe('disabled')
  })

  test('gives every endpoint a port of the host', () => {
    const endpoints = objectsIn(pod, 'containers').flatMap((each) => objectsIn(each, 'endpoints'))
    expect(endpoints.map((each) => [textIn(each, 'name'), numberIn(each, 'hostPort')])).toEqual([
      ['jenkins', 0],
      ['agents', 0],
      ['sidecar', 0],
      ['secrets', 0],
    ])
    expect(pod['networks']).toEqual([{ mode: 'host' }])
  })

  test('is patient with Jenkins, and lets nothing but Jenkins end it', () => {
    const check = fieldsIn(container(pod, 'jenkins'), 'healthCheck')
    expect(numberIn(check, 'gracePeriodSeconds')).toBeGreaterThanOrEqual(600)
    expect(container(pod, 'sidecar')).not.toHaveProperty('healthCheck')
    const grace = ['jenkins', 'sidecar'].map((each) =>
      numberIn(fieldsIn(container(pod, each), 'lifecycle'), 'killGracePeriodSeconds'),
    )
    expect(grace).toEqual([60, 30])
  })

  test('keeps the state of the sidecar where it survives, and secrets out of sight', () => {
    const ephemeral = objectsIn(pod, 'volumes').filter((volume) => Object.keys(volume).length === 1)
    expect(ephemeral).toEqual([])
    const environment = fieldsIn(container(pod, 'sidecar'), 'environment') ?? {}
    expect(environment['STATE_URL']).toBe('file:/var/lib/jenkins-mesos-sidecar')
    for (const secret of ['JENKINS_TOKEN', 'API_TOKEN']) {
      expect(environment[secret] ?? { secret: expect.any(String) }).toEqual({ secret: expect.any(String) })
      expect(environment).toHaveProperty(Object.hasOwn(environment, secret) ? secret : `${secret}_FILE`)
    }
  })
})

test.each(apps)('%s is looked at by Mesos, where it listens', (name) => {
  expect(objectsIn(bodyOf(name), 'healthChecks')).toEqual([
    expect.objectContaining({ protocol: 'MESOS_HTTP', portIndex: 0 }),
  ])
})

test('two sidecars never share a host, nor a folder', () => {
  const app = bodyOf('sidecars.json')
  expect(app).toMatchObject({ instances: 2, constraints: [['hostname', 'UNIQUE']] })
  expect(fieldsIn(app, 'env')?.['STATE_URL']).toMatch(/^zk:\/\//)
})

describe('the program accepts what the file and Marathon tell it', () => {
  const FILES: Readonly<Record<string, string>> = {
    '/run/secrets/jenkins-token': '0123456789abcdef',
    '/run/secrets/api-token': 'a-token-that-nobody-guesses',
    '/run/secrets/dcos-ca.crt': readFileSync('test/fixtures/tls/ca.pem', 'utf8'),
  }
  const environments: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    Readonly<Record<string, unknown>>,
  ])[] = [
    ...pods.map((name) => {
      const http = { host: '0.0.0.0', port: 31_003 }
      const agentHttp = { host: '0.0.0.0', port: 31_004, sidecarUrl: 'http://host-1.example.com:31004/' }
      const jenkins = { url: 'http://127.0.0.1:31001/', agentUrl: 'http://host-1.example.com:31001/' }
      return [name, podEnvironment(bodyOf(name), 'sidecar'), { http, agentHttp, jenkins }] as const
    }),
    ...['app.json', 'sidecars.json'].map((name) => {
      const http = { host: '0.0.0.0', port: 31_001 }
      const agentHttp = { host: '0.0.0.0', port: 31_002, sidecarUrl: 'http://host-1.example.com:31002/' }
      const jenkins = { url: 'http://host-1.example.com:31080/' }
      return [name, appEnvironment(bodyOf(name)), { http, agentHttp, jenkins }] as const
    }),
  ]
  test.each(environments)('%s', (name, environment, config) => {
    const reading = readConfig(environment, (path) => FILES[path] ?? '')
    expect(reading.ok ? [] : reading.mistakes).toEqual([])
    expect(reading).toMatchObject({ ok: true, config: { ...config, stay: true, templates: [{ labels: ['linux'] }] } })
    // As an app it talks to Jenkins over the network: https is the site's to add.
    expect(reading.warnings).toEqual(
      name.startsWith('pod') ? [] : [expect.stringMatching(/^JENKINS_TOKEN travels in clear/)],
    )
  })
})
