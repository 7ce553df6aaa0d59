import { expect, test } from '@jest/globals'
import type { AgentId } from '../../src/core/model.ts'
import type { BuildFacts, BuildsPort } from '../../src/loop/ports.ts'
import { Rebuilder } from '../../src/loop/rebuild.ts'
import { aReading, aRecord, aTemplate, nodeOf } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'

const URL = 'job/app/4/'
const FAILED: BuildFacts = { running: false, lost: true, node: 'mesos-linux-1', whole: true, parameters: [] }

/** A build on an agent whose host is lost, and what became of it by this answer of Jenkins. */
function lost(facts: BuildFacts | undefined, start: BuildsPort['start'] = async () => undefined) {
  const started: string[] = []
  let reads = 0
  const rig = aRig({ settings: { templates: () => [aTemplate({ rescheduleLostBuilds: true })] } })
  const answer = { facts }
  const rebuilder = new Rebuilder(rig.context, {
    read: async () => {
      reads += 1
      return answer.facts
    },
    start: async (url, parameters) => {
      started.push(url)
      await start(url, parameters)
    },
  })
  const record = aRecord()
  const look = async (): Promise<void> => {
    rebuilder.look()
    await rebuilder.idle()
  }
  const begin = async (): Promise<void> => {
    rig.world.put(record)
    const node = nodeOf(record, { running: [{ url: URL, name: 'app #4' }] })
    rig.world.jenkins = { reading: aReading({ nodes: [node] }), error: undefined, readMs: 1 }
    await look()
    rig.world.put({ ...record, state: 'stopping', taskEnded: true, taskState: 'TASK_LOST' })
    await look()
  }
  const nodeGone = (): void => {
    const now = rig.world.get('mesos-linux-1' as AgentId)
    if (now !== undefined) rig.world.put({ ...now, state: 'gone', nodeGone: true })
  }
  return { ...rig, answer, started, look, begin, nodeGone, reads: () => reads }
}

test('a lost build is started again when its node is gone, and not before', async () => {
  const { begin, look, nodeGone, started, clock } = lost(FAILED)
  await begin()
  expect(started).toEqual([])
  nodeGone()
  await look()
  expect(started).toEqual([URL])
  await clock.advance(60_000)
  await look()
  expect(started).toEqual([URL])
})

test('once, whatever readings from before its node went still show', async () => {
  const { begin, look, started, clock, world } = lost(FAILED)
  await begin()
  const stopping = world.get('mesos-linux-1' as AgentId)
  if (stopping === undefined) throw new Error('no record')
  world.put({ ...stopping, nodeGone: true })
  for (let n = 0; n < 3; n++) {
    await look()
    await clock.advance(6_000)
  }
  expect(started).toEqual([URL])
})

test('as long as Jenkins believes that it runs it is asked every five seconds, for half an hour', async () => {
  const { begin, look, nodeGone, started, clock, reads, answer, text } = lost({ ...FAILED, running: true })
  await begin()
  nodeGone()
  for (let n = 0; n < 10; n++) {
    await look()
    await clock.advance(1_000)
  }
  expect(reads()).toBe(2)
  await clock.advance(30 * 60_000)
  answer.facts = FAILED
  await look()
  expect(started).toEqual([])
  expect(text()).toContain('Jenkins did not say how it ended')
})

test('where the answer is lost it may have been done: it is not tried again', async () => {
  const { begin, look, nodeGone, started, clock, text } = lost(FAILED, async () => {
    throw new Error('socket hang up')
  })
  await begin()
  nodeGone()
  await look()
  await clock.advance(60_000)
  await look()
  expect(started).toEqual([URL])
  expect(text()).toContain('socket hang up')
})

test.each<[string, BuildFacts | undefined, string]>([
  ['there is no such build', undefined, 'no such build'],
  ['it ended well', { ...FAILED, lost: false }, 'did not end badly'],
  ['it is a pipeline', { ...FAILED, whole: false }, 'goes on by itself'],
  ['it ran elsewhere', { ...FAILED, node: 'other' }, 'it ran on other'],
  ['a password is not told', { ...FAILED, parameters: [{ name: 'PW', value: undefined }] }, 'its parameter PW'],
])('not where %s', async (_what, facts, words) => {
  const { begin, look, nodeGone, started, text } = lost(facts)
  await begin()
  nodeGone()
  await look()
  expect(started).toEqual([])
  expect(text()).toContain(words)
})
