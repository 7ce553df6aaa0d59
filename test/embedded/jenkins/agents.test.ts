import { describe, expect, test } from '@jest/globals'
import { type AgentFetch, type RunBuild, runAgent } from '../../../src/embedded/jenkins/demo-agent.ts'
import { settle } from '../../support/virtual-clock.ts'
import { Rig } from './rig.ts'

const CAUSE = '?tree=offline,temporarilyOffline,offlineCauseReason,offlineCause[*],idle'

async function busyRig(): Promise<Rig> {
  const rig = await Rig.started()
  await rig.addNode('a', 'mesos')
  rig.jenkins.createJob({ name: 'job', label: 'mesos', durationMs: 20_000 })
  return rig
}

/** The agent's own way to the controller, without sockets. */
function agentOf(rig: Rig, name: string, runBuild: RunBuild, more: { noReconnectAfterMs?: number } = {}) {
  const stop = new AbortController()
  const request: AgentFetch = async (url, { method, headers, body, signal }) => {
    const { pathname, search } = new URL(url)
    const lower = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]))
    const answer = await rig.jenkins.handler({
      method,
      path: pathname + search,
      headers: lower,
      body: Buffer.from(body),
      signal,
      remote: '127.0.0.1',
    })
    const bytes = answer.body
    return {
      status: answer.status,
      body: Buffer.isBuffer(bytes)
        ? (async function* () {
            yield bytes
          })()
        : bytes,
    }
  }
  const log: string[] = []
  const args = {
    url: 'http://127.0.0.1:18081/',
    name,
    secret: rig.jenkins.secretOf(name),
    workDir: '.',
    noReconnect: false,
    noReconnectAfterMs: more.noReconnectAfterMs,
  }
  const ended = runAgent({
    clock: rig.clock,
    request,
    runBuild,
    args,
    signal: stop.signal,
    log: (line) => log.push(line),
  })
  return { stop, log, ended }
}

/** Takes the time that the build asks for. */
function taking(rig: Rig): RunBuild {
  return async ({ work }, console, signal) => {
    console('begun\n')
    await rig.clock.sleep(work.durationMs, signal)
    return work.exitCode
  }
}

describe('an agent', () => {
  test('brings its node online and runs what waits for it', async () => {
    const rig = await busyRig()
    rig.jenkins.build('job')
    const agent = agentOf(rig, 'a', taking(rig))
    await settle()
    expect(rig.jenkins.isConnected('a')).toBe(true)
    expect(await rig.json('/job/job/1/api/json?tree=building,builtOn')).toMatchObject({ building: true, builtOn: 'a' })
    await rig.clock.advance(20_000)
    expect(await rig.json('/job/job/1/api/json?tree=result,duration')).toMatchObject({
      result: 'SUCCESS',
      duration: 20_000,
    })
    const console = (await rig.call('GET', '/job/job/1/consoleText')).text
    expect(console).toBe(
      'Started by user admin\nRunning as SYSTEM\nBuilding remotely on a (mesos) in workspace /srv/agents/a/workspace/job\nbegun\nFinished: SUCCESS\n',
    )
    agent.stop.abort(new Error('SIGTERM'))
    await agent.ended
    await settle()
    expect(rig.jenkins.isConnected('a')).toBe(false)
  })

  test('that is killed fails its build at once, and its node says why it is offline', async () => {
    const rig = await busyRig()
    const hands = await rig.connect('a')
    rig.jenkins.build('job')
    await settle()
    expect(hands.builds).toHaveLength(1)
    hands.kill()
    expect(await rig.json(`/computer/a/api/json${CAUSE}`)).toEqual({
      _class: 'hudson.slaves.SlaveComputer',
      offline: true,
      temporarilyOffline: false,
      idle: true,
      offlineCause: { _class: 'hudson.slaves.OfflineCause$ChannelTermination', timestamp: rig.clock.now() },
      offlineCauseReason: 'Connection was broken',
    })
    expect(rig.jenkins.jobs[0]?.builds[0]?.result).toBe('FAILURE')
  })

  test('that is frozen stays online and gets builds until a ping goes unanswered', async () => {
    const rig = await busyRig()
    const hands = await rig.connect('a')
    await rig.clock.advance(300_000)
    expect(hands.orders.at(-1)).toEqual({ kind: 'ping' })
    await hands.report({ kind: 'pong' })
    rig.jenkins.build('job')
    await rig.clock.advance(539_999)
    expect(rig.jenkins.isConnected('a')).toBe(true)
    expect(hands.builds).toHaveLength(1)
    await rig.clock.advance(1)
    expect(rig.jenkins.isConnected('a')).toBe(false)
    expect(hands.ended).toBe('Ping timed out')
  })

  test.each([
    ['a wrong secret', 'a', 'f'.repeat(64), 'refused: 403'],
    ['an unknown node', 'nobody', undefined, 'refused: 404'],
  ])('with %s is refused', async (_why, node, secret, message) => {
    const rig = await busyRig()
    await expect(rig.connect(node, secret)).rejects.toThrow(message)
  })

  test('is refused where another is connected already', async () => {
    const rig = await busyRig()
    await rig.connect('a')
    await expect(rig.connect('a')).rejects.toThrow('refused: 409')
  })

  test('comes back after the controller restarted', async () => {
    const rig = await busyRig()
    agentOf(rig, 'a', taking(rig))
    await settle()
    rig.jenkins.build('job')
    const restarted = rig.jenkins.restart({ downMs: 2700, startingMs: 3500 })
    await settle()
    expect(rig.jenkins.phase).toBe('stopped')
    await rig.clock.advance(6200)
    await restarted
    expect(await rig.json(`/computer/a/api/json${CAUSE}`)).toMatchObject({ offline: true, offlineCause: null })
    expect(rig.jenkins.jobs[0]?.builds[0]?.result).toBe('ABORTED')
    await rig.clock.advance(10_000)
    expect(rig.jenkins.isConnected('a')).toBe(true)
  })

  test('gives up when it had no connection for as long as it was told', async () => {
    const rig = await busyRig()
    const agent = agentOf(rig, 'nobody', taking(rig), { noReconnectAfterMs: 60_000 })
    let ended = false
    void agent.ended.then(() => {
      ended = true
    })
    await rig.clock.advance(59_999)
    expect(ended).toBe(false)
    await rig.clock.advance(1)
    expect(ended).toBe(true)
    expect(rig.clock.pending).toBe(0)
  })

  test('that is disconnected comes back by itself', async () => {
    const rig = await busyRig()
    agentOf(rig, 'a', taking(rig))
    await settle()
    expect((await rig.call('POST', '/computer/a/doDisconnect')).status).toBe(302)
    expect(rig.jenkins.isConnected('a')).toBe(false)
    await rig.clock.advance(1000)
    expect(rig.jenkins.isConnected('a')).toBe(true)
  })

  test('of a deleted node loses its build and is refused from then on', async () => {
    const rig = await busyRig()
    const agent = agentOf(rig, 'a', taking(rig))
    await settle()
    rig.jenkins.build('job')
    await rig.call('POST', '/computer/a/doDelete')
    expect(rig.jenkins.jobs[0]?.builds[0]?.result).toBe('FAILURE')
    await rig.clock.advance(20_000)
    expect(agent.log).toContain('Refused (404): Unknown client name: a')
  })

  test('on a node that is drained ends its build and gets no other', async () => {
    const rig = await busyRig()
    agentOf(rig, 'a', taking(rig))
    await settle()
    rig.jenkins.build('job')
    await rig.call('POST', '/computer/a/toggleOffline?offlineMessage=drain', { user: 'sidecar' })
    rig.jenkins.build('job')
    expect(await rig.json(`/computer/a/api/json${CAUSE}`)).toMatchObject({
      idle: false,
      offline: true,
      temporarilyOffline: true,
      offlineCauseReason: 'drain',
      offlineCause: { description: 'Disconnected by sidecar : drain' },
    })
    await rig.clock.advance(20_000)
    expect(await rig.json(`/computer/a/api/json${CAUSE}`)).toMatchObject({ idle: true })
    expect(await rig.why()).toEqual({ job: '‘a’ is offline' })
    await rig.call('POST', '/computer/a/toggleOffline')
    expect(rig.jenkins.queue).toEqual([])
  })

  test('has the same secret after its node was made again', async () => {
    const rig = await busyRig()
    const read = async () =>
      /<argument>([0-9a-f]{64})</.exec((await rig.call('GET', '/computer/a/jenkins-agent.jnlp')).text)?.[1]
    const before = await read()
    await rig.call('POST', '/computer/a/doDelete')
    await rig.addNode('a')
    expect(await read()).toBe(before)
    expect(before).toBe(rig.jenkins.secretOf('a'))
  })
})
