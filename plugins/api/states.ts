import { DEMAND_STATES } from '../../src/core/explain-templates.ts'
import type { AgentState } from '../../src/core/model.ts'
import type { ItemState } from '../../src/core/snapshot.ts'

/** All of them: the type checker counts. */
export const all =
  <T extends string>() =>
  <const L extends readonly T[]>(list: [T] extends [L[number]] ? L : never): L =>
    list

export const ITEM_STATES = all<ItemState>()([
  'not_demand',
  'served',
  'starting',
  'waiting_offer',
  'capped',
  'backed_off',
  'paused',
  'rate_limited',
  'tied',
  'unserved',
  'vetoed',
  'unreadable',
  'not_understood',
])

export const AGENT_STATES = all<AgentState>()([
  'planned',
  'starting',
  'online',
  'disconnected',
  'unreachable',
  'draining',
  'stopping',
  'gone',
])

/** Their builds wait for an agent: one that starts, one that may not start yet, or one that no template has. */
export const WANTING: ReadonlySet<ItemState> = new Set([
  ...DEMAND_STATES,
  'unserved',
  'vetoed',
  'unreadable',
  'not_understood',
])
