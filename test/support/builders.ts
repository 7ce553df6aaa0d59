import type { JenkinsNode, JenkinsReading, QueueItem } from '../../src/core/jenkins-reading.ts'
import { describeAgent, describeAnchor, offlineReason } from '../../src/core/markers.ts'
import type { AgentId, AgentRecord, FrameworkId, MesosAgentId, OfferId, TemplateName } from '../../src/core/model.ts'
import type { Offer } from '../../src/core/offer.ts'
import { NOTHING_PAUSED } from '../../src/core/pause.ts'
import { EMPTY_MEMORY, type Snapshot } from '../../src/core/snapshot.ts'
import { resourcesOf, type Template } from '../../src/core/template.ts'
import { aContainer } from './containers.ts'

export const NOW = Date.UTC(2026, 0, 1)

export function aTemplate(over: Partial<Omit<Template, 'name'>> & { readonly name?: string } = {}): Template {
  const { name = 'linux', ...rest } = over
  return {
    name: name as TemplateName,
    revision: 'r1',
    labels: [name],
    mode: 'NORMAL',
    isDefault: false,
    priority: 0,
    role: '*',
    executors: { min: 1, max: 1 },
    cpus: { agent: 200, perExecutor: 100 },
    memMib: { agent: 512, perExecutor: 128, factor: 1.1 },
    diskMib: 0,
    scalars: {},
    ports: 0,
    regions: 'home',
    constraints: [],
    packing: 'binpack',
    affinity: false,
    maxBuildMs: 3_600_000,
    idleTimeoutMs: 180_000,
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
      heapMib: 512,
      remoteFs: 'jenkins',
      user: undefined,
      environment: {},
      uris: [],
      killGraceSeconds: 30,
      secretVia: 'uri',
      container: undefined,
    },
    ...rest,
  }
}

/** A template that takes images from the labels of jobs. */
export function anImageTemplate(over: Parameters<typeof aTemplate>[0] = {}): Template {
  const template = aTemplate(over)
  return {
    ...template,
    launch: {
      ...template.launch,
      container: aContainer({ image: 'jenkins/inbound-agent:latest', network: 'HOST', customImages: true }),
    },
  }
}

/** An agent of the template, online and idle unless told otherwise. */
export function aRecord(
  over: Partial<Omit<AgentRecord, 'agentId'>> & { readonly agentId?: string } = {},
  template = aTemplate(),
): AgentRecord {
  const { agentId = 'mesos-linux-1', ...rest } = over
  const executors = rest.executors ?? template.executors.min
  return {
    agentId: agentId as AgentId,
    template: template.name,
    revision: template.revision,
    labels: template.labels,
    mode: template.mode,
    role: template.role,
    executors,
    resources: resourcesOf(template, executors),
    oneShot: template.oneShot,
    maxBuilds: template.maxBuilds,
    maxAgeMs: template.maxAgeMs,
    state: 'online',
    since: NOW,
    createdAt: NOW,
    reason: 'job app waits',
    reapReason: undefined,
    hostname: 'host-1',
    mesosAgentId: 'S1' as MesosAgentId,
    address: '10.0.0.1:5051',
    hostAttributes: {},
    jenkinsUrl: undefined,
    offerId: 'O1' as OfferId,
    launchedAt: NOW,
    onlineAt: NOW,
    idleSince: NOW,
    tokenHash: 'h',
    tokenUsedAt: NOW,
    taskState: 'TASK_RUNNING',
    taskEnded: false,
    nodeGone: false,
    buildsSeen: 0,
    killedAt: undefined,
    ...rest,
  }
}

export function aNode(over: Partial<JenkinsNode> = {}): JenkinsNode {
  return {
    name: 'static-1',
    builtIn: false,
    description: '',
    labels: [],
    executors: 1,
    running: [],
    idle: true,
    offline: false,
    temporarilyOffline: false,
    offlineReason: '',
    mode: undefined,
    ...over,
  }
}

/** The node of an agent, online and idle. */
export function nodeOf(record: AgentRecord, over: Partial<JenkinsNode> = {}): JenkinsNode {
  const { agentId, template, labels, executors } = record
  const description = describeAgent(
    { agentId, template, frameworkId: 'F1' as FrameworkId, owner: 'jenkins' },
    record.reason,
  )
  return aNode({ name: agentId, description, labels: [...labels], executors, ...over })
}

export function anchorOf(template: Template, over: Partial<JenkinsNode> = {}): JenkinsNode {
  return aNode({
    name: `anchor-${template.name}`,
    description: describeAnchor(template, 'jenkins'),
    labels: [...template.labels],
    offline: true,
    temporarilyOffline: true,
    offlineReason: offlineReason('anchor'),
    ...over,
  })
}

/** A build that waits for a node with the label; `why` as Jenkins says it when one anchor has it. */
export function anItem(over: Partial<QueueItem> = {}): QueueItem {
  return {
    id: '1',
    job: 'app',
    jobUrl: 'http://jenkins.test/job/app/',
    why: '‘anchor-linux’ is offline',
    stuck: true,
    blocked: false,
    buildable: true,
    pending: false,
    buildableSince: NOW - 1_000,
    queuedSince: NOW - 6_000,
    labelExpression: undefined,
    ...over,
  }
}

export function items(count: number, over: Partial<QueueItem> = {}): readonly QueueItem[] {
  return Array.from({ length: count }, (_, index) =>
    anItem({ id: String(index + 1), job: `job-${index + 1}`, ...over }),
  )
}

export function anOffer(
  over: Partial<Omit<Offer, 'id' | 'mesosAgentId'>> & { readonly id?: string; readonly host?: number } = {},
): Offer {
  const { id, host = 1, ...rest } = over
  return {
    id: (id ?? `O-${host}`) as OfferId,
    mesosAgentId: `S${host}` as MesosAgentId,
    hostname: `host-${host}`,
    address: `10.0.0.${host}:5051`,
    role: '*',
    free: { cpus: 8_000, mem: 16_384_000, disk: 100_000_000 },
    attributes: [],
    domain: undefined,
    unavailability: undefined,
    receivedAt: NOW,
    ...rest,
  }
}

export function aReading(over: Partial<JenkinsReading> = {}): JenkinsReading {
  return { readAt: NOW, session: 's1', version: '2.541.3', nodes: [], queue: [], seesJobs: true, ...over }
}

/** A world in which everything is well: subscribed, reconciled, the third round, one template with its anchor. */
export function aSnapshot(over: Partial<Snapshot> = {}): Snapshot {
  const templates = over.templates ?? [aTemplate()]
  return {
    round: 3,
    jenkins: aReading({ nodes: templates.map((template) => anchorOf(template)) }),
    otherJenkins: undefined,
    fresh: true,
    mesos: { subscribed: true, frameworkId: 'F1' as FrameworkId, reconciled: true },
    offers: [],
    windows: new Map(),
    records: [],
    templates,
    caps: { maxAgents: 50, maxCpus: undefined, maxMem: undefined },
    pollIntervalMs: 2_000,
    busy: new Set(),
    ready: new Set(),
    strays: [],
    absent: new Set(),
    lostFrameworks: new Set(),
    frameworkName: 'jenkins',
    memory: EMPTY_MEMORY,
    brakeReleased: false,
    paused: NOTHING_PAUSED,
    launchRate: { burst: 10_000, perSecond: 10_000 },
    hosts: [],
    ...over,
  }
}
