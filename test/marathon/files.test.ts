import { readdirSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { readDefinition } from '../../src/marathon/definition.ts'
import { applyPatch } from '../../src/marathon/patch.ts'
import { type Fields, fieldsIn, numberIn, objectsIn, textIn } from '../../src/marathon/read.ts'
import { ours } from './definition.ts'

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
