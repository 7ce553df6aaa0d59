import { DEMAND_STATES } from '../../src/core/explain-templates.ts'
import type { AgentState } from '../../src/core/model.ts'
import type { ItemState } from '../../src/core/snapshot.ts'
import { all } from '../../src/core/states.ts'

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
