import type { AgentRecord, FrameworkId } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import { MesosEvents } from '../../src/loop/mesos-events.ts'
import { Observer } from '../../src/loop/observe.ts'
import { Reaper } from '../../src/loop/reap.ts'
import { Reconciler } from '../../src/loop/reconcile.ts'
import { anchorOf, aReading, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'
import { type Benchmark, collectGarbage, median } from './bench.ts'

const REPETITIONS = 9
const WARM_UPS = 2
const LARGE = 5_000
const SMALL = 500

/** From the subscription to the first plan: every task is asked for, told, and compared with its node. */
export const recovery: Benchmark = {
  name: 'recovery',
  run: async () => {
    const known = { small: [] as number[], large: [] as number[] }
    const lost = { small: [] as number[], large: [] as number[] }
    for (let turn = -WARM_UPS; turn < REPETITIONS; turn++) {
      for (const [times, isLost] of [
        [known, false],
        [lost, true],
      ] as const) {
        const small = await recover(SMALL, isLost)
        const large = await recover(LARGE, isLost)
        if (turn < 0) continue
        times.small.push(small)
        times.large.push(large)
      }
    }
    const figures = (name: string, { small, large }: typeof known) => [
      { name: `recovery: 5,000 tasks, ${name}`, value: median(large), unit: 'ms', target: undefined },
      {
        name: `recovery: cost of 5,000 tasks by 500, ${name}`,
        value: median(large) / median(small),
        unit: 'times',
        target: { atMost: 13 },
      },
    ]
    return [...figures('all in the state', known), ...figures('the state lost', lost)]
  },
}

/** @returns milliseconds of CPU */
async function recover(count: number, isLost: boolean): Promise<number> {
  const template = aTemplate({ maxAgents: count })
  const agents = Array.from({ length: count }, (_, index) => aRecord({ agentId: `mesos-linux-${index}` }, template))
  const nodes = [anchorOf(template), ...agents.map((record) => nodeOf(record))]
  const rig = aRig({
    jenkins: { read: async () => aReading({ nodes }) },
    settings: {
      templates: () => [template],
      caps: () => ({ maxAgents: count, maxCpus: undefined, maxMem: undefined }),
    },
  })
  if (!isLost) for (const record of agents) rig.world.put(record)
  await rig.world.save()
  const reconciler = new Reconciler(rig.context)
  const events = new MesosEvents(rig.context, new Reaper(rig.context), reconciler)
  const observer = new Observer(rig.context)
  collectGarbage()
  const before = process.cpuUsage()
  events.handle({ kind: 'subscribed', frameworkId: 'F1' as FrameworkId, master: 'http://m', version: '1.11.0' })
  await rig.world.save()
  for (const record of agents) tell(events, record)
  await events.idle()
  rig.world.round = 3
  const fresh = await observer.read(false, new AbortController().signal)
  const { records } = plan(observer.snapshot(fresh), NOW)
  const { user, system } = process.cpuUsage(before)
  reconciler.stop()
  if (!rig.world.mesos.reconciled) throw new Error('not all was told')
  if (records.length !== (isLost ? count : 0)) throw new Error(`${records.length} records changed`)
  return (user + system) / 1000
}

function tell(events: MesosEvents, { agentId, mesosAgentId }: AgentRecord): void {
  events.handle({
    kind: 'status',
    status: {
      taskId: agentId,
      mesosAgentId,
      state: 'TASK_RUNNING',
      source: 'SOURCE_MASTER',
      reason: 'REASON_RECONCILIATION',
      message: undefined,
      uuid: undefined,
      at: NOW,
    },
  })
}
