import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AgentId, MesosAgentId } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { Context } from '../../src/loop/context.ts'
import { MesosEvents } from '../../src/loop/mesos-events.ts'
import type { TaskStatus } from '../../src/loop/ports.ts'
import { Reaper } from '../../src/loop/reap.ts'
import { Reconciler } from '../../src/loop/reconcile.ts'
import { World } from '../../src/loop/world.ts'
import { realDisk } from '../../src/store/disk.ts'
import { FileStore } from '../../src/store/file-store.ts'
import { anchorOf, anOffer, aReading, aRecord, aSnapshot, aTemplate, items, NOW } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'
import { type Benchmark, interleaved } from './bench.ts'
import { SILENT } from './silent.ts'

const UPDATES = 1_000
/** Records of the stream that come in one read of the socket. */
const A_READ = 10

/** What a master may pour out at once: updates of every task after a failover, offers of every host. */
export const mesosLoad: Benchmark = {
  name: 'load',
  run: async () => {
    const { syncs, acknowledged } = await statuses()
    if (acknowledged !== UPDATES) throw new Error(`${acknowledged} of ${UPDATES} updates were acknowledged`)
    const few = offers(1_000)
    const many = offers(10_000)
    const times = interleaved(5, { few, many })
    return [
      { name: 'load: fsyncs for 1,000 updates', value: syncs, unit: 'fsyncs', target: { atMost: 50 } },
      { name: 'load: 10,000 offers in one event', value: times.many, unit: 'ms', target: undefined },
      {
        name: 'load: cost of ten times the offers',
        value: times.many / times.few,
        unit: 'times',
        target: { atMost: 15 },
      },
    ]
  },
}

async function statuses(): Promise<{ readonly syncs: number; readonly acknowledged: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'load-'))
  let syncs = 0
  const store = await FileStore.open({
    folder,
    disk: {
      ...realDisk,
      openLog: async (path) => {
        const log = await realDisk.openLog(path)
        return {
          ...log,
          append: async (text: string) => {
            syncs += 1
            await log.append(text)
          },
        }
      },
    },
  })
  try {
    let acknowledged = 0
    const rig = aRig({
      mesos: {
        acknowledge: async () => {
          acknowledged += 1
        },
      },
    })
    const world = new World(store, SILENT)
    const context: Context = { ...rig.context, world, log: SILENT }
    const events = new MesosEvents(context, new Reaper(context), new Reconciler(context))
    const names = Array.from({ length: UPDATES }, (_, index) => `mesos-linux-${index}`)
    for (const agentId of names) world.put(aRecord({ agentId, state: 'starting', taskState: undefined }))
    await world.save()
    syncs = 0
    for (const [index, name] of names.entries()) {
      events.handle({ kind: 'status', status: running(name) })
      if (index % A_READ === A_READ - 1) await nextTurn()
    }
    await events.idle()
    return { syncs, acknowledged }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

function running(taskId: string): TaskStatus {
  return {
    taskId: taskId as AgentId,
    mesosAgentId: 'S1' as MesosAgentId,
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    reason: undefined,
    message: undefined,
    uuid: taskId,
    at: NOW,
  }
}

/** They come onto the desk, are looked at, and all but one go back. */
function offers(count: number): () => void {
  const template = aTemplate()
  const reading = aReading({ nodes: [anchorOf(template)], queue: items(1) })
  const all = Array.from({ length: count }, (_, index) => anOffer({ id: `O${index}`, host: index }))
  return () => {
    const { desk, world } = aRig()
    world.hosts.offered(all)
    desk.add(all)
    const { actions } = plan(aSnapshot({ templates: [template], jenkins: reading, offers: desk.free }), NOW)
    for (const action of actions) if (action.kind === 'decline') desk.remove(action.offers)
    if (desk.size !== 1) throw new Error(`${desk.size} offers are held`)
  }
}
