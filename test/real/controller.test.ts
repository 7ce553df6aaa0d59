import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../support/need.ts'
import { type Child, until } from './controller/process.ts'
import { startRealAgent } from './controller/real-agent.ts'
import { RealController } from './controller/real-controller.ts'

const WITHIN_MS = 60_000

describeWith(['java', 'mvn'], 'a real controller', () => {
  let folder: string
  let controller: RealController
  let stopController = async (): Promise<unknown> => undefined
  const agents: Child[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-controller-'))
    controller = await RealController.start({ home: join(folder, 'controller') })
    stopController = async () => controller.stop()
    await controller.setMasterExecutors(0)
  })

  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.stop(5000)))
  })

  afterAll(async () => {
    await stopController()
    rmSync(folder, { recursive: true, force: true })
  })

  test('listens on loopback, with a port for agents', async () => {
    expect(controller.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await controller.agentPort()).toBeGreaterThan(0)
  })

  test('has no node while its own executors are 0', async () => {
    expect(await controller.nodes()).toEqual([])
  })

  test('a script that fails is an error, one that works says what it printed', async () => {
    expect(await controller.script('println 6 * 7')).toBe('42\n')
    await expect(controller.script('throw new IllegalStateException("no")')).rejects.toThrow(
      /the script failed: java\.lang\.IllegalStateException: no/,
    )
  })

  test('a labelled job waits for a node, and a real agent runs it', async () => {
    await controller.createFreestyleJob({
      name: 'greet',
      label: 'linux && greeter',
      shell: 'echo "3 < 4 & node=$NODE_NAME"',
    })
    await controller.build('greet')
    const waiting = await until('the item to be buildable', WITHIN_MS, async () =>
      (await controller.queue()).find((item) => item.task.name === 'greet' && item.buildable),
    )
    expect(waiting).toMatchObject({ stuck: true, blocked: false, why: 'Waiting for next available executor' })

    await provision('greeter-1', ['linux', 'greeter'])

    const build = await finished('greet')
    expect(build).toMatchObject({ number: 1, result: 'SUCCESS', builtOn: 'greeter-1' })
    expect(await controller.console('greet', 1)).toContain('\n3 < 4 & node=greeter-1\n')
    expect(await controller.queue()).toEqual([])
  })

  test('an agent ends with 143 at SIGTERM, and its node is offline at once', async () => {
    const agent = await provision('term-1', ['term'])
    agent.signal('SIGTERM')
    expect(await agent.exited).toEqual({ code: 143, signal: null })
    await until('the node to be offline', WITHIN_MS, async () => (await node('term-1'))?.offline || undefined)
  })

  test('an agent whose node is deleted tries once more and ends with 255', async () => {
    const agent = await provision('deleted-1', ['deleted'])
    await controller.deleteNode('deleted-1')
    expect(await agent.exited).toEqual({ code: 255, signal: null })
    expect(agent.log()).toContain('No such slave: deleted-1')
    expect(await node('deleted-1')).toBeUndefined()
  })

  test('an agent outlives a restart of the controller and connects again, on another port', async () => {
    const agent = await provision('stays-1', ['stays'])
    const port = await controller.agentPort()
    await controller.restart()
    expect(await controller.agentPort()).not.toBe(port)
    await online('stays-1')
    expect(agent.running).toBe(true)

    await controller.createFreestyleJob({ name: 'after', label: 'stays', shell: 'echo again' })
    await controller.build('after')
    expect(await finished('after')).toMatchObject({ result: 'SUCCESS', builtOn: 'stays-1' })
  })

  test('a start in the home of a controller that still runs ends that one first', async () => {
    const home = join(folder, 'crashed')
    const left = await RealController.start({ home })
    const next = await RealController.start({ home })
    try {
      expect(await left.stop()).toEqual({ code: null, signal: 'SIGKILL' })
      expect(await next.nodes()).toMatchObject([{ displayName: 'master', numExecutors: 2 }])
    } finally {
      await next.stop()
    }
  })

  async function provision(name: string, labels: readonly string[]): Promise<Child> {
    const home = join(folder, name)
    await controller.createInboundNode({ name, labels, remoteFs: home })
    const agent = await startRealAgent(controller, name, home)
    agents.push(agent)
    await online(name)
    return agent
  }

  async function node(name: string) {
    return (await controller.nodes()).find(({ displayName }) => displayName === name)
  }

  async function online(name: string): Promise<void> {
    await until(`${name} to be online`, WITHIN_MS, async () =>
      (await node(name))?.offline === false ? true : undefined,
    )
  }

  async function finished(job: string) {
    return until(`a build of ${job} to end`, WITHIN_MS, async () => {
      const build = await controller.lastBuild(job)
      return build?.building === false ? build : undefined
    })
  }
})
