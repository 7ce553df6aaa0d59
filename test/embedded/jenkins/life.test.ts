import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { settle } from '../../support/virtual-clock.ts'
import { expectLike } from './compare.ts'
import { Rig, recording } from './rig.ts'

describe('a controller that starts', () => {
  test.each([
    'startup-1-login',
    'startup-1-token-503',
    'startup-1-agent-jar',
    'startup-2-anon-503',
    'startup-1-tcp-listener',
  ])('answers as recorded in %s', async (name) => {
    const rig = new Rig({ startingMs: 3500 })
    const starting = rig.jenkins.start()
    const recorded = recording(name)
    expectLike(await rig.replay(recorded), recorded)
    await rig.clock.advance(3500)
    await starting
    expect((await rig.call('GET', '/queue/api/json')).status).toBe(200)
  })

  test('answers 500 to a POST', async () => {
    const rig = new Rig({ startingMs: 3500 })
    void rig.jenkins.start()
    const answer = await rig.replay(recording('node-create-ok'))
    expect([answer.status, answer.header('x-jenkins')]).toEqual([500, '2.541.3'])
    expect(answer.text).toContain('DefaultCrumbIssuer is missing its descriptor')
  })

  test('is not there before', async () => {
    await expect(new Rig().call('GET', '/login')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('cannot be started twice', async () => {
    const rig = await Rig.started()
    await expect(rig.jenkins.start()).rejects.toThrow('it is ready')
  })
})

describe('a restart', () => {
  test('keeps queue, ids, nodes and offline marks, and changes the session', async () => {
    const rig = await Rig.started()
    await rig.addNode('a', 'mesos')
    await rig.call('POST', '/computer/a/toggleOffline?offlineMessage=keepme')
    for (const name of ['one', 'two', 'three']) {
      rig.jenkins.createJob({ name, label: 'x' })
      rig.jenkins.build(name)
    }
    const before = rig.jenkins.session
    const cause = await rig.json('/computer/a/api/json?tree=offlineCause[*],temporarilyOffline')
    const ids = async () =>
      ((await rig.json('/queue/api/json?tree=items[id]')) as { items: { id: number }[] }).items.map(({ id }) => id)
    expect(await ids()).toEqual([3, 2, 1])
    await rig.jenkins.restart()
    expect(rig.jenkins.session).not.toBe(before)
    expect(await ids()).toEqual([1, 2, 3])
    expect(await rig.json('/computer/a/api/json?tree=offlineCause[*],temporarilyOffline')).toEqual(cause)
    rig.jenkins.createJob({ name: 'four', label: 'x' })
    expect(rig.jenkins.build('four')).toBe(4)
  })

  test('begins no waiting build on its way down', async () => {
    const rig = await Rig.started()
    rig.jenkins.createJob({ name: 'job', label: 'x', concurrent: true })
    for (const name of ['a', 'b']) {
      await rig.addNode(name, 'x')
      await rig.connect(name)
    }
    for (let build = 0; build < 4; build++) rig.jenkins.build('job')
    await rig.jenkins.stop()
    const [job] = rig.jenkins.jobs
    expect(job?.builds.map(({ result }) => result)).toEqual(['ABORTED', 'ABORTED'])
  })

  test('can be asked for by an administrator alone', async () => {
    const rig = await Rig.started()
    const session = rig.jenkins.session
    expect((await rig.call('POST', '/restart', { user: 'sidecar' })).status).toBe(403)
    expect(rig.jenkins.session).toBe(session)
    expect((await rig.call('POST', '/safeRestart')).status).toBe(302)
    await settle()
    expect(rig.jenkins.session).not.toBe(session)
  })
})

describe('a state file', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-jenkins-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('brings nodes, jobs, builds and queue into the next process', async () => {
    const stateFile = join(folder, 'sub', 'jenkins.json')
    const first = await Rig.started({ stateFile, builtInExecutors: 1 })
    await first.addNode('a', 'mesos')
    first.jenkins.createJob({ name: 'job' })
    first.jenkins.build('job')
    first.jenkins.createJob({ name: 'other', label: 'mesos' })
    first.jenkins.build('other')
    await first.jenkins.stop()
    const second = await Rig.started({ stateFile, builtInExecutors: 1 })
    expect(second.jenkins.nodes.map(({ name }) => name)).toEqual(['a'])
    expect(second.jenkins.jobs.map(({ name, nextBuild }) => [name, nextBuild])).toEqual([
      ['job', 2],
      ['other', 1],
    ])
    expect(second.jenkins.queue.map(({ id, job }) => [id, job])).toEqual([[2, 'other']])
  })

  test('that cannot be read stops the start', async () => {
    const stateFile = join(folder, 'jenkins.json')
    await writeFile(stateFile, '{"nodes": [')
    await expect(Rig.started({ stateFile })).rejects.toThrow('is no state of an embedded Jenkins')
    expect(await readFile(stateFile, 'utf8')).toBe('{"nodes": [')
  })

  test('that cannot be written is told', async () => {
    const told: unknown[] = []
    await writeFile(join(folder, 'file'), '')
    const rig = new Rig({ stateFile: join(folder, 'file', 'jenkins.json'), onError: (thrown) => told.push(thrown) })
    await expect(rig.jenkins.start()).rejects.toMatchObject({ code: 'ENOTDIR' })
    expect(told).toEqual([])
  })
})
