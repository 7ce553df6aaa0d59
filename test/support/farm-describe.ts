import type { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import type { EmbeddedCluster } from '../../src/embedded/mesos/embedded-cluster.ts'
import type { View } from '../../src/loop/view.ts'

/** What is told of a farm. */
export interface DescribedFarm {
  readonly jenkins: Pick<EmbeddedJenkins, 'nodes'>
  readonly mesos: Pick<EmbeddedCluster, 'snapshot'>
  readonly view: View
  readonly results: readonly string[]
  readonly logged: readonly string[]
}

/** The state of the world, for a test that failed. */
export function describeFarm({ jenkins, mesos, view, results, logged }: DescribedFarm): string {
  const { agents, health, queue, problems, round } = view
  return [
    `builds: ${results.join(' ')}`,
    `nodes: ${jenkins.nodes.map(({ name, temporarilyOffline }) => `${name}${temporarilyOffline ? ' (off)' : ''}`).join(', ')}`,
    `tasks: ${mesos
      .snapshot()
      .tasks.map(({ taskId, state }) => `${taskId} ${state}`)
      .join(', ')}`,
    `agents: ${agents.map(({ agentId, state, reason }) => `${agentId} ${state} (${reason})`).join(', ')}`,
    `queue: ${queue.map(({ words }) => words).join(' | ')}`,
    `health: ${health.status} ${health.words}; held: ${round.held ?? 'no'}; problems: ${problems.join(' | ')}`,
    ...logged.slice(-40),
  ].join('\n')
}
