import { expect, test } from '@jest/globals'
import { plan } from '../../src/core/plan.ts'
import { act } from '../../src/loop/act.ts'
import { NodeKeeper } from '../../src/loop/keep-nodes.ts'
import { Observer } from '../../src/loop/observe.ts'
import type { TaskLaunch } from '../../src/loop/ports.ts'
import { Provisioner } from '../../src/loop/provision.ts'
import { Reaper } from '../../src/loop/reap.ts'
import { Rebuilder } from '../../src/loop/rebuild.ts'
import { anchorOf, anOffer, aReading, aTemplate, items, NOW } from '../support/builders.ts'
import { aRig, argsOf, NO_BUILDS } from '../support/loop-rig.ts'

const AGENTS = 1_000

/** So many agents are wanted at once, on as many hosts as offer, of which each takes so many. */
async function burst(hosts: number, perHost: number) {
  const template = aTemplate({ maxAgents: AGENTS, cpus: { agent: 900, perExecutor: 100 } })
  const caps = { maxAgents: AGENTS, maxCpus: undefined, maxMem: undefined }
  const reading = aReading({ nodes: [anchorOf(template)], queue: items(AGENTS) })
  const rig = aRig({
    jenkins: { read: async () => reading },
    settings: { templates: () => [template], caps: () => caps },
  })
  const { context, world, desk, calls, store } = rig
  world.mesos = { ...world.mesos, subscribed: true, reconciled: true }
  const free = { cpus: 1_000 * perHost, mem: 16_384_000 }
  desk.add(Array.from({ length: hosts }, (_, index) => anOffer({ id: `O${index}`, host: index, free })))
  const observer = new Observer(context)
  const snapshot = observer.snapshot(await observer.read(false, new AbortController().signal))
  const provisioner = new Provisioner(context)
  const hands = {
    provisioner,
    reaper: new Reaper(context),
    keeper: new NodeKeeper(context),
    rebuilder: new Rebuilder(context, NO_BUILDS),
  }
  await act(plan(snapshot, NOW), context, hands)
  await provisioner.idle()
  const launches = argsOf(calls, 'accept').map(([, all]) => (all as readonly TaskLaunch[]).length)
  return { launches, commits: store.commits.length, declined: argsOf(calls, 'decline').length }
}

test.each([
  [1_000, 1],
  [100, 10],
])('1,000 agents on %d hosts leave in one ACCEPT a host', async (hosts, perHost) => {
  const { launches, declined } = await burst(hosts, perHost)
  expect(launches).toHaveLength(hosts)
  expect(new Set(launches)).toEqual(new Set([perHost]))
  expect(declined).toBe(0)
})
