import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { equalHosts } from '../compose-embedded.ts'
import { readConfig } from '../config/read-config.ts'
import { systemClock } from '../system-clock.ts'
import { DEMO_JOBS } from './demo-jobs.ts'
import { DemoWatch } from './demo-watch.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK } from './io.ts'
import { makeLogger } from './logger.ts'
import { launch, type Running } from './running.ts'
import { goodOrBad, table } from './table.ts'
import { Steps } from './terminal/steps.ts'

export interface DemoArguments {
  /** Builds and idle timeouts are so many times shorter. */
  readonly speed: number
}

interface Row {
  readonly what: string
  readonly expected: string
  readonly found: string
}

/** 40 machines: one for the masters, the others run tasks. */
const HOSTS = 39
const BUILD_SECONDS = 6
const IDLE_SECONDS = 4
const LIMIT_MS = 60_000

/**
 * `demo --once`: the day of the tutorial. Four jobs start together, at most two agents run them, two wait and are told
 * why; then all of it goes away again. Then two labels with different resources. Fails where anything differs.
 */
export async function demo({ speed }: DemoArguments, io: CommandIo): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'jenkins-mesos-demo-'))
  try {
    const rows = await play(folder, speed, io)
    io.out(
      table(
        ['', 'what', 'expected', 'found'],
        rows.map((row) => [row.expected === row.found ? 'ok' : 'NO', row.what, row.expected, row.found]),
        io.paper.out,
        goodOrBad,
      ),
    )
    return rows.every(({ expected, found }) => expected === found) ? EXIT_OK : EXIT_FAILED
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function play(folder: string, speed: number, io: CommandIo): Promise<readonly Row[]> {
  const reading = readConfig(settings(folder, speed), io.readFile)
  if (!reading.ok) throw new Error(`the demo's own settings have mistakes: ${reading.mistakes.join(' ')}`)
  const { config } = reading
  const steps = new Steps(io, systemClock)
  const running = await steps.run(`starting a Jenkins and a Mesos with ${HOSTS} hosts on this machine`, () =>
    launch({
      config,
      log: makeLogger('fatal'),
      version: io.version,
      templates: () => config.templates,
      problems: () => [],
      hosts: equalHosts(HOSTS, 4, 8192),
    }),
  )
  try {
    io.err(`The page: ${running.url}/`)
    const first = await tutorialDay(running, speed, io, steps)
    const second = await slaveInfo(running, speed, io, steps)
    return [...first, ...second]
  } finally {
    await steps.run('ending all of it', () => running.stop('kill'))
  }
}

function settings(folder: string, speed: number): Record<string, string> {
  const idleTimeoutSeconds = Math.max(1, Math.round(IDLE_SECONDS / speed))
  const common = { idleTimeoutSeconds, maxAgents: 2, connectTimeoutSeconds: 30, killGraceSeconds: 2 }
  const executors = { min: 1, max: 1 }
  const templates = {
    mesos: {
      labels: ['mesos'],
      executors,
      cpus: { agent: 0.2, perExecutor: 0.1 },
      memMib: { agent: 512, perExecutor: 128, factor: 1.1 },
      ...common,
    },
    small: {
      labels: ['small'],
      executors,
      cpus: { agent: 0.1, perExecutor: 0.1 },
      memMib: { agent: 128, perExecutor: 128, factor: 1.1 },
      ...common,
    },
    big: {
      labels: ['big'],
      executors,
      cpus: { agent: 1, perExecutor: 1 },
      memMib: { agent: 1024, perExecutor: 1024, factor: 1.1 },
      ...common,
    },
  }
  return {
    STATE_URL: `file:${folder}`,
    TEMPLATES: JSON.stringify({ templates }),
    POLL_INTERVAL_MS: '500',
    HTTP_PORT: '0',
    AGENT_HTTP_PORT: '0',
    LOG_LEVEL: 'fatal',
  }
}

async function tutorialDay(running: Running, speed: number, io: CommandIo, steps: Steps): Promise<readonly Row[]> {
  const watch = new DemoWatch(running, steps)
  const jenkins = watch.jenkins
  const hosts = await watch.hosts()
  for (const name of DEMO_JOBS) {
    jenkins.createJob({ name, label: 'mesos', durationMs: (BUILD_SECONDS / speed) * 1000, cpu: 0.2, memMib: 16 })
  }
  io.err(`Building ${DEMO_JOBS.join(', ')} together; at most two agents may run.`)
  for (const name of DEMO_JOBS) jenkins.build(name)
  await watch.until('two builds run and two wait', LIMIT_MS, () => watch.running === 2 && watch.capped.length === 2)
  const waiting = watch.capped
  io.err(`Two run, two wait: "${waiting[0]?.words ?? ''}"`)
  await watch.until('the four builds end', LIMIT_MS, () => DEMO_JOBS.every((name) => watch.resultOf(name) !== null))
  io.err('All four have run. Now the agents fall idle and go.')
  await watch.until('the agents go', LIMIT_MS, () => watch.agents === 0)
  const end = await watch.atRest(LIMIT_MS)
  return [
    { what: 'hosts that run tasks (one more machine for the masters)', expected: String(HOSTS), found: String(hosts) },
    { what: 'jobs that waited, by name of their explanation', expected: '2 capped', found: `${waiting.length} capped` },
    {
      what: 'what stood in their way',
      expected: 'cap: template mesos may have 2 agents (maxAgents)',
      found: [...new Set(waiting.map(({ words }) => words))].join('; '),
    },
    { what: 'most CPUs given, from /metrics', expected: '0.6', found: String(watch.peakCpus) },
    { what: 'most memory given, from /metrics', expected: '1408 MiB', found: `${watch.peakMemMib} MiB` },
    { what: 'most agents at once', expected: '2', found: String(watch.peakAgents) },
    {
      what: 'builds of the four jobs',
      expected: 'SUCCESS SUCCESS SUCCESS SUCCESS',
      found: DEMO_JOBS.map((name) => watch.resultOf(name) ?? 'none').join(' '),
    },
    ...end.map(({ what, found }) => ({ what: `at the end: ${what}`, expected: '0', found: String(found) })),
  ]
}

/** Two labels, two sizes: the tasks must show them. */
async function slaveInfo(running: Running, speed: number, io: CommandIo, steps: Steps): Promise<readonly Row[]> {
  const watch = new DemoWatch(running, steps)
  io.err('Two labels with different resources: small and big.')
  for (const label of ['small', 'big']) {
    watch.jenkins.createJob({ name: `job-${label}`, label, durationMs: (BUILD_SECONDS / speed) * 1000 })
    watch.jenkins.build(`job-${label}`)
  }
  const sizes = new Map<string, string>()
  await watch.until('a task of each label runs', LIMIT_MS, () => watch.agents === 2 && watch.running === 2)
  for (const { name, cpus, mem } of await watch.tasks()) {
    const template = ['small', 'big'].find((one) => name.includes(one)) ?? name
    sizes.set(template, `${cpus} CPU, ${mem} MiB`)
  }
  await watch.until('both builds end and their agents go', LIMIT_MS, () => watch.running === 0 && watch.agents === 0)
  const end = await watch.atRest(LIMIT_MS)
  return [
    { what: 'task of label small', expected: '0.2 CPU, 282 MiB', found: sizes.get('small') ?? 'none' },
    { what: 'task of label big', expected: '2 CPU, 2253 MiB', found: sizes.get('big') ?? 'none' },
    ...['job-small', 'job-big'].map((name) => ({
      what: `build of ${name}`,
      expected: 'SUCCESS',
      found: watch.resultOf(name) ?? 'none',
    })),
    ...end.map(({ what, found }) => ({ what: `at the very end: ${what}`, expected: '0', found: String(found) })),
  ]
}
