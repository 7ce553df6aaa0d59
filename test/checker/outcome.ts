import { type Scene, templateOf } from './scene.ts'

/**
 * Invariant 8: what there is when all is over, in words without the names of agents, which differ from day to day.
 * Compared with that of a day without faults.
 */
export function outcomeOf(scene: Scene, nodes: readonly string[]): readonly string[] {
  // One that was registered and never stored has nothing, and goes by itself.
  const frameworks = scene.mesos.frameworks.flatMap(({ connected, suppressedRoles, roles, outstandingOffers }) =>
    connected
      ? [`framework: ${suppressedRoles.length} of ${roles.length} roles suppressed, ${outstandingOffers} offers`]
      : [],
  )
  return [
    ...frameworks,
    ...nodes.map((name) => (scene.nodes.has(name) ? `node of ${templateOf(name)}` : `other node ${name}`)),
    // A master remembers for weeks what ran on a host that never came back.
    ...scene.tasks
      .filter(({ taskId, state }) => state !== 'TASK_UNREACHABLE' || scene.record(taskId) !== undefined)
      .map(({ taskId, state }) => `task of ${templateOf(taskId)}: ${state}`),
    ...scene.records.map(({ agentId, state }) => `record of ${templateOf(agentId)}: ${state}`),
  ].sort()
}
