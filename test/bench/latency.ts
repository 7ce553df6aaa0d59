import { systemChance } from '../../src/chance.ts'
import { compose } from '../../src/compose.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { Secret } from '../../src/core/secret.ts'
import type { HttpHandler } from '../../src/embedded/http.ts'
import type { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import { listen } from '../../src/embedded/listen.ts'
import { EmbeddedMesos } from '../../src/embedded/mesos/embedded-mesos.ts'
import type { TaskRunner } from '../../src/embedded/mesos/runner.ts'
import { Jenkins } from '../../src/jenkins/jenkins.ts'
import type { Program } from '../../src/program.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { systemClock } from '../../src/system-clock.ts'
import { type Benchmark, median } from './bench.ts'
import { connectAgent, listenAsJenkins, TOKEN, USER } from './big-jenkins.ts'
import { SILENT } from './silent.ts'

const POLL_MS = 2_000
/** So many sidecars at once, each with systems of its own: they mostly wait. */
const FARMS = 4
const SAMPLES_PER_FARM = 5
const SAMPLES = FARMS * SAMPLES_PER_FARM
/** For REVIVE, the offer, and whatever else the program itself takes. */
const ALLOWED_MS = 30
const STEP_MS = 5
const LIMIT_MS = 20_000

interface Sample {
  readonly acceptedMs: number
  /** Node creation and JNLP, asked of the same Jenkins right afterwards. */
  readonly requestsMs: number
}

/**
 * From an item that becomes buildable to the ACCEPT for its agent, with the role suppressed before. Items come at
 * points spread evenly over the poll interval, so that the median is not the luck of a few throws.
 */
export const latency: Benchmark = {
  name: 'latency',
  run: async () => {
    const farms = Array.from({ length: FARMS }, (_, farm) => sampleFarm(farm))
    const samples = (await Promise.all(farms)).flat()
    const accepted = median(samples.map(({ acceptedMs }) => acceptedMs))
    const requests = median(samples.map(({ requestsMs }) => requestsMs))
    return [
      {
        name: `latency: buildable to ACCEPT, median of ${samples.length}`,
        value: accepted,
        unit: 'ms',
        target: { atMost: POLL_MS / 2 + ALLOWED_MS + requests },
      },
      { name: 'latency: of that, node creation and JNLP', value: requests, unit: 'ms', target: undefined },
    ]
  },
}

async function sampleFarm(farm: number): Promise<readonly Sample[]> {
  const { jenkins, listener } = await listenAsJenkins()
  const { master, hosts, accepts, mesos } = await listenAsMesos(jenkins)
  const program = makeProgram(listener.url, master.url.origin)
  const prober = new Jenkins({ url: listener.url, user: USER, token: TOKEN, clock: systemClock, log: SILENT })
  try {
    await program.start()
    const samples: Sample[] = []
    for (let index = 0; index < SAMPLES_PER_FARM; index++) {
      const phase = (index * FARMS + ((farm + index) % FARMS) + 0.5) / SAMPLES
      await atPhase(program, phase * POLL_MS, index)
      const job = `build-${index}`
      jenkins.createJob({ name: job, label: 'linux', durationMs: 3_600_000 })
      const startedAt = performance.now()
      jenkins.build(job)
      if (jenkins.queue[0]?.stage !== 'buildable') throw new Error(`the item is ${jenkins.queue[0]?.stage ?? 'gone'}`)
      await until(() => accepts.length > index, 'the ACCEPT')
      samples.push({ acceptedMs: (accepts[index] ?? 0) - startedAt, requestsMs: await probe(prober, index) })
    }
    return samples
  } finally {
    await program.stop('leave')
    await prober.close()
    await mesos.close({ killTasks: true })
    await jenkins.stop()
    for (const open of [listener, master, hosts]) await open.close()
  }
}

function makeProgram(jenkinsUrl: URL, master: string): Program {
  const reading = readConfig(
    {
      JENKINS_URL: jenkinsUrl.href,
      JENKINS_USER: USER,
      JENKINS_TOKEN: TOKEN,
      POLL_INTERVAL_MS: String(POLL_MS),
      MESOS_MASTER: master,
      MESOS_USER: 'jenkins',
      TEMPLATES: JSON.stringify({
        templates: { linux: { labels: ['linux'], executors: 1, maxAgents: 40, secretVia: 'environment' } },
      }),
    },
    (path) => {
      throw new Error(`${path} is not to be read`)
    },
  )
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  const { config } = reading
  const jenkinsToken = new Secret(TOKEN)
  return compose({
    config,
    endpoints: {
      jenkinsUrl,
      jenkinsUser: USER,
      jenkinsToken: () => jenkinsToken,
      agentUrl: undefined,
      masters: [master],
      mesosUser: 'jenkins',
    },
    store: new MemoryStore(),
    clock: systemClock,
    chance: systemChance,
    log: SILENT,
    version: 'bench',
    templates: () => config.templates,
    secretBaseUrl: () => undefined,
  })
}

async function listenAsMesos(jenkins: EmbeddedJenkins) {
  const accepts: number[] = []
  let toMaster: HttpHandler = notStarted
  let toHosts: HttpHandler = notStarted
  const master = await listen(
    (request) => {
      if (/"type":\s*"ACCEPT"/.test(request.body.toString())) accepts.push(performance.now())
      return toMaster(request)
    },
    { host: '127.0.0.1', port: 0 },
  )
  const hosts = await listen((request) => toHosts(request), { host: '127.0.0.1', port: 0 })
  const resources = { cpus: 1_000, memMib: 1_000_000, diskMib: 1_000_000 }
  const mesos = await EmbeddedMesos.start({
    clock: systemClock,
    hosts: [{ hostname: 'host-1', authority: `127.0.0.1:${hosts.port}`, resources }],
    masterAuthority: `127.0.0.1:${master.port}`,
    runnerFor: () => connectingRunner(jenkins),
  })
  toMaster = mesos.masterHandler
  toHosts = mesos.hostsHandler
  return { accepts, master, hosts, mesos }
}

const notStarted: HttpHandler = async () => ({ status: 503, headers: [], body: Buffer.from('not started\n') })

/** No process: a task is an agent that is online at once and keeps its build. */
function connectingRunner(jenkins: EmbeddedJenkins): TaskRunner {
  return {
    recover: async () => [],
    launch: (task, onEvent) => {
      onEvent({ kind: 'started', pid: 1 })
      connectAgent(jenkins, task.info.task_id.value).catch(() => {
        onEvent({ kind: 'exited', status: 1 })
      })
    },
    follow: () => undefined,
    kill: () => undefined,
    usage: async () => undefined,
    forget: async () => undefined,
    close: async () => undefined,
  }
}

/** All agents are at work and nothing is wanted; then so long after the end of a round that the poll began. */
async function atPhase(program: Program, phaseMs: number, agents: number): Promise<void> {
  const isCalm = (): boolean => {
    const { agents: all, mesos, templates, health } = program.view()
    const [linux] = templates
    const calm = mesos.subscribed && mesos.wantedRoles.length === 0 && mesos.offersHeld === 0
    return calm && health.status === 'ok' && all.length === agents && linux?.busyExecutors === agents
  }
  await until(isCalm, 'a calm farm')
  for (;;) {
    const before = program.view().round.lastAt
    await until(() => program.view().round.lastAt !== before, 'the end of another round')
    const { number, lastAt } = program.view().round
    await systemClock.sleep(Math.max(0, (lastAt ?? 0) + phaseMs - systemClock.now()))
    // A round that something else began would be another interval.
    if (isCalm() && program.view().round.number === number) return
  }
}

async function probe(jenkins: Jenkins, index: number): Promise<number> {
  const name = `probe-${index}`
  const startedAt = performance.now()
  await jenkins.createNode({
    name,
    description: 'measures how long this takes',
    remoteFs: 'jenkins',
    executors: 1,
    mode: 'NORMAL',
    labels: [name],
    connection: 'auto',
  })
  await jenkins.agentSecret(name, 'auto')
  const ms = performance.now() - startedAt
  await jenkins.deleteNode(name)
  return ms
}

async function until(done: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + LIMIT_MS
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come in ${LIMIT_MS} ms`)
    await systemClock.sleep(STEP_MS)
  }
}
