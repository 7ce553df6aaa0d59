import { DEMO_JOBS } from '../demo-jobs.ts'
import { getText } from '../fetched.ts'
import { Cluster, FRAMEWORK, HOSTS } from './cluster.ts'
import { Builds, begin, expectResults, type Scene } from './scene.ts'
import type { Stage } from './stage.ts'

const SOON_SECONDS = 2

/** 1: machines, ZooKeeper and masters; one of them dies. */
export async function clusterStep(stage: Stage): Promise<void> {
  const cluster = await Cluster.start(stage)
  const leader = (): Promise<string> => cluster.leader()
  const first = await stage.until('a master leads', leader, () => true)
  stage.expect('hosts of the leading master', await cluster.hostsOf(first), HOSTS)
  stage.say('The leading master is killed.')
  const killed = cluster.killLeader()
  stage.expect('that was the one that led', String(killed === first), 'true')
  const second = await stage.until('another master leads', leader, (found) => found !== first)
  stage.expect('another one leads', String(second !== first), 'true')
  stage.expect('hosts that came back to it', await cluster.hostsOf(second), HOSTS)
}

/** 2: Marathon runs Jenkins, and the sidecar registers. */
export async function jenkinsStep(stage: Stage): Promise<void> {
  const { cluster, marathon, jenkins, sidecar } = await begin(stage, SOON_SECONDS)
  const { tasksHealthy } = await marathon.app('/jenkins')
  stage.expect('healthy tasks of /jenkins', tasksHealthy, 1)
  stage.expect('Jenkins shows its login', String((await getText(`${jenkins.url}login`)).includes('Sign in')), 'true')
  stage.expect('frameworks of Mesos', await cluster.frameworkNames(), 'jenkins, marathon')
  const suppressed = await stage.until(
    'nothing is asked of Mesos',
    () => cluster.suppressed(FRAMEWORK),
    (found) => found === '1 of 1',
  )
  const framework = await cluster.framework(FRAMEWORK)
  stage.expect('roles in which no offers are sent, as nothing waits', suppressed, '1 of 1')
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
  const { agents, running, capped } = await stage.until(
    'two builds run and two wait',
    () => sidecar.page.counts(),
    (counts) => counts.running === 2 && counts.capped === 2,
  )
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
