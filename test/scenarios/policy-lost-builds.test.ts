import { expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { SIDECAR_TOKEN } from '../support/farm-jenkins.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const MINUTE = 60_000
const RIGHTS = [
  'Overall/Read',
  'Job/Read',
  'Agent/Create',
  'Agent/Connect',
  'Agent/Delete',
  'Agent/Disconnect',
] as const

async function lostFarm(over: object, mayBuild = true): Promise<Farm> {
  const permissions = [...RIGHTS, ...(mayBuild ? (['Job/Build'] as const) : [])]
  return await start({
    hosts: 3,
    templates: { linux: { ...LINUX, rescheduleLostBuilds: true, unreachableTimeoutSeconds: 120, ...over } },
    jenkins: { users: [{ name: 'sidecar', apiToken: SIDECAR_TOKEN, permissions }] },
  })
}

function withParameter(farm: Farm, password: boolean): void {
  const parameters = [{ name: 'P', defaultValue: 'usual', password }]
  farm.jenkins.createJob({ name: 'a', label: 'linux', durationMs: 10 * MINUTE, parameters })
  farm.jenkins.build('a')
}

/** The host of the one build is lost, as machines are. */
async function loseHost(farm: Farm): Promise<void> {
  await farm.until(() => farm.running === 1, MINUTE, 'a build')
  farm.troubled = true // builds end otherwise than by themselves
  await farm.mesos.removeHost(farm.tasks[0]?.hostname ?? '', { tasks: 'lost' })
}

const buildsOf = (farm: Farm) => farm.jenkins.jobs.flatMap(({ builds }) => builds)

test.each([
  [
    'gone for good, as Mesos says',
    async (farm: Farm) => {
      await farm.until(() => farm.running === 1, MINUTE, 'a build')
      farm.troubled = true
      await farm.mesos.unregisterHost(farm.tasks[0]?.hostname ?? '')
    },
  ],
  ['not reached any more, and is given up', loseHost],
] as const)('a build whose host is %s is started again once, with its parameters', async (_how, lose) => {
  const farm = await lostFarm({})
  withParameter(farm, false)
  await lose(farm)
  await farm.until(() => buildsOf(farm).length === 2, 20 * MINUTE, 'a second build')
  await farm.until(() => buildsOf(farm)[1]?.result === 'SUCCESS', 20 * MINUTE, 'its good end')
  expect(buildsOf(farm).map(({ result, parameters }) => [result, parameters])).toEqual([
    ['FAILURE', [['P', 'usual']]],
    ['SUCCESS', [['P', 'usual']]],
  ])
  expect(buildsOf(farm)[1]).toMatchObject({ by: 'sidecar' })
  await farm.advance(12 * MINUTE)
  expect(buildsOf(farm)).toHaveLength(2)
})

test.each<[string, object, boolean, boolean, RegExp]>([
  ['a template that does not ask for it', { rescheduleLostBuilds: false }, true, false, /task ended/],
  ['a job with a password', {}, true, true, /does not tell the value of its parameter P/],
  ['a user without the right to', {}, false, false, /give the user of the sidecar Job\/Build/],
])('not with %s', async (_what, over, mayBuild, password, words) => {
  const farm = await lostFarm(over, mayBuild)
  withParameter(farm, password)
  await loseHost(farm)
  await farm.advance(12 * MINUTE)
  expect(buildsOf(farm)).toHaveLength(1)
  if (!('rescheduleLostBuilds' in over)) expect(farm.logged.filter((line) => words.test(line))).toHaveLength(1)
})

test('not when the host comes back in time: the build goes on', async () => {
  const farm = await lostFarm({ unreachableTimeoutSeconds: 600 })
  farm.job('a', 5 * MINUTE)
  await farm.until(() => farm.running === 1, MINUTE, 'a build')
  const host = farm.tasks[0]?.hostname ?? ''
  await farm.mesos.removeHost(host, { tasks: 'keep' })
  await farm.until(() => farm.view.agents[0]?.state === 'unreachable', 3 * MINUTE, 'TASK_UNREACHABLE')
  await farm.mesos.returnHost(host)
  await farm.allSucceed(10 * MINUTE)
  await farm.empty(5 * MINUTE)
  expect(buildsOf(farm)).toHaveLength(1)
})

test('kill -9 of the sidecar meanwhile makes no second build of it', async () => {
  const farm = await lostFarm({})
  farm.job('a', 10 * MINUTE)
  await loseHost(farm)
  await farm.until(() => buildsOf(farm).length === 2, 20 * MINUTE, 'a second build')
  await farm.restartSidecar()
  await farm.advance(12 * MINUTE)
  expect(buildsOf(farm).map(({ result }) => result)).toEqual(['FAILURE', 'SUCCESS'])
})
