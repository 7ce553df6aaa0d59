import { describe, expect, test } from '@jest/globals'
import { failed, NO_BACKOFF } from '../../src/core/backoff.ts'
import type { QueueItem } from '../../src/core/jenkins-reading.ts'
import type { MesosAgentId } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type Memory, type Plan, type Snapshot } from '../../src/core/snapshot.ts'
import { resourcesOf, type Template } from '../../src/core/template.ts'
import { anItem, anOffer, aTemplate, NOW } from '../support/builders.ts'
import { aQueueOf } from '../support/queue-worlds.ts'

const big = aTemplate({ name: 'big', cpus: { agent: 7_900, perExecutor: 100 } })
const small = aTemplate({ name: 'small' })
const waits = (label: string, id: number): QueueItem =>
  anItem({ id: String(id), job: `${label}-${id}`, why: `There are no nodes with the label ‘${label}’` })

const kept = {
  mesosAgentId: 'S1' as MesosAgentId,
  template: big.name,
  resources: resourcesOf(big, 1),
  priority: 0,
  until: NOW + 3_600_000,
}
const waitings = { '*': { template: big.name, since: NOW, kept, notBefore: NOW, tries: 4 } }
const offers = [anOffer({ host: 1, free: { cpus: 4_000, mem: 8_000_000 } })]

interface Scene {
  readonly queue: readonly QueueItem[]
  readonly templates?: readonly Template[]
  readonly over?: Partial<Snapshot>
  readonly memory?: Partial<Memory>
}

function rounds(count: number, { queue, templates = [big, small], over = {}, memory = {} }: Scene): Plan {
  let remembered: Memory = { ...EMPTY_MEMORY, waitings, ...memory }
  let decided: Plan | undefined
  for (let round = 0; round < count; round++) {
    const now = NOW + round * 2_000
    decided = plan(aQueueOf(queue, { templates, offers, memory: remembered, ...over }), now)
    remembered = decided.memory
  }
  if (decided === undefined) throw new Error('there is at least one round')
  return decided
}

const launched = ({ actions }: Plan) =>
  actions.flatMap((action) => (action.kind === 'provision' ? [action.template.name as string] : []))

describe('a host that is kept for a big agent', () => {
  const both = [waits('big', 1), waits('small', 2)]

  test('stays so while that waits', () => {
    expect(launched(rounds(3, { queue: both }))).toEqual([])
  })

  test.each<[string, Scene]>([
    ['an operator paused its template', { queue: both, over: { paused: { all: false, templates: [big.name] } } }],
    [
      'launches of its template fail',
      { queue: both, memory: { backoff: { [big.name]: failed(failed(NO_BACKOFF, NOW), NOW) } } },
    ],
    ['its template may have no more agents', { queue: both, templates: [{ ...big, maxAgents: 0 }, small] }],
    ['its template is gone', { queue: both, templates: [small] }],
    ['nobody waits for it any more', { queue: [waits('small', 2)] }],
  ])('is free again in the next round where %s', (_what, scene) => {
    expect(launched(rounds(2, scene))).toEqual(['small'])
  })

  test('does not keep a smaller agent of its own template waiting', () => {
    const wide = aTemplate({ name: 'big', executors: { min: 1, max: 40 }, cpus: { agent: 100, perExecutor: 200 } })
    const all = { ...kept, resources: resourcesOf(wide, 40) }
    const memory = { waitings: { '*': { ...waitings['*'], kept: all } } }
    expect(launched(rounds(2, { queue: [waits('big', 1)], templates: [wide, small], memory }))).toEqual(['big'])
  })

  test.each([1, 2, 3, 4])('invariant 5: each offer has one answer at most, round %i', (count) => {
    const { actions } = rounds(count, { queue: both })
    const answered = actions.flatMap((action) => (action.kind === 'decline' ? action.offers : []))
    expect(new Set(answered).size).toBe(answered.length)
  })
})
