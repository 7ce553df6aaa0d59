import { plan } from '../../src/core/plan.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { anOffer, aSnapshot, aTemplate, items, NOW } from '../support/builders.ts'
import type { Benchmark } from './bench.ts'

const AGENTS = 1_000
const HOSTS = 1_000
/** Agents that one host has room for. */
const FIT = [1, 4] as const

/** A morning: many builds come at once. A call costs a master more than a task. */
export const burst: Benchmark = {
  name: 'burst',
  run: async () => {
    return FIT.map((fit) => ({
      name: `burst: ACCEPT calls for 1,000 agents, ${fit} fit a host, by the fewest possible`,
      value: acceptCalls(fit) / Math.ceil(AGENTS / fit),
      unit: 'times',
      target: { atMost: 1 },
    }))
  },
}

/** Agents that go onto the same offers go in one call. */
function acceptCalls(fit: number): number {
  const template = aTemplate({ maxAgents: AGENTS, cpus: { agent: 900, perExecutor: 100 } })
  const snapshot = aSnapshot({
    templates: [template],
    caps: { maxAgents: AGENTS, maxCpus: undefined, maxMem: undefined },
    offers: Array.from({ length: HOSTS }, (_, host) =>
      anOffer({ host, free: { cpus: fit * 1_000, mem: 64_000_000, disk: 100_000_000 } }),
    ),
  })
  const { actions } = plan(waitingFor(snapshot, AGENTS), NOW)
  const provisions = actions.filter((action) => action.kind === 'provision')
  if (provisions.length !== AGENTS) throw new Error(`${provisions.length} of ${AGENTS} agents are placed`)
  return new Set(provisions.map(({ place }) => place.offers.join())).size
}

function waitingFor(snapshot: Snapshot, builds: number): Snapshot {
  if (snapshot.jenkins === undefined) throw new Error('nothing was read')
  return { ...snapshot, jenkins: { ...snapshot.jenkins, queue: items(builds) } }
}
