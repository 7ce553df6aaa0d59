import { describe, expect, test } from '@jest/globals'
import { describeAgent } from '../../src/core/markers.ts'
import type { AgentId, FrameworkId, TemplateName } from '../../src/core/model.ts'
import { NODE_TYPES, nodeForm } from '../../src/jenkins/node-form.ts'
import type { NodeSpec } from '../../src/loop/ports.ts'
import type { Farm } from '../support/farm.ts'
import { asAdmin, farmJenkins } from '../support/farm-jenkins.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('another Jenkins answers at JENKINS_URL', () => {
  async function withOther(): Promise<{ readonly farm: Farm; readonly close: () => Promise<void> }> {
    const farm = await start()
    farm.job('a', 200_000)
    await farm.until(() => farm.running === 1, 30_000)
    let ids = 0
    const nextId = (): string => `e${ids++}`
    const other = farmJenkins(farm.clock, nextId, { secretKey: 'another key' })
    await other.start()
    other.createJob({ name: 'x', label: 'linux', durationMs: 1_000 })
    farm.crashSidecar()
    farm.sendSidecarTo(other)
    await farm.startSidecar()
    return { farm, close: () => other.stop() }
  }

  test('invariants 1 and 6: nothing is added or taken away, and a person is asked', async () => {
    const { farm, close } = await withOther()
    const steps = farm.steps.length
    await farm.advance(120_000)
    expect(farm.tasks).toHaveLength(1)
    expect(farm.steps.slice(steps).map(({ name }) => name)).toEqual(expect.not.arrayContaining(['KILL', 'ACCEPT']))
    expect(farm.steps.slice(steps).filter(({ name }) => name.includes('jenkins.test'))).toEqual([])
    const { status, words } = farm.view.health
    expect(status).toBe('other_jenkins')
    expect(words).toContain('another controller')
    expect(words).toContain('POST /api/v1/actions/accept-jenkins')
    expect(farm.view.problems).toContain(words)
    expect(await farm.metric('other_jenkins')).toBe(1)
    expect(farm.logged.filter((line) => line.includes('is another controller'))).toHaveLength(1)
    await close()
    // The right one is back, with the URL as it was.
    farm.sendSidecarTo(farm.jenkins)
    await farm.restartSidecar()
    await farm.allSucceed(250_000)
    await farm.empty(90_000)
    expect(farm.launched).toHaveLength(1)
  })

  test('an operator accepts it: it is the one from now on, also after a restart, and the old agents go', async () => {
    const { farm, close } = await withOther()
    await farm.until(() => farm.view.health.status === 'other_jenkins', 10_000)
    farm.checker.removal.forced = true // with this call a person gives up what runs in the old one
    expect((await farm.action('accept-jenkins')).status).toBe(200)
    await farm.until(() => farm.view.health.status === 'ok', 10_000, 'health')
    await farm.until(() => farm.tasks.length === 0, 60_000, 'the old task gone')
    await farm.restartSidecar()
    await farm.until(() => farm.view.health.status === 'ok', 10_000, 'health')
    expect(await farm.action('accept-jenkins')).toMatchObject({ status: 409 })
    await farm.advance(1_000)
    await close()
  })
})

describe('JENKINS_URL changes', () => {
  test('to another name of the same controller: agents stay, and it is said that they can use the old one', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    farm.crashSidecar()
    farm.sendSidecarTo(farm.jenkins, 'http://ci.test:8080')
    await farm.startSidecar({ JENKINS_URL: 'http://ci.test:8080/' })
    expect(farm.view.health.status).not.toBe('other_jenkins')
    await farm.until(() => farm.logged.some((line) => line.includes('the same controller')), 10_000)
    await farm.until(() => farm.logged.some((line) => line.includes('this Jenkins answers at both')), 10_000)
    await farm.allSucceed(90_000)
    await farm.empty(90_000)
  })
})

const GONE = 'mesos-linux-longgone'

/** A node as the program made it once. */
function longGone(farm: Farm): NodeSpec {
  const frameworkId = farm.mesos.snapshot().frameworks[0]?.id as FrameworkId
  const mark = { agentId: GONE as AgentId, template: 'linux' as TemplateName, frameworkId, owner: 'jenkins' }
  return {
    name: GONE,
    description: describeAgent(mark, 'a waits'),
    remoteFs: 'jenkins',
    executors: 1,
    mode: 'NORMAL',
    labels: ['linux'],
    connection: 'auto',
  }
}

describe('Jenkins was restored from an old backup', () => {
  test('nodes of agents that are long gone are removed again', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.until(() => farm.running === 1, 30_000)
    await farm.allSucceed(30_000)
    await farm.empty(90_000)
    await asAdmin(farm.jenkins, 'POST', '/computer/doCreateItem', nodeForm(longGone(farm), NODE_TYPES[0], '2.541.3'))
    expect(farm.agentNodes).toEqual([GONE])
    await farm.advance(100_000)
    expect(farm.agentNodes).toEqual([GONE])
    await farm.empty(60_000)
    expect(await farm.metric('orphans_removed_total{kind="node"}')).toBe(1)
  })

  test('invariant 8: nodes of living agents are missing: all of them go, after the brake, and waiting builds get new ones', async () => {
    const farm = await start({ hosts: 4, templates: { linux: { ...LINUX, maxAgents: 8, idleTimeoutSeconds: 600 } } })
    for (let index = 0; index < 8; index++) farm.job(`job-${index}`, 20_000)
    await farm.allSucceed(90_000)
    expect(farm.tasks).toHaveLength(8)
    for (const name of farm.agentNodes) await asAdmin(farm.jenkins, 'POST', `/computer/${name}/doDelete`)
    await farm.until(() => farm.view.brake !== undefined, 30_000, 'the brake')
    expect(farm.tasks).toHaveLength(8)
    expect(farm.view.brake).toMatchObject({ agents: 8 })
    expect(farm.view.brake?.held).toHaveLength(8)
    expect(await farm.metric('brake_held_agents')).toBe(8)
    await farm.until(() => farm.tasks.length === 0, 30_000, 'all tasks gone')
    expect(farm.view.brake).toBeUndefined()
    farm.job('after', 5_000)
    await farm.allSucceed(60_000)
    expect(farm.launched).toHaveLength(9)
  })
})

describe('the brake', () => {
  test('an operator lets it go at once; while it holds nothing there is nothing to release', async () => {
    const farm = await start({
      hosts: 4,
      templates: { linux: { ...LINUX, maxAgents: 8, idleTimeoutSeconds: 600 } },
      environment: { POLL_INTERVAL_MS: '60000' },
    })
    expect(await farm.action('release-brake')).toEqual({ status: 409, words: 'The brake holds nothing.' })
    for (let index = 0; index < 6; index++) farm.job(`job-${index}`, 20_000)
    await farm.allSucceed(300_000)
    await farm.until(() => farm.view.agents.every(({ state }) => state === 'online'), 90_000)
    for (const name of farm.agentNodes) await asAdmin(farm.jenkins, 'POST', `/computer/${name}/doDelete`)
    await farm.until(() => farm.view.brake !== undefined, 240_000, 'the brake')
    const at = farm.virtual.now()
    expect((await farm.action('release-brake')).words).toBe(
      'The brake is released: 6 of 6 agents go, each after its builds.',
    )
    await farm.until(() => farm.tasks.length === 0, 30_000, 'all tasks gone')
    expect(farm.virtual.now() - at).toBeLessThan(20_000)
    expect(farm.logged.filter((line) => line.includes('an operator called'))).toHaveLength(2)
  })
})
