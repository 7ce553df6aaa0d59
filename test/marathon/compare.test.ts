import { describe, expect, test } from '@jest/globals'
import { changesBetween } from '../../src/marathon/compare.ts'
import { type Definition, readDefinition } from '../../src/marathon/definition.ts'
import { applyPatch } from '../../src/marathon/patch.ts'
import { showPath } from '../../src/marathon/path.ts'
import { ours } from './definition.ts'

function definitionOf(name: string): Definition {
  const reading = readDefinition(ours(name))
  if (!reading.ok) throw new Error(name)
  return reading.definition
}

/** Paths that deploying the file would change where this runs. */
const changed = (name: string, running: unknown): readonly string[] =>
  changesBetween(definitionOf(name), running).map(({ path }) => showPath(path))

/** What Marathon adds to what it was sent. */
const ADDED = {
  version: '2026-01-01T00:00:00Z',
  role: '*',
  environment: {},
  labels: {},
  executorResources: { cpus: 0.1, mem: 32, disk: 10 },
  containers: {
    jenkins: {
      labels: {},
      artifacts: [],
      exec: { overrideEntrypoint: false },
      image: { forcePull: false, labels: {} },
      resources: { disk: 0, gpus: 0 },
    },
    sidecar: { newerThanThis: { a: 1 } },
  },
}

test('what Marathon adds by itself is no change', () => {
  const { value } = applyPatch(ours('pod.json'), ADDED)
  expect(changed('pod.json', value)).toEqual([])
})

test('nor is the order of what has names', () => {
  const pod = ours('pod.json') as { readonly containers: readonly object[] }
  expect(changed('pod.json', { ...pod, containers: pod.containers.toReversed() })).toEqual([])
})

describe('what is a change', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['another value', { containers: { jenkins: { resources: { mem: 1 } } } }, ['containers.jenkins.resources.mem']],
    [
      'one of a variable',
      { containers: { sidecar: { environment: { AGENT_CPUS: '9' } } } },
      ['containers.sidecar.environment.AGENT_CPUS'],
    ],
    [
      'a variable too many',
      { containers: { sidecar: { environment: { MAX_AGENTS: '9' } } } },
      ['containers.sidecar.environment.MAX_AGENTS'],
    ],
    [
      'a variable too few',
      { containers: { sidecar: { environment: { AGENT_CPUS: null } } } },
      ['containers.sidecar.environment.AGENT_CPUS'],
    ],
    ['a volume too few', { volumes: { state: null } }, ['volumes.state']],
    [
      'a health check too many',
      { containers: { sidecar: { healthCheck: { http: { endpoint: 'sidecar' } } } } },
      ['containers.sidecar.healthCheck.http.endpoint'],
    ],
    [
      'a default that somebody changed',
      { executorResources: { mem: 64 }, containers: { sidecar: { resources: { disk: 5 } } } },
      ['executorResources.mem', 'containers.sidecar.resources.disk'],
    ],
    [
      'another strategy',
      { scheduling: { unreachableStrategy: { inactiveAfterSeconds: 1 } } },
      ['scheduling.unreachableStrategy'],
    ],
    [
      'another place',
      { scheduling: { placement: { constraints: [{ fieldName: 'hostname', operator: 'UNIQUE' }] } } },
      ['scheduling.placement.constraints.0.operator', 'scheduling.placement.constraints.0.value'],
    ],
    ['a user that is gone', { user: null }, ['user']],
  ])('%s', (_what, patch, paths) => {
    const { value } = applyPatch(ours('pod.json'), patch)
    expect([...changed('pod.json', value)].sort()).toEqual([...paths].sort())
  })
})

test('what runs and is no field of an app is passed over', () => {
  const { value } = applyPatch(ours('jenkins-on-mesos.json'), {
    ...{
      version: 'x',
      tasks: [],
      tasksRunning: 1,
      deployments: [],
      versionInfo: {},
      ports: [10_000],
      uris: [],
      networks: [{ mode: 'host' }],
    },
    ...{
      executor: '',
      maxLaunchDelaySeconds: 300,
      backoffSeconds: 1,
      backoffFactor: 1.15,
      requirePorts: false,
      killSelection: 'YOUNGEST_FIRST',
    },
    portDefinitions: { jenkins: { port: 10_000, labels: {} } },
    healthChecks: { 0: { ignoreHttp1xx: false, ipProtocol: 'IPv4' } },
    fetch: { 0: { executable: false } },
  })
  expect(changed('jenkins-on-mesos.json', value)).toEqual([])
})
