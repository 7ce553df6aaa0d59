import type { Launch } from '../../src/core/launch.ts'
import type { AgentId, TemplateName } from '../../src/core/model.ts'
import type { Template } from '../../src/core/template.ts'
import type { AgentSecret, TaskLaunch } from '../../src/loop/ports.ts'

export const SECRET = '0123456789abcdef'.repeat(4)

export interface Over {
  readonly agentId?: string
  readonly launch?: Partial<Launch>
  readonly agent?: Partial<AgentSecret>
  readonly viaEnvironment?: boolean
  readonly resources?: Readonly<Record<string, number>>
}

/** An agent about to be launched, as the loop hands it over. */
export function launchOf(over: Over = {}): TaskLaunch {
  return {
    agentId: (over.agentId ?? 'linux-1') as AgentId,
    template: templateOf(over.launch),
    executors: 1,
    resources: over.resources ?? { cpus: 1000, mem: 512_000 },
    agent: {
      secret: SECRET,
      connection: 'websocket',
      url: 'http://jenkins.test/ci/',
      jnlpUrl: 'http://jenkins.test/ci/computer/linux-1/slave-agent.jnlp',
      jarUrl: 'http://jenkins.test/ci/jnlpJars/agent.jar',
      noReconnectAfter: false,
      ...over.agent,
    },
    secretUrl: over.viaEnvironment === true ? undefined : 'http://sidecar.test/secret/token',
  }
}

function templateOf(over: Partial<Launch> = {}): Template {
  return {
    name: 'linux' as TemplateName,
    revision: '1',
    labels: ['linux'],
    mode: 'NORMAL',
    isDefault: false,
    priority: 0,
    role: 'ci',
    executors: { min: 1, max: 1 },
    cpus: { agent: 100, perExecutor: 900 },
    memMib: { agent: 256, perExecutor: 256, factor: 1 },
    diskMib: 0,
    scalars: {},
    ports: 0,
    regions: 'home',
    constraints: [],
    packing: 'binpack',
    affinity: false,
    maxBuildMs: 3_600_000,
    idleTimeoutMs: 60_000,
    maxAgents: 10,
    maxCpus: undefined,
    maxMem: undefined,
    minIdle: 0,
    headroom: undefined,
    schedules: [],
    coolDownMs: 0,
    connectTimeoutMs: 300_000,
    reconnectTimeoutMs: 300_000,
    unreachableTimeoutMs: 900_000,
    oneShot: false,
    maxBuilds: undefined,
    maxAgeMs: undefined,
    reapOrder: 'oldest',
    rescheduleLostBuilds: false,
    nodeProperties: { environment: {}, toolLocations: [] },
    launch: {
      connection: 'auto',
      commandStyle: 'linux',
      command: 'java {jvmArgs} -jar {jar} {connection}',
      preflight: false,
      jvmArgs: [],
      agentArgs: [],
      heapMib: 256,
      remoteFs: 'jenkins',
      user: undefined,
      environment: {},
      uris: [],
      killGraceSeconds: 30,
      secretVia: 'uri',
      container: undefined,
      ...over,
    },
  }
}
