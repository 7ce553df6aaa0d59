import { AT, agent, host, item, template } from './parts.ts'

const head = {
  now: AT,
  health: { status: 'ok', words: 'Jenkins is read, Mesos is subscribed', lastRoundAgeMs: 740 },
  leadership: { role: 'leader', since: AT - 7_200_000, why: 'the only instance on its state' },
  jenkins: { url: 'https://ci.example.com/', reachable: true, version: '2.541.3', nodes: 23, queued: 5 },
  mesos: {
    subscribed: true,
    master: 'http://mesos-1.example.com:5050',
    version: '1.11.0',
    frameworkId: '5fd0f2a4-0000-0000-0000-000000000000-0007',
    offersHeld: 0,
    wantedRoles: [],
  },
  round: { number: 3_614, lastAt: AT - 740 },
  caps: { maxAgents: 50, maxCpus: 100 },
  paused: { all: false, templates: [] },
  problems: [],
} as const

export const state = { ...head, queue: [item], templates: [template], agents: [agent], hosts: [host] } as const

export const summary = {
  ...head,
  version: '1.0.0',
  startedAt: AT - 7_200_000,
  queue: { capped: 3, starting: 1, not_demand: 1 },
  waitingSince: AT - 95_000,
  agents: { online: 19, starting: 1 },
  executors: { idle: 0, busy: 19, starting: 1 },
  hosts: 12,
  givenCpus: 40,
  givenMemMib: 81_920,
  usedCpus: 24.6,
  usedMemMib: 31_022,
  lastEventId: 482,
} as const

export const timeline = {
  now: AT,
  everyMs: 15_000,
  at: [AT - 30_000, AT - 15_000],
  waiting: [null, 3],
  blocked: [null, 1],
  builds: [null, 19],
  agents: { online: [null, 19], starting: [null, 1] },
  givenCpus: [null, 40],
  usedCpus: [null, 24.6],
  givenMemMib: [null, 81_920],
  usedMemMib: [null, 31_022],
} as const

export const plan = {
  now: AT,
  round: 3_614,
  at: AT - 740,
  actions: ['provision an agent of linux on host-3.example.com (1 executor): job shop/checkout waits'],
  wantedRoles: ['ci'],
  nextLookAt: AT + 1_260,
} as const

export const configuration = {
  now: AT,
  settings: [
    {
      name: 'JENKINS_URL',
      value: 'https://ci.example.com/',
      source: 'environment',
      secret: false,
      description: 'Jenkins with its context path',
    },
    { name: 'JENKINS_TOKEN', value: 'set', source: 'file', secret: true, description: 'API token of that user' },
  ],
  templates: 'templates:\n  linux:\n    labels: [linux, jdk21]\n',
  files: ['/etc/sidecar/templates.yaml'],
  warnings: [],
  mistakes: [],
  logLevel: 'info',
} as const

export const metrics = {
  now: AT,
  items: [
    {
      name: 'jenkins_mesos_agents',
      type: 'gauge',
      help: 'Agents by template and state.',
      labels: ['template', 'state'],
    },
  ],
} as const
