import { setMaxListeners } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { request } from 'undici'
import { systemClock } from '../../src/system-clock.ts'
import { type Benchmark, type Figure, median } from './bench.ts'
import { TOKEN, USER } from './big-jenkins.ts'
import { Child } from './child.ts'

const AGENTS = 2_000
const ITEMS = 10_000
const POLL_MS = 1_000
const START_MS = 120_000
const LOAD_SECONDS = 10
const CALLERS = 10
const READERS = 50

interface Round {
  /** When it ended. */
  readonly at: number
  readonly observe: number
  readonly plan: number
  readonly act: number
}

interface Told {
  readonly rounds: readonly Round[]
  readonly loop: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly cpuMs: number
}

interface Measured {
  readonly roundMs: number
  readonly slowRoundMs: number
  readonly intervalMs: number
  readonly slowIntervalMs: number
  readonly delayMs: number
  readonly cpus: number
  readonly requests: number
}

/**
 * Rounds of the compiled program with a big farm while many ask it, against rounds while nobody does. Whoever asks is in
 * this process, the farm in one of its own. Each caller asks again as soon as it was answered, and gives way to both: on
 * few cores it would be measured what the callers take from Jenkins.
 */
export const faceLoad: Benchmark = {
  name: 'face',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-face-'))
    const children: Child[] = []
    try {
      const farm = new Child([
        ...['--import', 'tsx', pathOf('./farm-process.ts')],
        ...[folder, String(AGENTS), String(ITEMS)],
      ])
      children.push(farm)
      const { jenkins, master } = JSON.parse(await farm.says(/^(\{"jenkins".*)$/, START_MS)) as Record<string, string>
      const program = new Child(
        [
          '--max-semi-space-size=4',
          ...['--import', 'tsx', '--import', pathOf('./face-probe.ts')],
          pathOf('../../dist/src/main.js'),
          'start',
        ],
        {
          JENKINS_URL: jenkins,
          JENKINS_USER: USER,
          JENKINS_TOKEN: TOKEN,
          POLL_INTERVAL_MS: String(POLL_MS),
          MESOS_MASTER: master,
          MESOS_USER: 'jenkins',
          STATE_URL: `file:${folder}`,
          TEMPLATES: JSON.stringify({ templates: templates() }),
          MAX_AGENTS: '4000',
          HTTP_PORT: '0',
          AGENT_HTTP_HOST: '127.0.0.1',
          AGENT_HTTP_PORT: '0',
          SIDECAR_URL: 'http://127.0.0.1:8091',
        },
      )
      children.push(program)
      const page = await program.says(/page\s+(http:\S+)\/$/, START_MS)
      await wholeFarm(page)
      setPriority(constants.priority.PRIORITY_LOW)
      const probe = new Probe(program)
      const quiet = async (): Promise<number> => {
        await systemClock.sleep(LOAD_SECONDS * 1000)
        return 0
      }
      const calls = (path: string) => () => callers(`${page}${path}`)
      await calls('/api/v1/state')() // warm
      await probe.during(quiet)
      const before = await probe.during(quiet)
      const metrics = await probe.during(calls('/metrics'))
      const state = await probe.during(calls('/api/v1/state'))
      const all = await probe.during(async () => {
        const readers = new AbortController()
        setMaxListeners(READERS, readers.signal)
        const reading = Array.from({ length: READERS }, () =>
          readStream(`${page}/api/v1/events/stream`, readers.signal),
        )
        const both = await Promise.all([callers(`${page}/metrics`), callers(`${page}/api/v1/state`)])
        readers.abort()
        await Promise.all(reading)
        return both[0] + both[1]
      })
      const after = await probe.during(quiet)
      const calm = { ...before, roundMs: (before.roundMs + after.roundMs) / 2 }
      return [
        { name: 'face: a round, nobody asks', value: calm.roundMs, unit: 'ms', target: undefined },
        { name: 'face: event loop delay p99, nobody asks', value: calm.delayMs, unit: 'ms', target: undefined },
        ...figures(`${CALLERS} ask /metrics`, metrics, calm),
        ...figures(`${CALLERS} ask /api/v1/state`, state, calm),
        ...figures(`both, and ${READERS} follow events`, all, calm),
      ]
    } finally {
      await Promise.all(children.map((child) => child.end()))
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function figures(who: string, loaded: Measured, calm: Measured): readonly Figure[] {
  const ratio = (of: keyof Measured): number => loaded[of] / calm[of]
  return [
    { name: `face: round, ${who}`, value: ratio('roundMs'), unit: 'times', target: { atMost: 1.5 } },
    { name: `face: slow round (p95), ${who}`, value: ratio('slowRoundMs'), unit: 'times', target: undefined },
    { name: `face: time between rounds, ${who}`, value: ratio('intervalMs'), unit: 'times', target: { atMost: 1.5 } },
    { name: `face: the same, p95, ${who}`, value: ratio('slowIntervalMs'), unit: 'times', target: undefined },
    { name: `face: answers, ${who}`, value: loaded.requests, unit: '1/s', target: undefined },
    { name: `face: event loop delay p99, ${who}`, value: loaded.delayMs, unit: 'ms', target: undefined },
    { name: `face: cores used, ${who}`, value: loaded.cpus, unit: 'cores', target: undefined },
  ]
}

class Probe {
  readonly #program: Child
  #asked = 0

  constructor(program: Child) {
    this.#program = program
  }

  /** @param load says how many requests a second were answered */
  async during(load: () => Promise<number>): Promise<Measured> {
    await this.#ask()
    const startedAt = performance.now()
    const requests = await load()
    const { rounds, loop, cpuMs } = await this.#ask()
    const ms = performance.now() - startedAt
    const times = rounds.map(({ observe, plan, act }) => observe + plan + act)
    const starts = rounds.map(({ at }, index) => at - (times[index] ?? 0))
    if (times.length === 0) throw new Error(`no round ended in ${Math.round(ms)} ms`)
    const between = starts.slice(1).map((at, index) => at - (starts[index] ?? at))
    const intervals = between.length > 0 ? between : [ms]
    return {
      roundMs: median(times),
      slowRoundMs: p95(times),
      intervalMs: median(intervals),
      slowIntervalMs: p95(intervals),
      delayMs: loop.p99,
      cpus: cpuMs / ms,
      requests,
    }
  }

  async #ask(): Promise<Told> {
    this.#asked += 1
    const said = this.#program.says(new RegExp(`^(\\{"probe":${this.#asked},.*)$`), START_MS)
    this.#program.signal('SIGUSR2')
    return JSON.parse(await said) as Told
  }
}

function p95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.95) - 1)] ?? Number.NaN
}

/** @returns answers a second */
async function callers(url: string): Promise<number> {
  const headers = { 'accept-encoding': 'gzip' }
  const { requests, errors, non2xx, timeouts } = await autocannon({
    url,
    headers,
    connections: CALLERS,
    duration: LOAD_SECONDS,
  })
  if (errors + non2xx + timeouts > 0) {
    throw new Error(`GET ${url}: ${errors} errors, ${non2xx} other answers than 200, ${timeouts} without one`)
  }
  return requests.average
}

async function readStream(url: string, signal: AbortSignal): Promise<void> {
  try {
    const { body } = await request(url, { signal })
    for await (const _ of body) if (signal.aborted) return
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function templates(): object {
  const names = [0, 1, 2, 3].map((team) => `team-${team}`)
  return {
    ...Object.fromEntries(
      names.map((name) => [
        name,
        { labels: [name, 'linux'], executors: 1, maxAgents: 1_000, idleTimeoutSeconds: 3_600 },
      ]),
    ),
    // What waits has a template, and finds no offer.
    scarce: { labels: ['nowhere'], executors: 1, maxAgents: 10 },
  }
}

/** Else something else is measured than is meant. */
async function wholeFarm(page: string): Promise<void> {
  const deadline = systemClock.now() + START_MS
  for (;;) {
    const { body } = await request(`${page}/api/v1/state`)
    const { agents, queue } = (await body.json()) as { agents: { state: string; usage?: object }[]; queue: object[] }
    const whole = agents.filter(({ state, usage }) => state === 'online' && usage !== undefined).length
    if (whole >= AGENTS && queue.length === ITEMS) return
    if (systemClock.now() > deadline) {
      throw new Error(
        `${whole} of ${AGENTS} agents are online with their usage, ${queue.length} of ${ITEMS} items wait`,
      )
    }
    await systemClock.sleep(1_000)
  }
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
