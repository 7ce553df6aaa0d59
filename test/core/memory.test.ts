import { expect, test } from '@jest/globals'
import { failed, NO_BACKOFF } from '../../src/core/backoff.ts'
import { NEVER_SEEN } from '../../src/core/lifecycle.ts'
import type { AgentId, MesosAgentId, TemplateName } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { Memory } from '../../src/core/snapshot.ts'
import { aSnapshot, NOW } from '../support/builders.ts'

const LATER = NOW + 24 * 3_600_000
const gone = 'gone' as TemplateName
const image = 'gone+maven:3' as TemplateName
const kept = { mesosAgentId: 'S9' as MesosAgentId, template: gone, resources: {}, priority: 0, until: NOW + 300_000 }

/** All that there may be, of templates, agents, hosts, items and nodes that are there no more. */
const OLD: Memory = {
  seen: { ['mesos-gone-1' as AgentId]: NEVER_SEEN },
  backoff: { [gone]: failed(NO_BACKOFF, NOW), [image]: failed(NO_BACKOFF, NOW) },
  customLabels: { 'gone:maven:3': NOW },
  hostBackoff: { 'host-9': NOW + 60_000 },
  hostFailures: { 'host-9': { count: 3, lastAt: NOW } },
  avoidedBy: {
    [gone]: { hostBackoff: { 'host-9': NOW + 60_000 }, hostFailures: { 'host-9': { count: 3, lastAt: NOW } } },
  },
  jobHosts: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`job/${index}/`, ['host-9']])),
  waitings: { '*': { template: gone, since: NOW, kept, notBefore: NOW, tries: 1 } },
  passedOver: { 1: { since: NOW, grantedAt: NOW } },
  allotted: { 1: gone },
  orphanNodes: {
    'mesos-gone-1': { since: NOW, sweeps: 1, lastSweep: NOW, askedSince: undefined, askedAt: undefined },
  },
  refusals: { [gone]: 'no room' },
  refusedLong: { '*': [gone] },
  troubles: { [gone]: { revision: 'r0', words: 'its image is missing' } },
  brake: { key: 'mesos-gone-1 unreachable', rounds: 1, since: NOW, agents: 9, takings: [] },
  launches: { tokens: 0, at: NOW },
  orders: [],
  peaks: { [gone]: { since: NOW, executors: 9, before: 9 } },
}

test('nothing is remembered of what is gone but where jobs ran, of two thousand at most', () => {
  const { memory } = plan(aSnapshot({ memory: OLD }), LATER)
  const { jobHosts, launches, brake, ...parts } = memory
  expect(Object.keys(jobHosts)).toHaveLength(2_000)
  expect(launches).toEqual({ tokens: 10_000, at: LATER })
  expect(brake).toBeUndefined()
  expect(Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0))).toEqual({})
})

test('while Jenkins cannot be read nothing is added', () => {
  expect(plan(aSnapshot({ memory: OLD, jenkins: undefined }), LATER).memory).toEqual(OLD)
})
