import type { AgentId, TemplateName } from '../../src/core/model.ts'
import { NOTHING_PAUSED } from '../../src/core/pause.ts'
import type { ItemExplanation } from '../../src/core/snapshot.ts'
import type { AgentView, HostView, TemplateView, View } from '../../src/loop/view-types.ts'
import { NOW } from './builders.ts'

/** A view of a program that has just become ready and has nothing to do. */
export function aView(over: Partial<View> = {}): View {
  return {
    now: NOW,
    health: { status: 'ok', words: 'Jenkins is read, Mesos is subscribed', lastRoundAgeMs: 250 },
    leadership: { role: 'leader', since: NOW - 3_600_000, why: 'the only instance on its state' },
    jenkins: {
      url: 'http://jenkins.test/',
      reachable: true,
      error: undefined,
      version: '2.541.3',
      nodes: 1,
      queued: 0,
    },
    mesos: {
      subscribed: true,
      master: 'http://mesos.test:5050',
      version: '1.11.0',
      frameworkId: 'F1',
      why: undefined,
      offersHeld: 0,
      wantedRoles: [],
    },
    round: { number: 3, lastAt: NOW - 250, held: undefined },
    caps: { maxAgents: 50, maxCpus: undefined, maxMemMib: undefined },
    paused: NOTHING_PAUSED,
    queue: [],
    templates: [],
    agents: [],
    hosts: [],
    brake: undefined,
    problems: [],
    dryRun: undefined,
    ...over,
  }
}

export function aTemplateView(over: Partial<Omit<TemplateView, 'template'>> & { readonly template?: string } = {}) {
  const { template = 'linux', ...rest } = over
  return {
    template: template as TemplateName,
    demand: 0,
    idleExecutors: 0,
    busyExecutors: 0,
    startingExecutors: 0,
    agents: 0,
    wanted: 0,
    capped: undefined,
    words: '0 of at most 10 agents',
    labels: ['linux'],
    role: '*',
    maxAgents: 10,
    givenCpus: 0,
    givenMemMib: 0,
    failures: 0,
    backedOffUntil: undefined,
    paused: false,
    scheduled: undefined,
    minIdle: 0,
    idleTimeoutMs: 180_000,
    maxCpus: undefined,
    maxMemMib: undefined,
    usedCpus: undefined,
    usedMemMib: undefined,
    ...rest,
  } satisfies TemplateView
}

export function anAgentView(over: Partial<Omit<AgentView, 'agentId'>> & { readonly agentId?: string } = {}) {
  const { agentId = 'mesos-linux-1', ...rest } = over
  return {
    agentId: agentId as AgentId,
    template: 'linux',
    state: 'online',
    since: NOW - 60_000,
    createdAt: NOW - 90_000,
    hostname: 'host-1',
    executors: 1,
    cpus: 0.3,
    memMib: 704,
    reason: 'job app waits',
    idleSince: undefined,
    offlineBy: undefined,
    builds: [],
    taskState: 'TASK_RUNNING',
    usage: undefined,
    usedCpus: undefined,
    keep: 'busy',
    words: 'busy with app #1',
    goesAt: undefined,
    ...rest,
  } satisfies AgentView
}

export function anItemView(over: Partial<ItemExplanation> = {}): ItemExplanation {
  return {
    itemId: '7',
    job: 'app',
    state: 'waiting_offer',
    template: 'linux' as TemplateName,
    wish: 'label',
    label: 'linux',
    node: undefined,
    hostname: undefined,
    words: 'template linux serves it; no host has offered resources to role * yet',
    since: NOW - 35_000,
    ...over,
  }
}

export function aHostView(over: Partial<HostView> = {}): HostView {
  return {
    hostname: 'host-1',
    agents: 1,
    givenCpus: 0.3,
    givenMemMib: 704,
    offeredCpus: 0,
    offeredMemMib: 0,
    avoidedUntil: undefined,
    usedCpus: undefined,
    usedMemMib: undefined,
    freeCpus: 3.7,
    freeMemMib: 7_488,
    seenAt: NOW - 60_000,
    attributes: {},
    maintenanceAt: undefined,
    ...over,
  }
}
