import { describe } from './act.ts'
import type { PlanView } from './view-types.ts'
import type { World } from './world.ts'

/** Actions that are told one by one. */
const MOST_ACTIONS = 500

/** What the last round decided, for people. */
export function planView(world: Pick<World, 'lastPlan' | 'lastSnapshot' | 'lastRoundAt'>): PlanView {
  const { lastPlan: plan, lastSnapshot: snapshot, lastRoundAt: at } = world
  if (plan === undefined || snapshot === undefined) return noPlan('no round has ended yet')
  const more = plan.actions.length - MOST_ACTIONS
  const actions = plan.actions.slice(0, MOST_ACTIONS).map(describe)
  return {
    round: snapshot.round,
    at,
    actions: more > 0 ? [...actions, `and ${more} more`] : actions,
    held: plan.explanation.held,
    wantedRoles: [...plan.wantedRoles],
    nextLookAt: plan.nextLookAt,
  }
}

/** Of an instance that decides nothing. */
export function noPlan(held: string): PlanView {
  return { round: 0, at: undefined, actions: [], held, wantedRoles: [], nextLookAt: undefined }
}
