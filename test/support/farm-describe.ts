import type { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import type { EmbeddedCluster } from '../../src/embedded/mesos/embedded-cluster.ts'
import type { RunnableTask } from '../../src/embedded/mesos/runner.ts'
import type { View } from '../../src/loop/view-types.ts'
import { SIDECAR_TOKEN } from './farm-jenkins.ts'

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

interface TellingFarm {
  readonly logged: readonly string[]
  readonly launched: readonly RunnableTask[]
  readonly jenkins: Pick<EmbeddedJenkins, 'secretOf'>
}

/** @throws where a secret is in the log or in a task */
export function tellsNoSecret({ logged, launched, jenkins }: TellingFarm): void {
  const shown = [...logged, ...launched.map(({ info }) => JSON.stringify(info))].join('\n')
  const secrets = [SIDECAR_TOKEN, ...launched.map(({ info }) => jenkins.secretOf(info.task_id.value))]
  if (secrets.some((secret) => shown.includes(secret))) throw new Error('a secret is in the log or in a task')
}

/** The value of a series in what Prometheus would scrape. */
export function seriesIn(text: string, series: string): number {
  const found = text.split('\n').find((line) => line.startsWith(`jenkins_mesos_${series} `))
  if (found === undefined) throw new Error(`no series jenkins_mesos_${series} in:\n${text}`)
  return Number(found.slice(found.lastIndexOf(' ') + 1))
}
