import type { Clock } from '../../src/core/clock.ts'
import { messageOf } from '../../src/core/code-of.ts'
import {
  type AgentAnswer,
  type AgentRequest,
  readCommandLine,
  runAgent,
} from '../../src/embedded/jenkins/demo-agent.ts'
import type { RecoveredTask, RunnableTask, RunnerEvent, TaskEnd, TaskRunner } from '../../src/embedded/mesos/runner.ts'
import type { WireUri } from '../../src/mesos/protocol.ts'
import type { MemoryNetwork } from './memory-network.ts'
import { shellWords } from './shell-words.ts'

/** What goes wrong with a task: its URIs cannot be fetched, its program ends at once, or its agent never connects. */
export type TaskFault = 'fetch' | 'exit' | 'mute'

export interface SimulatedRunnerOptions {
  readonly clock: Clock
  readonly network: MemoryNetwork
  readonly hostname: string
  /** From the end of the fetching to the start of the agent. */
  readonly startMs: number
  /** What each task uses from its launch on [3 CPU seconds in all, 100 MiB]. */
  readonly use: { readonly cpus: number; readonly memMib: number } | undefined
  readonly fault: (taskId: string) => TaskFault | undefined
  readonly onLaunch: (task: RunnableTask) => void
}

interface Running {
  readonly task: RunnableTask
  readonly launchedAt: number
  readonly stop: AbortController
  onEvent: (event: RunnerEvent) => void
  done: Promise<void>
  killed: boolean
  pid: number | undefined
  /** How it ended while nobody looked. */
  end: TaskEnd | undefined
}

const SANDBOX = '/sandbox'
const AFTER_TERM_MS = 50

/**
 * Plays the tasks of one host: fetches their URIs, each once, reads the secret from the file that the command opens,
 * and runs the demo agent with the arguments that stand in the command. A build takes its time and nothing else.
 */
export class SimulatedRunner implements TaskRunner {
  readonly #options: SimulatedRunnerOptions
  readonly #tasks = new Map<string, Running>()
  #pids = 1000

  constructor(options: SimulatedRunnerOptions) {
    this.#options = options
  }

  /** Tasks outlive the Mesos agent that launched them, as under a real one. */
  readonly recover = async (): Promise<readonly RecoveredTask[]> =>
    [...this.#tasks.values()].map(({ task, pid, end }) => ({
      ...task,
      outcome: end ?? (pid === undefined ? { kind: 'lost' } : { kind: 'running', pid }),
    }))

  readonly launch = (task: RunnableTask, onEvent: (event: RunnerEvent) => void): void => {
    this.#options.onLaunch(task)
    const running: Running = {
      task,
      launchedAt: this.#options.clock.monotonic(),
      onEvent,
      stop: new AbortController(),
      killed: false,
      pid: undefined,
      end: undefined,
      done: Promise.resolve(),
    }
    this.#tasks.set(key(task.frameworkId, task.info.task_id.value), running)
    running.done = this.#run(task, running).then((end) => {
      this.#over(running, end)
    })
  }

  readonly follow = (task: RecoveredTask, onEvent: (event: RunnerEvent) => void): void => {
    const running = this.#tasks.get(key(task.frameworkId, task.info.task_id.value))
    if (running === undefined) throw new Error('follows a task that it never ran')
    running.onEvent = onEvent
  }

  readonly kill = (frameworkId: string, taskId: string): void => {
    const running = this.#tasks.get(key(frameworkId, taskId))
    if (running === undefined || running.killed) return
    running.killed = true
    const cancel = this.#options.clock.timer(AFTER_TERM_MS, () => {
      running.stop.abort(new Error('killed'))
    })
    running.stop.signal.addEventListener('abort', cancel)
  }

  /** As `kill -9` by hand on the host: nobody asked for it. */
  murder(taskId: string): boolean {
    for (const [id, running] of this.#tasks) {
      if (!id.endsWith(` ${taskId}`)) continue
      running.stop.abort(new Error('killed by hand'))
      return true
    }
    return false
  }

  readonly usage: TaskRunner['usage'] = async (frameworkId, taskId) => {
    const { clock, use } = this.#options
    const running = this.#tasks.get(key(frameworkId, taskId))
    if (running === undefined) return undefined
    return {
      at: clock.now(),
      cpuUserSeconds: use === undefined ? 2 : ((clock.monotonic() - running.launchedAt) / 1000) * use.cpus,
      cpuSystemSeconds: use === undefined ? 1 : 0,
      memRssBytes: (use?.memMib ?? 100) * 1024 * 1024,
      processes: 1,
    }
  }

  readonly forget = async (): Promise<void> => {
    // There is no checkpoint.
  }

  readonly close: TaskRunner['close'] = async ({ killTasks }) => {
    const tasks = [...this.#tasks.values()]
    for (const running of tasks) running.onEvent = unheard
    if (!killTasks) return
    for (const { stop } of tasks) stop.abort(new Error('the host is gone'))
    await Promise.all(tasks.map(({ done }) => done))
    this.#tasks.clear()
  }

  #over(running: Running, end: Extract<RunnerEvent, { kind: 'launchFailed' }> | TaskEnd): void {
    const { task, onEvent } = running
    if (onEvent === unheard && end.kind !== 'launchFailed') running.end = end
    else this.#tasks.delete(key(task.frameworkId, task.info.task_id.value))
    onEvent(end)
  }

  async #run(task: RunnableTask, running: Running): Promise<Extract<RunnerEvent, { kind: 'launchFailed' }> | TaskEnd> {
    const { clock, startMs, fault } = this.#options
    const { signal } = running.stop
    const taskId = task.info.task_id.value
    const fails = fault(taskId)
    try {
      const files = new Map<string, string>()
      if (fails === 'fetch') throw new FetchFailed('broken on purpose')
      for (const uri of task.info.command?.uris ?? []) files.set(nameOf(uri), await this.#fetch(uri, signal))
      await clock.sleep(startMs, signal)
      running.pid = this.#pids++
      running.onEvent({ kind: 'started', pid: running.pid })
      if (fails === 'exit') return { kind: 'exited', status: 1 }
      if (fails === 'mute') await untilAborted(signal)
      else await this.#agent(task, files, signal)
      return signal.aborted ? endOf(running) : { kind: 'exited', status: 0 }
    } catch (error) {
      if (signal.aborted) return endOf(running)
      if (!(error instanceof FetchFailed)) throw error
      const message = `Failed to launch container: Failed to fetch all URIs for container '${task.containerId}': exited with status 1`
      return { kind: 'launchFailed', message }
    }
  }

  async #agent(task: RunnableTask, files: ReadonlyMap<string, string>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    // The last argument of a shell where the entrypoint of an image runs it.
    const { value, arguments: argv } = task.info.command ?? {}
    const command = argv?.at(-1) ?? value ?? ''
    const given = readCommandLine(agentArguments(command))
    const variables = task.info.command?.environment?.variables ?? []
    const secret = command.includes('exec 0<.secret')
      ? files.get('.secret')
      : variables.find(({ name }) => name === 'JENKINS_SECRET')?.value
    if (given.secret !== '@/dev/fd/0' || secret === undefined) throw new Error(`no secret for ${command}`)
    const { url, name } = given
    if (url === undefined || name === undefined) throw new Error(`no -url or -name in ${command}`)
    await runAgent({
      clock,
      request: (to, request) => this.#request(to, request),
      runBuild: async ({ work }, _console, gone) => {
        await clock.sleep(work.durationMs, gone)
        return work.exitCode
      },
      args: {
        url,
        name,
        secret,
        workDir: given.workDir ?? SANDBOX,
        noReconnect: given.noReconnect,
        noReconnectAfterMs: given.noReconnectAfterMs,
      },
      signal,
    })
  }

  async #fetch({ value }: WireUri, signal: AbortSignal): Promise<string> {
    const answer = await this.#request(value, { method: 'GET', headers: {}, body: '', signal }).catch(
      (error: unknown) => {
        throw new FetchFailed(messageOf(error))
      },
    )
    const chunks: Uint8Array[] = []
    for await (const chunk of answer.body) chunks.push(chunk)
    if (answer.status !== 200) throw new FetchFailed(`${value}: ${answer.status}`)
    return Buffer.concat(chunks).toString()
  }

  async #request(address: string, { method, headers, body, signal }: AgentRequest): Promise<AgentAnswer> {
    const url = new URL(address)
    const { statusCode, body: answer } = await this.#options.network.dispatcher().request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(method === 'POST' && { body }),
    })
    return { status: statusCode, body: answer }
  }
}

class FetchFailed extends Error {
  override readonly name = 'FetchFailed'
}

function nameOf({ value, output_file }: WireUri): string {
  return output_file ?? value.slice(value.lastIndexOf('/') + 1)
}

/** What stands behind the agent program in the last line of the command. */
function agentArguments(command: string): readonly string[] {
  const line = command.split('\n').at(-1) ?? ''
  const words = shellWords(line, { MESOS_SANDBOX: SANDBOX })
  const jar = words.indexOf(`${SANDBOX}/agent.jar`)
  if (words[0] !== 'exec' || jar < 0) throw new Error(`this is not how an agent is started: ${line}`)
  return words.slice(jar + 1)
}

function unheard(): void {
  // Its Mesos agent is gone.
}

function endOf({ killed }: Running): TaskEnd {
  return { kind: 'signaled', signal: killed ? 'SIGTERM' : 'SIGKILL' }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => {
      resolve()
    })
  })
}

function key(frameworkId: string, taskId: string): string {
  return `${frameworkId} ${taskId}`
}
