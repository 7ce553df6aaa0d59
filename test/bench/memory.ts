import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { systemClock } from '../../src/system-clock.ts'
import type { Benchmark } from './bench.ts'
import { TOKEN, USER } from './big-jenkins.ts'
import { Child } from './child.ts'

const AGENTS = 2_000
const ROUNDS = 20
const LOOK_EVERY_MS = 5_000
const START_MS = 60_000
const RUN_MS = 90_000

/**
 * Garbage is collected when the process is told to; the program itself knows nothing of it. Twice, as what has a
 * finalizer goes with the second collection, and V8 gives pages back beside the program.
 */
const COLLECT_ON_SIGNAL = `data:text/javascript,process.on('SIGUSR2', () => {
  gc();
  setTimeout(() => { gc(); setTimeout(() => console.error('collected: yes'), 500) }, 500);
})`

/** The memory of the compiled program with many agents, after it has been looked at and scraped for many rounds. */
export const memory: Benchmark = {
  name: 'memory',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-memory-'))
    const children: Child[] = []
    try {
      const farm = new Child(['--import', 'tsx', pathOf('./farm-process.ts'), folder, String(AGENTS)])
      children.push(farm)
      const { jenkins, master } = JSON.parse(await farm.says(/^(\{"jenkins".*)$/, START_MS)) as Record<string, string>
      const program = new Child(
        [
          '--max-semi-space-size=4',
          '--expose-gc',
          '--import',
          COLLECT_ON_SIGNAL,
          pathOf('../../dist/src/main.js'),
          'start',
        ],
        {
          JENKINS_URL: jenkins,
          JENKINS_USER: USER,
          JENKINS_TOKEN: TOKEN,
          POLL_INTERVAL_MS: '500',
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
      await roundsDone(page)
      const collected = program.says(/^(collected: yes)$/, START_MS)
      program.signal('SIGUSR2')
      await collected
      const residentMib = statusMib(program.pid, 'VmRSS')
      await sameFarm(page)
      return [
        {
          name: 'memory: resident with 2,000 agents after 20 rounds',
          value: residentMib,
          unit: 'MiB',
          target: { atMost: 150 },
        },
        {
          name: 'memory: the most it ever was',
          value: statusMib(program.pid, 'VmHWM'),
          unit: 'MiB',
          target: undefined,
        },
      ]
    } finally {
      await Promise.all(children.map((child) => child.end()))
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function templates(): object {
  const names = [0, 1, 2, 3].map((team) => `team-${team}`)
  return Object.fromEntries(
    names.map((name) => [name, { labels: [name, 'linux'], executors: 1, maxAgents: 1_000, idleTimeoutSeconds: 3_600 }]),
  )
}

/** Metrics are scraped all the while, as in life. */
async function roundsDone(page: string): Promise<void> {
  const deadline = systemClock.now() + RUN_MS
  for (;;) {
    const { body } = await request(`${page}/metrics`)
    const rounds = Number(/^jenkins_mesos_round_seconds_count\{phase="act"\} (\d+)/m.exec(await body.text())?.[1] ?? 0)
    if (rounds >= ROUNDS) return
    if (systemClock.now() > deadline) throw new Error(`only ${rounds} rounds in ${RUN_MS} ms`)
    await systemClock.sleep(LOOK_EVERY_MS)
  }
}

/** Else something else was measured than was meant. */
async function sameFarm(page: string): Promise<void> {
  const { body } = await request(`${page}/api/v1/state`)
  const { agents } = (await body.json()) as { agents: { state: string; usage?: object }[] }
  const whole = agents.filter(({ state, usage }) => state === 'online' && usage !== undefined).length
  if (whole !== AGENTS) throw new Error(`${whole} of ${AGENTS} agents are online with their usage at the end`)
}

function statusMib(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (found === undefined) throw new Error(`/proc/${pid}/status has no ${field}`)
  return Number(found) / 1024
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
