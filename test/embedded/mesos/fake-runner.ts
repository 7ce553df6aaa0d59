import type { Clock } from '../../../src/core/clock.ts'
import type {
  RecoveredTask,
  RunnableTask,
  RunnerEvent,
  RunnerUsage,
  TaskRunner,
} from '../../../src/embedded/mesos/runner.ts'

interface Running {
  readonly task: RunnableTask
  readonly cancels: (() => void)[]
  onEvent: (event: RunnerEvent) => void
  pid: number | undefined
}

/**
 * Plays the commands of the recorded tasks on a clock: `sleep N`, `exit N`, `kill -TERM $$`, `trap '' TERM`,
 * `trap 'exit 0' TERM`, and URIs that cannot be fetched. What it runs survives its host, as real tasks do.
 */
export class FakeRunner implements TaskRunner {
  readonly #clock: Clock
  readonly tasks = new Map<string, Running>()
  readonly forgotten: string[] = []
  readonly kills: { readonly taskId: string; readonly graceMs: number }[] = []
  readonly launched: RunnableTask[] = []
  usageOf: RunnerUsage | undefined
  /** What is wrong with a task when its health is looked at. */
  readonly sick = new Map<string, string>()
  #pids = 1000

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly recover = async (): Promise<readonly RecoveredTask[]> =>
    [...this.tasks.values()].map(({ task, pid }) => ({
      ...task,
      outcome: pid === undefined ? { kind: 'lost' } : { kind: 'running', pid },
    }))

  readonly launch = (task: RunnableTask, onEvent: (event: RunnerEvent) => void): void => {
    this.launched.push(task)
    const running: Running = { task, cancels: [], onEvent, pid: undefined }
    this.tasks.set(key(task.frameworkId, task.info.task_id.value), running)
    this.#after(running, 200, () => {
      if ((task.info.command?.uris ?? []).length > 0) {
        this.end(running, {
          kind: 'launchFailed',
          message: `Failed to launch container: Failed to fetch all URIs for container '${task.containerId}': exited with status 1`,
        })
        return
      }
      running.pid = this.#pids++
      running.onEvent({ kind: 'started', pid: running.pid })
      this.#play(running, task.info.command?.value ?? '')
    })
  }

  readonly follow = (task: RecoveredTask, onEvent: (event: RunnerEvent) => void): void => {
    const running = this.tasks.get(key(task.frameworkId, task.info.task_id.value))
    if (running === undefined) throw new Error('follows a task that it never ran')
    running.onEvent = onEvent
  }

  readonly kill = (frameworkId: string, taskId: string, graceMs: number): void => {
    this.kills.push({ taskId, graceMs })
    const running = this.tasks.get(key(frameworkId, taskId))
    if (running === undefined) return
    const command = running.task.info.command?.value ?? ''
    if (/trap '' TERM|trap "" TERM|SIG_IGN/.test(command)) {
      this.#after(running, graceMs, () => {
        this.end(running, { kind: 'signaled', signal: 'SIGKILL' })
      })
    } else if (command.includes('exit 0')) {
      this.#after(running, 50, () => {
        this.end(running, { kind: 'exited', status: 0 })
      })
    } else {
      this.#after(running, 70, () => {
        this.end(running, { kind: 'signaled', signal: 'SIGTERM' })
      })
    }
  }

  readonly checkHealth = async (task: RunnableTask): Promise<string | undefined> =>
    this.sick.get(task.info.task_id.value)

  readonly usage = async (frameworkId: string, taskId: string): Promise<RunnerUsage | undefined> =>
    this.tasks.has(key(frameworkId, taskId)) ? this.usageOf : undefined

  readonly forget = async (_frameworkId: string, taskId: string): Promise<void> => {
    this.forgotten.push(taskId)
  }

  readonly close = async ({ killTasks }: { readonly killTasks: boolean }): Promise<void> => {
    for (const running of [...this.tasks.values()]) {
      running.onEvent = () => undefined
      if (killTasks) this.end(running, { kind: 'signaled', signal: 'SIGKILL' })
    }
  }

  /** The supervisor of a task is gone. */
  lose(taskId: string): void {
    const running = [...this.tasks.values()].find(({ task }) => task.info.task_id.value === taskId)
    if (running === undefined) throw new Error(`no task ${taskId} runs`)
    this.end(running, { kind: 'lost' })
  }

  end(running: Running, event: RunnerEvent): void {
    for (const cancel of running.cancels) cancel()
    this.tasks.delete(key(running.task.frameworkId, running.task.info.task_id.value))
    running.onEvent(event)
  }

  #play(running: Running, command: string): void {
    if (command.includes('while :')) return
    const seconds = Number(/sleep (\d+)/.exec(command)?.[1] ?? 0)
    const signal = /kill -(?:9|([A-Z]+)) \$\$/.exec(command)
    const status = Number(/exit (\d+)/.exec(command)?.[1] ?? 0)
    this.#after(running, seconds * 1000, () => {
      this.end(
        running,
        signal === null
          ? { kind: 'exited', status }
          : { kind: 'signaled', signal: signal[1] === undefined ? 'SIGKILL' : `SIG${signal[1]}` },
      )
    })
  }

  #after(running: Running, ms: number, callback: () => void): void {
    running.cancels.push(this.#clock.timer(ms, callback))
  }
}

function key(frameworkId: string, taskId: string): string {
  return `${frameworkId} ${taskId}`
}
