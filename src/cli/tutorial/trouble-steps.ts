import { DEMO_JOBS } from '../demo-jobs.ts'
import { type Cluster, FRAMEWORK } from './cluster.ts'
import { Builds, begin, expectResults } from './scene.ts'
import type { Stage } from './stage.ts'

/** The story's three minutes: nothing falls idle while a step is played. */
const LATE_SECONDS = 180

/** 5: Jenkins crashes, and Marathon starts it again. */
export async function crashStep(stage: Stage): Promise<void> {
  const { cluster, marathon, jenkins, sidecar } = await begin(stage, LATE_SECONDS)
  const builds = new Builds(stage, jenkins)
  await builds.start('mesos', DEMO_JOBS)
  await stage.until(
    'two builds run and two wait',
    () => sidecar.page.counts(),
    ({ running, capped }) => running === 2 && capped === 2,
  )
  stage.say('Two builds run, two wait. Jenkins is killed with SIGKILL.')
  await stage.until(
    'Jenkins has written down what runs',
    async () => jenkins.writtenDown(),
    (found) => found === 2,
  )
  const before = await agentTasks(cluster)
  const [oldTask] = (await marathon.app('/jenkins')).tasks
  process.kill(jenkins.pid, 'SIGKILL')
  const { tasks } = await stage.until(
    'Marathon has another Jenkins, and it is healthy',
    () => marathon.app('/jenkins'),
    ({ tasksHealthy, tasks: [task] }) => tasksHealthy === 1 && task !== undefined && task.id !== oldTask?.id,
  )
  stage.say('Marathon starts it again, and it is healthy.')
  stage.expect('tasks of /jenkins', tasks.length, 1)
  const results = await stage.until(
    'the agents are back, and run what waited',
    () => jenkins.results(DEMO_JOBS),
    (found) => found.endsWith('running running'),
  )
  stage.expect('builds', results, 'ABORTED ABORTED running running')
  stage.expect('agents are the same as before', await agentTasks(cluster), before)
  builds.letEnd()
  await expectResults(stage, jenkins, DEMO_JOBS, 'ABORTED ABORTED SUCCESS SUCCESS')
}

/** 6: a master and the sidecar die while builds run. */
export async function failoverStep(stage: Stage): Promise<void> {
  const { cluster, jenkins, sidecar } = await begin(stage, LATE_SECONDS)
  const builds = new Builds(stage, jenkins)
  const jobs = DEMO_JOBS.slice(0, 2)
  await builds.start('mesos', jobs)
  await stage.until(
    'two builds run',
    () => sidecar.page.counts(),
    ({ running }) => running === 2,
  )
  const before = await agentTasks(cluster)
  stage.say('Two builds run. The sidecar is killed with SIGKILL, and so is the leading master.')
  await sidecar.kill()
  const killed = cluster.killLeader()
  const leader = await stage.until(
    'another master leads',
    () => cluster.leader(),
    (found) => found !== killed,
  )
  stage.expect('another master leads', String(leader !== killed), 'true')
  stage.expect('builds meanwhile', await jenkins.results(jobs), 'running running')
  await sidecar.run()
  stage.say('The sidecar is started again.')
  const { agents, running } = await stage.until(
    'the sidecar knows its agents',
    () => sidecar.page.counts(),
    (counts) => counts.agents === 2 && counts.running === 2,
  )
  stage.expect('agents that it knows', agents, 2)
  stage.expect('builds that run on them', running, 2)
  const names = await stage.until(
    'Marathon is registered again',
    () => cluster.frameworkNames(),
    (found) => found === 'jenkins, marathon',
  )
  stage.expect('frameworks of the new master', names, 'jenkins, marathon')
  const after = await stage.until(
    'it is registered again',
    () => agentTasks(cluster),
    (found) => found === before,
  )
  stage.expect('agents are the same as before', after, before)
  builds.letEnd()
  await expectResults(stage, jenkins, jobs, 'SUCCESS SUCCESS')
}

/** Ids of the tasks of the sidecar, in their order. */
async function agentTasks(cluster: Cluster): Promise<string> {
  const { tasks } = await cluster.framework(FRAMEWORK)
  return tasks
    .map(({ id }) => id)
    .sort()
    .join(' ')
}
