import type { AgentId, AgentRecord, FrameworkId, TemplateName } from '../../src/core/model.ts'
import type { Change } from '../../src/loop/ports.ts'

/** A whole record; `agentId` is made of the name. */
export function agentRecord(name: string, overrides: Partial<AgentRecord> = {}): AgentRecord {
  return {
    agentId: name as AgentId,
    template: 'linux' as TemplateName,
    revision: 'r1',
    labels: ['linux'],
    mode: 'NORMAL',
    role: '*',
    executors: 1,
    resources: { cpus: 1000, mem: 1_024_000 },
    oneShot: false,
    maxBuilds: undefined,
    maxAgeMs: undefined,
    state: 'planned',
    since: 0,
    createdAt: 0,
    reason: 'one build waits',
    reapReason: undefined,
    hostname: undefined,
    mesosAgentId: undefined,
    address: undefined,
    hostAttributes: undefined,
    jenkinsUrl: undefined,
    offerId: undefined,
    launchedAt: undefined,
    onlineAt: undefined,
    idleSince: undefined,
    tokenHash: undefined,
    tokenUsedAt: undefined,
    taskState: undefined,
    taskEnded: false,
    nodeGone: false,
    buildsSeen: 0,
    killedAt: undefined,
    ...overrides,
  }
}

export function put(name: string, overrides: Partial<AgentRecord> = {}): Change {
  return { key: `agent/${name as AgentId}`, value: agentRecord(name, overrides) }
}

export function drop(name: string): Change {
  return { key: `agent/${name as AgentId}`, value: undefined }
}

export function framework(id: string | undefined): Change {
  return {
    key: 'framework',
    value: id === undefined ? undefined : { frameworkId: id as FrameworkId, master: 'http://mesos.test:5050' },
  }
}
