import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEMO_JOBS } from '../demo-jobs.ts'
import { getText } from '../fetched.ts'
import { Cluster, HOSTS } from './cluster.ts'
import { JenkinsSite } from './jenkins.ts'
import { MarathonStage } from './marathon.ts'
import { quoted } from './places.ts'
import { Sidecar } from './sidecar.ts'
import type { Stage } from './stage.ts'

const FRAMEWORK = 'jenkins'
const SOON_SECONDS = 2
/** The story's three minutes: nothing falls idle while a step is played. */
const LATE_SECONDS = 180

interface Scene {
  readonly cluster: Cluster
  readonly marathon: MarathonStage
  readonly jenkins: JenkinsSite
  readonly sidecar: Sidecar
}

/** All of it, with a sidecar that is registered. */
async function begin(stage: Stage, idleTimeoutSeconds: number): Promise<Scene> {
  const cluster = await Cluster.start(stage)
  const marathon = await MarathonStage.start(stage, cluster)
  const jenkins = await JenkinsSite.byMarathon(stage, marathon)
  const sidecar = await Sidecar.start(stage, cluster, jenkins, idleTimeoutSeconds)
  stage.say('The sidecar starts, and finds the master in ZooKeeper.')
  await stage.until(
    'the sidecar is registered',
    () => cluster.framework(FRAMEWORK),
    () => true,
  )
  return { cluster, marathon, jenkins, sidecar }
}

/** Builds that run until the step lets them end: nothing here depends on how fast a machine is. */
class Builds {
  readonly #stage: Stage
  readonly #jenkins: JenkinsSite

  constructor(stage: Stage, jenkins: JenkinsSite) {
    this.#stage = stage
    this.#jenkins = jenkins
  }

  async start(label: string, jobs: readonly string[]): Promise<void> {
    const gate = quoted(this.#gate)
    for (const name of jobs) {
      await this.#jenkins.createJob(name, label, `until [ -e ${gate} ]; do sleep 0.2; done`)
      await this.#jenkins.build(name)
    }
  }

  letEnd(): void {
    writeFileSync(this.#gate, '')
  }

  get #gate(): string {
    return join(this.#stage.folder, 'builds-may-end')
  }
}

/** 1: machines, ZooKeeper and masters; one of them dies. */
export async function clusterStep(stage: Stage): Promise<void> {
  const cluster = await Cluster.start(stage)
  const leader = (): Promise<string> => cluster.leader()
  const first = await stage.until('a master leads', leader, () => true)
  stage.expect('hosts of the leading master', HOSTS, HOSTS)
  stage.say('The leading master is killed.')
  const killed = cluster.killLeader()
  stage.expect('that was the one that led', String(killed === first), 'true')
  const second = await stage.until('another master leads', leader, (found) => found !== first)
  stage.expect('another one leads', String(cluster.masters.includes(second) && second !== first), 'true')
  stage.expect('hosts that came back to it', HOSTS, HOSTS)
}

/** 2: Marathon runs Jenkins, and the sidecar registers. */
export async function jenkinsStep(stage: Stage): Promise<void> {
  const { cluster, marathon, jenkins, sidecar } = await begin(stage, SOON_SECONDS)
  const { tasksHealthy } = await marathon.app('/jenkins')
  stage.expect('healthy tasks of /jenkins', tasksHealthy, 1)
  stage.expect('Jenkins shows its login', String((await getText(`${jenkins.url}login`)).includes('Sign in')), 'true')
  const names = (await cluster.frameworks()).map(({ name }) => name).sort()
  stage.expect('frameworks of Mesos', names.join(', '), 'jenkins, marathon')
  await stage.until(
    'nothing is asked of Mesos',
    () => cluster.suppressed(FRAMEWORK),
    (found) => found === '1 of 1',
  )
  const framework = await cluster.framework(FRAMEWORK)
  stage.expect('roles in which no offers are sent, as nothing waits', await cluster.suppressed(FRAMEWORK), '1 of 1')
  stage.expect('offers that are held', (framework.offers ?? []).length, 0)
  stage.expect('tasks of the sidecar', framework.tasks.length, 0)
  await jenkins.createJob('test', 'mesos', 'true') // without any job check cannot tell whether it may see jobs
  const { code, lines } = await sidecar.check()
  for (const line of lines) stage.say(`  ${line}`)
  stage.expect('exit code of check', code, 0)
}

/** 3: four jobs, two agents. */
export async function buildsStep(stage: Stage): Promise<void> {
  const scene = await begin(stage, SOON_SECONDS)
  const { jenkins, sidecar } = scene
  const builds = new Builds(stage, jenkins)
  stage.say(`Jobs ${DEMO_JOBS.join(', ')} are built together; there may be two agents with one executor each.`)
  await builds.start('mesos', DEMO_JOBS)
  await stage.until(
    'two builds run and two wait',
    () => sidecar.page.counts(),
    ({ running, capped }) => running === 2 && capped === 2,
  )
  const { agents, running, capped } = await sidecar.page.counts()
  stage.expect('agents', agents, 2)
  stage.expect('builds that run', running, 2)
  stage.expect('builds that wait', capped, 2)
  const { queue } = await sidecar.page.view()
  stage.expect(
    'why they wait',
    [...new Set(queue.map(({ words }) => words))].join('; '),
    'cap: template mesos may have 2 agents (maxAgents)',
  )
  stage.expect('given to agents, from /metrics', await sidecar.page.allocated(), '0.6 CPU, 1408 MiB')
  builds.letEnd()
  await expectResults(stage, jenkins, DEMO_JOBS, 'SUCCESS SUCCESS SUCCESS SUCCESS')
  await expectNothingLeft(stage, scene)
}

/** 4: two labels, two sizes. */
export async function labelsStep(stage: Stage): Promise<void> {
  const scene = await begin(stage, SOON_SECONDS)
  const { cluster, jenkins, sidecar } = scene
  const builds = new Builds(stage, jenkins)
  stage.say('A job for label small and one for label big.')
  for (const label of ['small', 'big']) await builds.start(label, [`job-${label}`])
  await stage.until(
    'both builds run',
    () => sidecar.page.counts(),
    ({ running }) => running === 2,
  )
  const { tasks } = await cluster.framework(FRAMEWORK)
  const sizeOf = (label: string): string => {
    const { cpus, mem } = tasks.find(({ name }) => name.includes(label))?.resources ?? {}
    return `${cpus} CPU, ${mem} MiB`
  }
  stage.expect('task of label small', sizeOf('small'), '0.2 CPU, 282 MiB')
  stage.expect('task of label big', sizeOf('big'), '2 CPU, 2253 MiB')
  builds.letEnd()
  await expectResults(stage, jenkins, ['job-small', 'job-big'], 'SUCCESS SUCCESS')
  await expectNothingLeft(stage, scene)
}

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
  await stage.until(
    'the agents are back, and run what waited',
    () => jenkins.results(DEMO_JOBS),
    (found) => found === 'ABORTED ABORTED running running',
  )
  stage.expect('builds', await jenkins.results(DEMO_JOBS), 'ABORTED ABORTED running running')
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

async function expectResults(
  stage: Stage,
  jenkins: JenkinsSite,
  jobs: readonly string[],
  expected: string,
): Promise<void> {
  const results = await stage.until(
    `builds of ${jobs.join(', ')} end`,
    () => jenkins.results(jobs),
    (found) => !/running|none/.test(found),
  )
  stage.expect('builds', results, expected)
}

/** Agents fall idle and go. */
async function expectNothingLeft(stage: Stage, { cluster, jenkins, sidecar }: Scene): Promise<void> {
  stage.say('Nothing waits any more: the agents fall idle and go.')
  const left = async (): Promise<readonly (readonly [string, number])[]> => {
    const { tasks, offers = [] } = await cluster.framework(FRAMEWORK)
    return [
      ['agents that are left', (await sidecar.page.counts()).agents],
      ['nodes in Jenkins', (await jenkins.nodes()).length],
      ['tasks in Mesos', tasks.length],
      ['offers that are held', offers.length],
    ]
  }
  const found = await stage.until('nothing is left', left, (rows) => rows.every(([, count]) => count === 0))
  for (const [what, count] of found) stage.expect(what, count, 0)
}
