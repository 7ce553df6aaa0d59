import { describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { farmJenkins } from '../support/farm-jenkins.ts'
import { JENKINS, LINUX, MESOS } from '../support/farm-options.ts'
import { leads, pair } from '../support/sidecar-pair.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

const ELSEWHERE = 'http://host-2.test:31007'
const TEMPLATES = { linux: { ...LINUX, idleTimeoutSeconds: 600 } }

/** What a pod has when it was placed: Jenkins by loopback is another matter than Jenkins as agents are told of it. */
function podAt(origin: string): Readonly<Record<string, string>> {
  const { hostname, port } = new URL(origin)
  return {
    MARATHON_APP_ID: '/ci/jenkins',
    HOST: hostname,
    ENDPOINT_JENKINS: port,
    JENKINS_URL: 'http://${HOST}:${ENDPOINT_JENKINS}/',
  }
}

async function placedAt(origin: string): Promise<Farm> {
  return await start({ templates: TEMPLATES, environment: podAt(origin) })
}

/** The whole pod ends and is placed elsewhere: Jenkins takes its time, the sidecar is there at once. */
async function move(farm: Farm, from: string, to: string): Promise<void> {
  if (farm.life.alive) farm.crashSidecar()
  const back = farm.jenkins.restart({ downMs: 3_000, startingMs: 20_000 })
  farm.moveJenkins(from, to)
  await farm.startSidecar(podAt(to))
  await farm.until(() => farm.jenkins.phase === 'ready', 60_000, 'Jenkins')
  await back
}

async function answers(farm: Farm, url: string): Promise<{ readonly status: number; readonly body: string }> {
  const { statusCode, body } = await (await farm.life.program.app()).inject({ method: 'GET', url })
  return { status: statusCode, body }
}

function told(farm: Farm, words: string): number {
  return farm.logged.filter((line) => line.includes(words)).length
}

describe('invariant 12: Jenkins is not there yet', () => {
  test('the sidecar waits as long as it takes, is alive, says that it is not ready, and then serves what waits', async () => {
    const farm = await placedAt(JENKINS)
    farm.crashSidecar()
    const before = farm.logged.length
    const late = farm.jenkins.restart({ downMs: 1_500_000, startingMs: 300_000 })
    await farm.startSidecar()
    await farm.advance(1_200_000)
    expect((await answers(farm, '/health/live')).status).toBe(200)
    const ready = await answers(farm, '/health/ready')
    expect(ready.status).toBe(503)
    expect(ready.body).toContain('Jenkins')
    await farm.until(() => farm.jenkins.phase === 'ready', 900_000, 'Jenkins')
    await late
    await farm.until(() => farm.view.health.status === 'ok', 60_000, 'health')
    const lines = farm.logged.slice(before).filter((line) => line.includes('Jenkins'))
    // Nobody listens, then it is starting: two things to know, each once.
    expect(lines.filter((line) => line.includes('Jenkins cannot be read'))).toHaveLength(2)
    expect(lines.filter((line) => line.includes('Jenkins can be read again'))).toHaveLength(1)
    expect(farm.logged.slice(before).filter((line) => line.includes('a round failed'))).toEqual([])
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    expect(farm.launched).toHaveLength(1)
  })

  test('Jenkins restarts in the pod while the sidecar lives: agents come back, and nothing is launched twice', async () => {
    const farm = await placedAt(JENKINS)
    farm.job('long', 200_000)
    await farm.until(() => farm.running === 1, 30_000)
    const from = farm.logged.length
    const back = farm.jenkins.restart({ downMs: 30_000, startingMs: 60_000 })
    await farm.advance(60_000)
    expect((await answers(farm, '/health/live')).status).toBe(200)
    await farm.until(() => farm.onlineAgents === 1, 120_000, 'the agent back')
    await back
    await farm.until(() => farm.view.health.status === 'ok', 60_000, 'health')
    expect(farm.launched).toHaveLength(1)
    expect(farm.logged.slice(from).filter((line) => line.includes('Jenkins can be read again'))).toHaveLength(1)
    expect(farm.calls('KILL')).toEqual([])
  })
})

test('SIGTERM while neither Jenkins nor Mesos answers: it ends within the grace period and leaves agents running', async () => {
  const farm = await placedAt(JENKINS)
  farm.job('a', 60_000)
  await farm.until(() => farm.running === 1, 30_000)
  farm.faults.freeze(JENKINS)
  farm.faults.freeze(MESOS)
  await farm.advance(5_000)
  let isOver = false
  const end = farm.life.stop('leave').then(() => {
    isOver = true
  })
  await farm.until(() => isOver, 8_000, 'the end')
  await end
  farm.faults.thaw(JENKINS)
  farm.faults.thaw(MESOS)
  expect(farm.tasks).toHaveLength(1)
  await farm.startSidecar()
  await farm.allSucceed(120_000)
  expect(farm.launched).toHaveLength(1)
})

describe('the pod is placed elsewhere', () => {
  test('invariant 1: agents that cannot come back are replaced at once, with the reason moved, and waiting builds get new ones', async () => {
    const farm = await placedAt(JENKINS)
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [old] = farm.agentNodes
    await move(farm, JENKINS, ELSEWHERE)
    const since = farm.virtual.now()
    farm.job('b', 5_000)
    await farm.until(() => farm.results.every((result) => result === 'SUCCESS'), 120_000, 'the build')
    await farm.until(() => farm.agentNodes.every((name) => name !== old), 120_000, 'the old agent gone')
    await farm.until(() => farm.tasks.length === 1, 20_000, 'its task gone')
    // Not after the 300 s of reconnectTimeoutSeconds.
    expect(farm.virtual.now() - since).toBeLessThan(120_000)
    expect(farm.launched).toHaveLength(2)
    await farm.until(() => farm.records.length === 1, 20_000, 'its record gone')
    expect(await farm.metric('reaps_total{template="linux",reason="moved"}')).toBe(1)
    expect(told(farm, 'Jenkins is at the old address no more')).toBe(1)
    expect(farm.records.map(({ jenkinsUrl }) => jenkinsUrl)).toEqual([`${ELSEWHERE}/`])
    expect(farm.tasks).toHaveLength(1)
  })

  test('an old address that still leads to this Jenkins: agents connect again, are left alone, and that is said once', async () => {
    const farm = await placedAt(JENKINS)
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const nodes = farm.agentNodes
    farm.crashSidecar()
    farm.sendSidecarTo(farm.jenkins, ELSEWHERE)
    await farm.startSidecar(podAt(ELSEWHERE))
    await farm.advance(300_000)
    expect(farm.agentNodes).toEqual(nodes)
    expect(farm.onlineAgents).toBe(1)
    expect(told(farm, 'this Jenkins answers at both')).toBe(1)
    expect(told(farm, 'Jenkins is at the old address no more')).toBe(0)
  })

  test('there and back again before anything is certain: the agents of the first place stay', async () => {
    const farm = await placedAt(JENKINS)
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const nodes = farm.agentNodes
    await move(farm, JENKINS, ELSEWHERE)
    await farm.advance(20_000)
    await move(farm, ELSEWHERE, JENKINS)
    await farm.until(() => farm.onlineAgents === 1, 120_000, 'the agent back')
    await farm.advance(120_000)
    expect(farm.agentNodes).toEqual(nodes)
    expect(farm.launched).toHaveLength(1)
  })

  test('invariant 6: another Jenkins answers at the old address: that is certain at once', async () => {
    const farm = await placedAt(JENKINS)
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [old] = farm.agentNodes
    let ids = 0
    const other = farmJenkins(farm.clock, () => `e${ids++}`, { secretKey: 'another key' })
    await other.start()
    farm.crashSidecar()
    const back = farm.jenkins.restart({ downMs: 3_000, startingMs: 20_000 })
    farm.moveJenkins(JENKINS, ELSEWHERE)
    farm.sendSidecarTo(other)
    await farm.startSidecar(podAt(ELSEWHERE))
    await farm.until(() => farm.jenkins.phase === 'ready', 60_000, 'Jenkins')
    await back
    await farm.until(() => farm.agentNodes.every((name) => name !== old), 45_000, 'the old agent gone')
    expect(told(farm, 'another Jenkins answers there')).toBeGreaterThan(0)
    await other.stop()
  })

  test('invariant 9: two sidecars: the one that leads replaces them, and if it dies the other one does; nobody twice', async () => {
    const farm = await pair(start, { templates: TEMPLATES, environment: podAt(JENKINS) })
    farm.job('a', 5_000)
    await farm.allSucceed(60_000)
    const [old] = farm.agentNodes
    farm.sidecar('b').life.kill()
    await move(farm, JENKINS, ELSEWHERE)
    await farm.until(leads(farm, 'a'), 30_000, 'a leader')
    await farm.startSidecar(podAt(ELSEWHERE), 'b')
    await farm.advance(45_000)
    expect(farm.agentNodes).toContain(old)
    farm.job('b', 5_000)
    farm.sidecar('a').life.kill()
    await farm.until(leads(farm, 'b'), 30_000, 'the other leading')
    await farm.until(() => !farm.agentNodes.includes(old ?? '') && farm.tasks.length === 1, 200_000, 'one in its place')
    await farm.until(() => farm.queued + farm.running === 0, 60_000, 'the build')
    expect(farm.results).toEqual(['SUCCESS', 'SUCCESS'])
    expect(farm.launched).toHaveLength(2)
    expect((await farm.sidecar('b').life.program.scrape()).text).toContain('reason="moved"} 1')
  })

  test('invariant 9: a dry run beside it, at the new place or at the old one, takes nobody away', async () => {
    const farm = await placedAt(JENKINS)
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const nodes = farm.agentNodes
    farm.crashSidecar()
    const back = farm.jenkins.restart({ downMs: 3_000, startingMs: 20_000 })
    farm.moveJenkins(JENKINS, ELSEWHERE)
    await farm.startSidecar({ ...podAt(ELSEWHERE), DRY_RUN: 'true' }, 'b')
    await farm.until(() => farm.jenkins.phase === 'ready', 60_000, 'Jenkins')
    await back
    await farm.advance(200_000)
    expect(farm.agentNodes).toEqual(nodes)
    expect(farm.tasks).toHaveLength(1)
    await farm.startSidecar(podAt(ELSEWHERE))
    await farm.until(() => !nodes.some((name) => farm.agentNodes.includes(name)), 200_000, 'the old agent gone')
    await farm.sidecar('b').stop()
  })

  test.each([
    [1, 'after'],
    [4, 'before'],
    [9, 'after'],
  ] as const)(
    'invariant 8: the sidecar dies at step %d, %s it: the same end, one agent replaced by one',
    async (step, when) => {
      let isArmed = false
      let left = step
      const farm = await start({
        templates: TEMPLATES,
        environment: podAt(JENKINS),
        crashAt: () => (isArmed && left-- === 0 ? when : undefined),
      })
      farm.job('a', 5_000)
      await farm.allSucceed(30_000)
      const [old] = farm.agentNodes
      await move(farm, JENKINS, ELSEWHERE)
      isArmed = true
      farm.job('b', 5_000)
      const isOver = (): boolean =>
        !farm.life.alive || (farm.queued + farm.running === 0 && !farm.agentNodes.includes(old ?? ''))
      await farm.until(isOver, 200_000, 'the crash, or the end')
      if (!farm.life.alive) await farm.startSidecar(podAt(ELSEWHERE))
      await farm.until(
        () => farm.queued + farm.running === 0 && !farm.agentNodes.includes(old ?? '') && farm.tasks.length === 1,
        450_000,
        'one agent in place of the old one',
      )
      expect(farm.results).toEqual(['SUCCESS', 'SUCCESS'])
    },
  )
})
