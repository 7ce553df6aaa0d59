import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../../../src/core/clock.ts'
import { ProcessRunner } from '../../../../src/embedded/mesos/processes/process-runner.ts'
import type { RunnableTask, RunnerEvent } from '../../../../src/embedded/mesos/runner.ts'
import type { WireCommand, WireTaskInfo } from '../../../../src/mesos/protocol.ts'
import { systemClock } from '../../../../src/system-clock.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
export const builtFolder = join(root, 'dist/src/embedded/mesos/processes')
const supervisorPath = join(builtFolder, 'supervisor.js')

/** Ends what a test began, in the order opposite to its beginning. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = []

  add(step: () => unknown): void {
    this.#steps.push(step)
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
  }
}

export function makeFolder(cleanup: Cleanup): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'processes-')))
  chmodSync(folder, 0o755)
  cleanup.add(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

export interface Bench {
  readonly runner: ProcessRunner
  readonly workDir: string
  readonly problems: string[]
}

export function makeBench(cleanup: Cleanup, workDir = makeFolder(cleanup), clock: Clock = systemClock): Bench {
  const problems: string[] = []
  const runner = new ProcessRunner({
    clock,
    workDir,
    hostIp: '127.0.0.1',
    endpoint: '127.0.0.1:5051',
    supervisorPath,
    onProblem: (words) => problems.push(words),
  })
  cleanup.add(() => runner.close({ killTasks: true }))
  return { runner, workDir, problems }
}

let count = 0

export function makeTask(
  command: WireCommand | string | undefined,
  info: Partial<WireTaskInfo> = {},
  task: Partial<RunnableTask> = {},
): RunnableTask {
  const id = `task-${++count}`
  return {
    frameworkId: 'framework-0000',
    user: '',
    checkpoint: true,
    role: 'ci',
    containerId: `container-${count}`,
    info: {
      name: id,
      task_id: { value: id },
      agent_id: { value: 'master-S0' },
      resources: [],
      ...(command !== undefined && { command: typeof command === 'string' ? { value: command } : command }),
      ...info,
    },
    ...task,
  }
}

export function sandboxOf(workDir: string, task: RunnableTask): string {
  return join(workDir, relativeOf(task))
}

export function checkpointOf(workDir: string, task: RunnableTask): string {
  return join(workDir, 'meta', relativeOf(task))
}

function relativeOf({ info, frameworkId, containerId }: RunnableTask): string {
  return `slaves/${info.agent_id.value}/frameworks/${frameworkId}/executors/${info.task_id.value}/runs/${containerId}`
}

/** Hears of one task, and lets a test wait for what it hears. */
export class Listener {
  readonly events: RunnerEvent[] = []
  readonly #waiting: { done: (event: RunnerEvent) => boolean; resolve: (event: RunnerEvent) => void }[] = []

  readonly hear = (event: RunnerEvent): void => {
    this.events.push(event)
    for (const { done, resolve } of this.#waiting) if (done(event)) resolve(event)
  }

  get started(): Promise<number> {
    return this.#first((event) => event.kind === 'started').then((event) => (event.kind === 'started' ? event.pid : 0))
  }

  /** The last event of the task. */
  get over(): Promise<RunnerEvent> {
    return this.#first((event) => event.kind !== 'started')
  }

  #first(done: (event: RunnerEvent) => boolean): Promise<RunnerEvent> {
    const there = this.events.find(done)
    if (there !== undefined) return Promise.resolve(there)
    return new Promise((resolve) => {
      this.#waiting.push({ done, resolve })
    })
  }
}

export function launch(bench: Bench, task: RunnableTask): Listener {
  const listener = new Listener()
  bench.runner.launch(task, listener.hear)
  return listener
}

/** Waits for a file that is there and not empty, and reads it. Bounded by the test's own time limit. */
export function fileWritten(path: string): Promise<string> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!existsSync(path)) return
      const text = readFileSync(path, 'utf8')
      if (text === '') return
      watcher.close()
      resolve(text)
    }
    const watcher = watch(dirname(path), look)
    look()
  })
}

/** What is running of all that was started with the sandbox of this task, or is named. */
export function living(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => {
    try {
      return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    } catch {
      return false
    }
  })
}

/** Processes of others have no event for their end: looks again and again, within the test's own time limit. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  while (living(pids).length > 0) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

export function everyPid(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid))
}

/** A file of /proc, empty where the process is gone or is not ours to look at. */
export function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
