import type { Scene } from './scene.ts'

/**
 * Invariant 8: what is left when the day is over, in words: nothing but the anchors, whatever happened in between.
 * Compared with a day without faults.
 */
export function outcomeOf(scene: Scene, anchors: readonly string[], results: readonly string[]): readonly string[] {
  const frameworks = scene.mesos.frameworks.map(
    ({ id, suppressedRoles, roles, outstandingOffers }) =>
      `framework ${id}: ${suppressedRoles.length} of ${roles.length} roles suppressed, ${outstandingOffers} offers`,
  )
  return [
    ...frameworks,
    ...[...anchors].sort().map((name) => `anchor ${name}`),
    ...[...scene.nodes].map((name) => `node ${name}`),
    ...scene.tasks.map(({ taskId, state }) => `task ${taskId} ${state}`),
    ...scene.records.map(({ agentId, state }) => `record ${agentId} ${state}`),
    ...results,
  ]
}
