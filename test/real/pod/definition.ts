import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { controllerArgs } from '../controller/controller-command.ts'
import { AGENT_OPENS } from '../controller/java.ts'

/** What the test looks into of marathon/pod.json. */
export interface PodDefinition {
  readonly id: string
  readonly containers: readonly Container[]
  readonly [field: string]: unknown
}

interface Container {
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  readonly endpoints: readonly { readonly name: string; readonly hostPort?: number }[]
  readonly [field: string]: unknown
}

export interface PodOptions {
  readonly folder: string
  readonly war: string
  readonly mesosUrl: string
  /** Of the host, for Jenkins. */
  readonly port: number
  readonly instances?: number
  /** Over the sidecar's. */
  readonly environment?: Readonly<Record<string, string>>
}

const KEEP_RUNNING = resolve('docker/keep-running')

/** marathon/pod.json with commands in place of its images, and folders of this machine in place of its volumes. */
export function podOf({ folder, war, mesosUrl, port, instances = 1, environment = {} }: PodOptions): PodDefinition {
  const {
    user: _user,
    volumes: _volumes,
    ...pod
  } = JSON.parse(readFileSync(resolve('marathon/pod.json'), 'utf8')) as PodDefinition
  const home = join(folder, 'jenkins')
  const java = controllerArgs({ war, home, port: 0 }).map((argument) =>
    argument === '--httpPort=0' ? '--httpPort="$ENDPOINT_JENKINS"' : argument,
  )
  const commands: Readonly<Record<string, object>> = {
    jenkins: { shell: `exec java ${java.join(' ')}` },
    sidecar: { shell: `exec ${KEEP_RUNNING}` },
  }
  const variables: Readonly<Record<string, object>> = {
    jenkins: { HUDSON_HOME: home, HOME: home, LANG: 'C.UTF-8' },
    sidecar: {
      MESOS_MASTER: mesosUrl,
      STATE_URL: `file:${join(folder, 'state')}`,
      MESOS_USER: process.env['USER'] ?? 'root',
      HTTP_HOST: '127.0.0.1',
      POLL_INTERVAL_MS: '500',
      TEMPLATES: JSON.stringify({ templates: { linux: AGENT } }),
      ...environment,
    },
  }
  return {
    ...pod,
    scaling: { kind: 'fixed', instances },
    scheduling: { ...SCHEDULING, backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 10 } },
    containers: pod.containers.map(({ image: _image, volumeMounts: _mounts, ...container }) => ({
      ...container,
      exec: { command: commands[container.name] },
      resources: { cpus: 0.1, mem: 128 },
      environment: { ...without(container.environment), ...variables[container.name] },
      ...('healthCheck' in container ? { healthCheck: { ...(container['healthCheck'] as object), ...SOON } } : {}),
      endpoints: container.endpoints.map((endpoint) =>
        endpoint.name === 'jenkins' ? { ...endpoint, hostPort: port } : endpoint,
      ),
    })),
  }
}

const SCHEDULING = {
  upgrade: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
  unreachableStrategy: 'disabled',
}

/** Of health checks: those of pod.json have all the time of the world. */
const SOON = { delaySeconds: 2, intervalSeconds: 5, timeoutSeconds: 4 }

const AGENT = {
  labels: ['linux'],
  executors: { min: 1, max: 1 },
  cpus: { agent: 0.1, perExecutor: 0.1 },
  memMib: { agent: 128, perExecutor: 64, factor: 1.1 },
  heapMib: 128,
  maxAgents: 2,
  idleTimeoutSeconds: 15,
  connectTimeoutSeconds: 90,
  jvmArgs: AGENT_OPENS,
}

/** The controller of this lane lets everybody in; agents have no image here. */
const LEFT_OUT = /^(JENKINS_USER|JENKINS_TOKEN_FILE|API_TOKEN_FILE|AGENT_(?!HTTP).*|JAVA_OPTS|JENKINS_HOME)$/

function without(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !LEFT_OUT.test(name)))
}
