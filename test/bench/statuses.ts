import type { AgentRecord, MesosAgentId } from '../../src/core/model.ts'
import { MesosEvents } from '../../src/loop/mesos-events.ts'
import { Reaper } from '../../src/loop/reap.ts'
import { Reconciler } from '../../src/loop/reconcile.ts'
import { World } from '../../src/loop/world.ts'
import { parseEvent, toTaskStatus } from '../../src/mesos/events.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { NOW } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'
import { agentRecord } from '../support/records.ts'
import { type Benchmark, collectGarbage, median } from './bench.ts'

const EVENTS = 20_000
const REPETITIONS = 5

/** What it costs to learn what Mesos tells of tasks, beside `JSON.parse` alone over the same records. */
export const statuses: Benchmark = {
  name: 'statuses',
  run: async () => {
    const shares: number[] = []
    let perSecond = 0
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      const { parseMs, handleMs } = await handle(EVENTS)
      shares.push(handleMs / parseMs)
      perSecond = Math.max(perSecond, EVENTS / (handleMs / 1000))
    }
    return [
      {
        name: 'statuses: time to handle, by that of JSON.parse',
        value: median(shares),
        unit: 'times',
        target: undefined,
      },
      { name: 'statuses: handled', value: perSecond / 1_000, unit: 'thousand/s', target: undefined },
    ]
  },
}

async function handle(count: number): Promise<{ readonly parseMs: number; readonly handleMs: number }> {
  const records = Array.from({ length: count }, (_, index) =>
    Buffer.from(JSON.stringify({ type: 'UPDATE', update: { status: wire(index) } })),
  )
  const events = learner(count)
  collectGarbage()
  const parseMs = await cpuMsOf(async () => {
    for (const record of records) JSON.parse(record.toString('utf8'))
  })
  const handleMs = await cpuMsOf(async () => {
    for (const record of records) {
      const event = parseEvent(record)
      if (event.type === 'UPDATE') events.handle({ kind: 'status', status: toTaskStatus(event.update.status) })
    }
    await events.idle()
  })
  return { parseMs, handleMs }
}

function learner(agents: number): MesosEvents {
  const rig = aRig()
  const world = new World(new MemoryStore(), rig.context.log)
  const context = { ...rig.context, world }
  for (let index = 0; index < agents; index++) world.put(recordOf(index))
  const reaper = new Reaper(context)
  return new MesosEvents(context, reaper, new Reconciler(context))
}

function recordOf(index: number): AgentRecord {
  return agentRecord(nameOf(index), {
    state: 'starting',
    since: NOW,
    launchedAt: NOW,
    mesosAgentId: hostOf(index) as MesosAgentId,
    taskState: 'TASK_STARTING',
  })
}

function wire(index: number) {
  return {
    task_id: { value: nameOf(index) },
    agent_id: { value: hostOf(index) },
    executor_id: { value: nameOf(index) },
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    timestamp: NOW / 1000,
    uuid: Buffer.from(String(index).padStart(16, '0')).toString('base64'),
  } as const
}

function nameOf(index: number): string {
  return `mesos-linux-${index.toString(36).padStart(10, '0')}`
}

function hostOf(index: number): string {
  return `285ec86c-c1c5-4917-87ef-3fc5e9e6c7e6-S${index % 1_000}`
}

async function cpuMsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
