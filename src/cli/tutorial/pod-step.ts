import { mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Cluster, FRAMEWORK } from './cluster.ts'
import { JenkinsSite, jenkinsCommand, prepareHome } from './jenkins.ts'
import { MarathonStage } from './marathon.ts'
import { MAIN, quoted } from './places.ts'
import { SidecarPage, templatesJson } from './sidecar.ts'
import type { Stage } from './stage.ts'

const ID = '/ci/jenkins'
const API_TOKEN = 'the-token-of-whoever-looks-at-the-page'

/** 7: Jenkins and the sidecar as one pod, a build, and the end of all of it. */
export async function podStep(stage: Stage): Promise<void> {
  const cluster = await Cluster.start(stage)
  const marathon = await MarathonStage.start(stage, cluster)
  const home = prepareHome(stage.folder)
  await marathon.deploy('pod.json', valuesFor(stage, cluster, home))
  const { status, instances } = await marathon.pod(ID)
  stage.expect('the pod', status, 'STABLE')
  const ports = new Map(
    instances
      .flatMap(({ containers }) => containers.flatMap(({ endpoints = [] }) => endpoints))
      .map(({ name, allocatedHostPort }) => [name, allocatedHostPort]),
  )
  stage.expect('its endpoints', [...ports.keys()].sort().join(' '), 'agents jenkins secrets sidecar')
  const jenkins = new JenkinsSite(`http://127.0.0.1:${ports.get('jenkins')}/`, home)
  const page = new SidecarPage(`http://127.0.0.1:${ports.get('sidecar')}`, API_TOKEN)
  await stage.until(
    'Jenkins answers',
    () => jenkins.nodes(),
    () => true,
  )
  await jenkins.createJob('test', 'mesos', 'true')
  await jenkins.build('test')
  stage.say('A job is built.')
  const result = await stage.until(
    'the build ends',
    () => jenkins.results(['test']),
    (found) => !/running|none/.test(found),
  )
  stage.expect('build', result, 'SUCCESS')
  const left = async (): Promise<string> => {
    const { tasks } = await cluster.framework(FRAMEWORK)
    return `${(await page.counts()).agents} agents, ${tasks.length} tasks, ${(await jenkins.nodes()).length} nodes`
  }
  const nothing = '0 agents, 0 tasks, 0 nodes'
  stage.expect(
    'left once the agent has been idle',
    await stage.until('nothing is left', left, (found) => found === nothing),
    nothing,
  )
  await marathon.deletePod(ID)
  stage.say('The pod is deleted.')
  const tasks = await stage.until(
    'Mesos runs nothing',
    async () => (await cluster.frameworks()).reduce((sum, framework) => sum + framework.tasks.length, 0),
    (found) => found === 0,
  )
  stage.expect('tasks in Mesos', tasks, 0)
  const pods = await stage.until(
    'Marathon has forgotten it',
    () => marathon.pods(),
    (found) => found === 0,
  )
  stage.expect('pods in Marathon', pods, 0)
}

/** What is ours in place of images and folders of a cluster: commands, and paths of this machine. */
function valuesFor(stage: Stage, { zooKeeper }: Cluster, home: string): object {
  const state = join(stage.folder, 'sidecar')
  mkdirSync(state)
  const apiToken = join(stage.folder, 'api-token')
  writeFileSync(apiToken, API_TOKEN, { mode: 0o600 })
  return {
    user: null,
    volumes: null,
    scheduling: { placement: null, backoff: { backoff: 1 } },
    containers: {
      jenkins: {
        image: null,
        volumeMounts: null,
        exec: { command: { shell: jenkinsCommand(home, '$ENDPOINT_JENKINS') } },
        resources: { cpus: 0.5, mem: 256 },
        healthCheck: {
          gracePeriodSeconds: 60,
          delaySeconds: 1,
          intervalSeconds: 2,
          timeoutSeconds: 1,
          maxConsecutiveFailures: 60,
        },
      },
      sidecar: {
        image: null,
        volumeMounts: null,
        exec: { command: { shell: `exec ${quoted(process.execPath)} ${quoted(MAIN)}` } },
        environment: {
          JENKINS_USER: 'sidecar',
          JENKINS_TOKEN_FILE: join(home, 'token'),
          JENKINS_AGENT_URL: `http://127.0.0.1:\${ENDPOINT_JENKINS}/`,
          API_TOKEN_FILE: apiToken,
          SIDECAR_URL: `http://127.0.0.1:\${ENDPOINT_SECRETS}/`,
          MESOS_MASTER: zooKeeper,
          MESOS_USER: userInfo().username,
          STATE_URL: `file:${state}`,
          HTTP_HOST: '127.0.0.1',
          AGENT_HTTP_HOST: '127.0.0.1',
          POLL_INTERVAL_MS: '500',
          TEMPLATES: templatesJson(2),
          AGENT_LABELS: null,
          AGENT_CPUS: null,
          AGENT_MEM_MIB: null,
          AGENT_IMAGE: null,
        },
      },
    },
  }
}
