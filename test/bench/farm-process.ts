import { randomUUID } from 'node:crypto'
import { describeAgent } from '../../src/core/markers.ts'
import type { AgentRecord, FrameworkId, MesosAgentId, TemplateName } from '../../src/core/model.ts'
import type { HttpHandler, HttpResponse } from '../../src/embedded/http.ts'
import type { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import { type Listener, listen } from '../../src/embedded/listen.ts'
import { FileStore } from '../../src/store/file-store.ts'
import { systemClock } from '../../src/system-clock.ts'
import { agentRecord } from '../support/records.ts'
import { addNode, connectAgent, listenAsJenkins } from './big-jenkins.ts'

/**
 * The surroundings of a sidecar with many agents, in a process of their own: a Jenkins with the agents online, most
 * with a build, a master that knows their tasks, hosts that tell their usage, and a state folder from an earlier life.
 * Tells where they are in one line of JSON.
 *
 * Usage: farm-process.ts FOLDER AGENTS [ITEMS]
 */
const [folder = '', count = '', items = ''] = process.argv.slice(2)
const AGENTS = Number(count)
const AGENTS_PER_HOST = 5
const TEAMS = 4
const WAITING = 200
/** The queue shows each of the waiting items so often: a Jenkins of ours would take minutes to fill. */
const TIMES = items === '' ? 1 : Math.round(Number(items) / WAITING)
const FRAMEWORK = '285ec86c-c1c5-4917-87ef-3fc5e9e6c7e6-0029' as FrameworkId
const MASTER = '285ec86c-c1c5-4917-87ef-3fc5e9e6c7e6'

const hosts: Listener[] = []
for (let host = 0; host < AGENTS / AGENTS_PER_HOST; host++) {
  hosts.push(await listen(usageOf(host), { host: '127.0.0.1', port: 0 }))
}
const records = Array.from({ length: AGENTS }, (_, index) => recordOf(index))
const store = await FileStore.open({ folder: `${folder}/sidecar` })
const framework = { key: 'framework', value: { frameworkId: FRAMEWORK, master: 'http://127.0.0.1:5050' } } as const
await store.commit([framework, ...records.map((value) => ({ key: `agent/${value.agentId}` as const, value }))])
await store.close()

const { listener: atJenkins, jenkins } = await listenAsJenkins(undefined, longerQueue)
await fill(jenkins)
const master = await listen(scheduler(), { host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ jenkins: atJenkins.url.href, master: master.url.origin }))

function nameOf(index: number): string {
  return `mesos-team-${index % TEAMS}-${index.toString(36).padStart(10, '0')}`
}

function isBusy(index: number): boolean {
  return index % 10 < 7
}

function recordOf(index: number): AgentRecord {
  const now = systemClock.now()
  const host = Math.floor(index / AGENTS_PER_HOST)
  const since = now - index * 1_000
  return agentRecord(nameOf(index), {
    template: `team-${index % TEAMS}` as TemplateName,
    labels: [`team-${index % TEAMS}`, 'linux'],
    state: 'online',
    since,
    createdAt: since,
    launchedAt: since,
    onlineAt: since,
    idleSince: isBusy(index) ? undefined : now,
    reason: `folder/build-${index % 90} waits and 3 more`,
    hostname: `host-${host}.example.test`,
    mesosAgentId: `${MASTER}-S${host}` as MesosAgentId,
    address: `127.0.0.1:${hosts[host]?.port ?? 0}`,
    taskState: 'TASK_RUNNING',
    tokenHash: 'f'.repeat(64),
  })
}

async function fill(farm: EmbeddedJenkins): Promise<void> {
  // Builds first: a queue that already waits is looked through for each agent that comes.
  for (const [index, { agentId, template, reason, labels }] of records.entries()) {
    const description = describeAgent({ agentId, template, frameworkId: FRAMEWORK }, reason)
    await addNode(farm, { name: agentId, description, labels: labels.join(' '), executors: 1 })
    await connectAgent(farm, agentId)
    if (!isBusy(index)) continue
    farm.createJob({ name: `build-${index}`, label: agentId, durationMs: 3_600_000 })
    farm.build(`build-${index}`)
  }
  for (let index = 0; index < WAITING; index++) {
    farm.createJob({ name: `waiting-${index}`, label: 'nowhere' })
    farm.build(`waiting-${index}`)
  }
}

function longerQueue(inner: HttpHandler): HttpHandler {
  return async (request) => {
    const { 'accept-encoding': _, ...headersLeft } = request.headers
    const answer = await inner({ ...request, headers: headersLeft })
    if (TIMES === 1 || !request.path.startsWith('/queue/api/json') || answer.status !== 200) return answer
    if (!Buffer.isBuffer(answer.body)) throw new Error('the queue is no stream')
    const queue = JSON.parse(answer.body.toString()) as { readonly items: readonly QueueItem[] }
    const all = Array.from({ length: TIMES }, (_, time) => queue.items.map((item) => another(item, time))).flat()
    const headers = answer.headers.filter(([name]) => !/^content-length$/i.test(name))
    return { ...answer, headers, body: Buffer.from(JSON.stringify({ ...queue, items: all })) }
  }
}

interface QueueItem {
  readonly id: number
  readonly task: { readonly name: string; readonly url: string }
}

function another(item: QueueItem, time: number): QueueItem {
  const name = `${item.task.name}-${time}`
  return { ...item, id: item.id + time * 1_000_000, task: { ...item.task, name, url: `${item.task.url}${time}/` } }
}

/** As much of a master as a sidecar without demand needs: it subscribes, and asks for its tasks. */
function scheduler(): HttpHandler {
  let tell: (event: object) => void = () => undefined
  return async (request) => {
    const call = JSON.parse(request.body.toString()) as {
      readonly type: string
      readonly reconcile?: { readonly tasks?: readonly { readonly task_id: { readonly value: string } }[] }
    }
    if (call.type === 'SUBSCRIBE') {
      const events = new Events(request.signal)
      tell = (event) => {
        events.push(event)
      }
      tell({
        type: 'SUBSCRIBED',
        subscribed: {
          framework_id: { value: FRAMEWORK },
          heartbeat_interval_seconds: 15,
          master_info: { version: '1.12.0' },
        },
      })
      const headers = [
        ['Content-Type', 'application/json'],
        ['Mesos-Stream-Id', randomUUID()],
      ] as const
      return { status: 200, headers, body: events }
    }
    if (call.type === 'RECONCILE') {
      const asked = new Set(call.reconcile?.tasks?.map(({ task_id }) => task_id.value))
      for (const record of records) if (asked.size === 0 || asked.has(record.agentId)) tell(runningOf(record))
    }
    return { status: 202, headers: [], body: Buffer.alloc(0) }
  }
}

function runningOf({ agentId, mesosAgentId }: AgentRecord): object {
  return {
    type: 'UPDATE',
    update: {
      status: {
        task_id: { value: agentId },
        agent_id: { value: mesosAgentId },
        state: 'TASK_RUNNING',
        source: 'SOURCE_MASTER',
        reason: 'REASON_RECONCILIATION',
        message: 'Reconciliation: Latest task state',
        timestamp: systemClock.now() / 1000,
      },
    },
  }
}

function usageOf(host: number): HttpHandler {
  return async (): Promise<HttpResponse> => {
    const containers = Array.from({ length: AGENTS_PER_HOST }, (_, one) => {
      const name = nameOf(host * AGENTS_PER_HOST + one)
      return {
        container_id: randomUUID(),
        executor_id: name,
        executor_name: `Command Executor (Task: ${name}) (Command: sh -c 'exec java ...')`,
        framework_id: FRAMEWORK,
        source: name,
        statistics: {
          cpus_limit: 1.1,
          cpus_system_time_secs: 0.07,
          cpus_user_time_secs: 0.57,
          mem_limit_bytes: 1_677_721_600,
          mem_rss_bytes: 403_869_696,
          timestamp: systemClock.now() / 1000,
        },
      }
    })
    const headers = [['Content-Type', 'application/json']] as const
    return { status: 200, headers, body: Buffer.from(JSON.stringify(containers)) }
  }
}

/** The stream of a subscription. */
class Events implements AsyncIterable<Uint8Array> {
  readonly #waiting: Buffer[] = []
  #wake: () => void = () => undefined
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => {
      this.#wake()
    })
  }

  push(event: object): void {
    const record = Buffer.from(JSON.stringify(event))
    this.#waiting.push(Buffer.concat([Buffer.from(`${record.length}\n`), record]))
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (!this.#signal.aborted) {
      const next = this.#waiting.shift()
      if (next !== undefined) yield next
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
