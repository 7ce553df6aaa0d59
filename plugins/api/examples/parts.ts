/** A moment on which the examples agree. */
export const AT = 1_767_225_600_000

export const item = {
  itemId: '1187',
  job: 'shop/checkout',
  state: 'capped',
  template: 'linux',
  wish: 'label',
  label: 'linux && jdk21',
  words: 'template linux serves it, and has its 20 agents; 20 of 20 are in use',
  since: AT - 95_000,
} as const

export const standing = { cap: { scope: 'template', used: 20, limit: 20 } } as const

export const wish = {
  candidates: [
    { template: 'linux', outcome: 'capped', words: 'has its 20 agents' },
    { template: 'windows', outcome: 'labels', words: 'has no label linux' },
  ],
  more: 0,
  missing: [],
} as const

export const agent = {
  agentId: 'mesos-linux-4f9a1c7e',
  template: 'linux',
  state: 'online',
  since: AT - 240_000,
  createdAt: AT - 252_000,
  hostname: 'host-3.example.com',
  executors: 1,
  cpus: 2,
  memMib: 4096,
  reason: 'job shop/checkout waits',
  builds: ['shop/checkout #218'],
  taskState: 'TASK_RUNNING',
  usage: { cpuSeconds: 191.4, cpusLimit: 2, memRssBytes: 1_288_490_188, memLimitBytes: 4_294_967_296 },
  usedCpus: 1.4,
  keep: 'busy',
  words: 'runs shop/checkout #218',
} as const

export const host = {
  hostname: 'host-3.example.com',
  agents: 4,
  givenCpus: 8,
  givenMemMib: 16_384,
  offeredCpus: 0,
  offeredMemMib: 0,
  usedCpus: 5.2,
  usedMemMib: 7_310,
  freeCpus: 0.5,
  freeMemMib: 12_288,
  seenAt: AT - 4_000,
  attributes: { rack: 'r2', '@zone': 'b' },
} as const

export const hostDetails = {
  ...host,
  refusals: [{ template: 'linux', words: ['needs cpus 2, has cpus 0.5'] }],
} as const

const quantiles = { p50: 0.7, p95: 1.5, max: 1.9 } as const

export const sizing = {
  template: 'linux',
  cpus: { asked: 2, measured: 214, agents: quantiles, samples: quantiles },
  memMib: {
    asked: 4096,
    measured: 214,
    agents: { p50: 1_210, p95: 2_040, max: 2_310 },
    samples: { p50: 980, p95: 1_720, max: 2_310 },
  },
  advice:
    'An executor of linux asks for 4096 MiB, and 95 % of 214 agents used at most 2040, none more than 2310: ' +
    'memMib.perExecutor 2816 would do (now 4096).',
} as const

const templateExplanation = {
  template: 'linux',
  demand: 3,
  idleExecutors: 0,
  busyExecutors: 19,
  startingExecutors: 1,
  agents: 20,
  wanted: 0,
  capped: 'template',
  words: '20 of at most 20 agents',
} as const

export const template = {
  ...templateExplanation,
  labels: ['linux', 'jdk21'],
  role: 'ci',
  maxAgents: 20,
  givenCpus: 40,
  givenMemMib: 81_920,
  failures: 0,
  paused: false,
  minIdle: 0,
  idleTimeoutMs: 180_000,
  usedCpus: 24.6,
  usedMemMib: 31_022,
  sizing,
} as const

const hostsReport = {
  role: 'ci',
  known: 12,
  offering: 2,
  fitting: 0,
  nearest: [
    {
      hostname: 'host-3.example.com',
      offering: true,
      seenAt: AT - 4_000,
      refusals: [{ stage: 'resources', words: 'needs cpus 2, has cpus 0.5', passing: true }],
      short: [{ name: 'cpus', needs: 2, has: 0.5 }],
    },
  ],
  others: { resources: 11 },
} as const

export const templateReport = {
  ...templateExplanation,
  needs: 'cpus 2, mem 4096 MiB',
  hosts: hostsReport,
  possibleHosts: 12,
  fitNow: 0,
  fitAtMost: 26,
  findings: [],
} as const

export const agentExplanation = {
  agentId: agent.agentId,
  template: 'linux',
  state: 'online',
  since: agent.since,
  hostname: agent.hostname,
  provisioned: 'job shop/checkout waits',
  keep: 'busy',
  words: 'runs shop/checkout #218',
} as const
