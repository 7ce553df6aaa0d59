import { describe, expect, test } from '@jest/globals'
import type { AgentId, MesosAgentId } from '../../src/core/model.ts'
import type { AgentUsage, UsageHost } from '../../src/loop/ports.ts'
import { UsagePoll } from '../../src/loop/usage-poll.ts'
import { aRecord, NOW } from '../support/builders.ts'
import { aLog } from '../support/log.ts'
import { aRig } from '../support/loop-rig.ts'

const used = (agentId: string, cpuSeconds: number): AgentUsage => ({
  agentId: agentId as AgentId,
  at: NOW,
  cpuSeconds,
  cpusLimit: undefined,
  memRssBytes: undefined,
  memLimitBytes: undefined,
})

function aPoll(answer: (n: number) => Promise<readonly AgentUsage[]>) {
  const { world, clock } = aRig()
  const { log, lines } = aLog()
  const asked: (readonly UsageHost[])[] = []
  const usage = {
    read: async (hosts: readonly UsageHost[], signal?: AbortSignal) => {
      asked.push(hosts)
      signal?.throwIfAborted()
      return await answer(asked.length)
    },
    close: async () => undefined,
  }
  const looks: (readonly AgentUsage[])[] = []
  const sizing = {
    begin: () => undefined,
    look: (read: readonly AgentUsage[]) => {
      looks.push(read)
    },
  }
  return { world, clock, lines, asked, looks, poll: new UsagePoll({ world, usage, sizing, clock, log }) }
}

describe('CPU and memory', () => {
  test('are read every 10 s, of each host with a task once', async () => {
    const { world, clock, asked, poll } = aPoll(async (n) => [used('mesos-linux-1', n)])
    world.put(aRecord({ agentId: 'mesos-linux-1' }))
    world.put(aRecord({ agentId: 'mesos-linux-2' }))
    world.put(aRecord({ agentId: 'ended', mesosAgentId: 'S2' as MesosAgentId, taskEnded: true, state: 'stopping' }))
    world.put(aRecord({ agentId: 'planned', mesosAgentId: 'S3' as MesosAgentId, launchedAt: undefined }))
    world.put(aRecord({ agentId: 'nowhere', mesosAgentId: 'S4' as MesosAgentId, address: undefined }))
    poll.start()
    poll.start()
    await clock.advance(25_000)
    const host = { mesosAgentId: 'S1', address: '10.0.0.1:5051' }
    expect(asked).toEqual([[host], [host], [host]])
    expect(poll.latest.get('mesos-linux-1' as AgentId)?.cpuSeconds).toBe(3)
    await poll.stop()
    expect(clock.pending).toBe(0)
  })

  test('are told to whoever learns from them: only what hosts told now, and each time, so that ends are seen', async () => {
    const { world, clock, looks, poll } = aPoll(async (n) => {
      if (n === 2) throw new Error('refused')
      return n === 3 ? [] : [used('mesos-linux-1', n)]
    })
    const record = aRecord()
    world.put(record)
    poll.start()
    await clock.advance(20_000)
    world.put({ ...record, state: 'gone' })
    await clock.advance(10_000)
    expect(looks).toEqual([[used('mesos-linux-1', 1)], [], [], []])
    await poll.stop()
  })

  test('are asked of nobody while no task runs', async () => {
    const { clock, asked, poll } = aPoll(async () => [])
    poll.start()
    await clock.advance(30_000)
    await poll.stop()
    expect(asked).toEqual([])
  })

  test('stay as last told where a host is silent, and go with the agent', async () => {
    const { world, clock, poll } = aPoll(async (n) => (n === 1 ? [used('mesos-linux-1', 5)] : []))
    const record = aRecord()
    world.put(record)
    poll.start()
    await clock.advance(10_000)
    expect(poll.latest.size).toBe(1)
    world.put({ ...record, state: 'gone' })
    await clock.advance(10_000)
    expect(poll.latest.size).toBe(0)
    await poll.stop()
  })

  test('that cannot be read are told once, until it changes, and are asked for again', async () => {
    const failures = ['refused', 'refused', undefined, 'refused', 'timeout']
    const { world, clock, lines, asked, poll } = aPoll(async (n) => {
      const failure = failures[n - 1]
      if (failure !== undefined) throw new Error(failure)
      return []
    })
    world.put(aRecord())
    poll.start()
    await clock.advance(40_000)
    expect(asked).toHaveLength(5)
    expect(lines.map(({ fields }) => fields)).toMatchObject([
      { why: 'refused' },
      { why: 'refused' },
      { why: 'timeout' },
    ])
    await poll.stop()
  })

  test('end quietly with a stop in the middle of a reading', async () => {
    let fail: (error: Error) => void = () => undefined
    const { world, clock, lines, poll } = aPoll(
      () =>
        new Promise((_resolve, reject) => {
          fail = reject
        }),
    )
    world.put(aRecord())
    poll.start()
    await clock.advance(0)
    const stopped = poll.stop()
    fail(new Error('aborted'))
    await stopped
    expect([lines, clock.pending]).toEqual([[], 0])
  })
})
