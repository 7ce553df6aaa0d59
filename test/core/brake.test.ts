import { expect, test } from '@jest/globals'
import { applyBrake } from '../../src/core/brake.ts'
import type { AgentId, ReapReason } from '../../src/core/model.ts'
import type { Taking } from '../../src/core/snapshot.ts'
import { NOW } from '../support/builders.ts'

const takings = (count: number, reapReason: ReapReason = 'disconnected'): readonly Taking[] =>
  Array.from({ length: count }, (_, n) => ({ agentId: `mesos-${n}` as AgentId, reapReason, reason: 'gone away' }))

test.each<[number, number, ReapReason, boolean]>([
  [5, 5, 'disconnected', false],
  [6, 6, 'disconnected', true],
  [6, 11, 'disconnected', true],
  [6, 12, 'disconnected', false],
  [50, 50, 'idle', false],
  [50, 50, 'one_shot', false],
  [50, 50, 'max_builds', false],
  [50, 50, 'max_age', false],
  [6, 6, 'connect_timeout', true],
  [6, 6, 'unreachable', true],
])('%i of %i agents for %s: held %s', (count, agents, reason, held) => {
  const braked = applyBrake(takings(count, reason), agents, undefined, false, NOW)
  expect(braked.takings).toHaveLength(held ? 0 : count)
  expect(braked.held === undefined).toBe(!held)
  expect(braked.brake?.rounds).toBe(held ? 1 : undefined)
})

test('says how many, of how many, and why', () => {
  expect(applyBrake(takings(8), 9, undefined, false, NOW).held).toBe(
    'the brake holds 8 of 9 agents that would go at once (gone away)',
  )
})

test('says what it holds and since when, and keeps that while the wish changes', () => {
  const first = applyBrake(takings(8), 9, undefined, false, NOW).brake
  expect(first).toMatchObject({ agents: 9, since: NOW, takings: takings(8) })
  expect(applyBrake(takings(7), 9, first, false, NOW + 2_000).brake).toMatchObject({ since: NOW, rounds: 1 })
})

test('lets those go that go for idleness', () => {
  const both = [...takings(8), { agentId: 'mesos-idle' as AgentId, reapReason: 'idle' as const, reason: 'idle' }]
  expect(applyBrake(both, 9, undefined, false, NOW).takings).toEqual(both.slice(8))
})

test('gives way after three rounds that want the same, and begins anew when they differ', () => {
  let { brake } = applyBrake(takings(8), 8, undefined, false, NOW)
  ;({ brake } = applyBrake(takings(7), 8, brake, false, NOW))
  expect(brake?.rounds).toBe(1)
  ;({ brake } = applyBrake(takings(7), 8, brake, false, NOW))
  expect(brake?.rounds).toBe(2)
  expect(applyBrake(takings(7), 8, brake, false, NOW)).toMatchObject({ held: undefined, brake: undefined })
  expect(applyBrake(takings(7), 8, brake, false, NOW).takings).toHaveLength(7)
})

test('gives way at once to an operator', () => {
  expect(applyBrake(takings(8), 8, undefined, true, NOW).takings).toHaveLength(8)
})
