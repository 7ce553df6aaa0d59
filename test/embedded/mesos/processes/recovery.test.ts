import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { RunnableTask, RunnerEvent } from '../../../../src/embedded/mesos/runner.ts'
import {
  builtFolder,
  Cleanup,
  checkpointOf,
  fileWritten,
  Listener,
  launch,
  living,
  makeBench,
  makeFolder,
  makeTask,
  sandboxOf,
  untilGone,
} from './harness.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

/** Another process that launches tasks and can be killed without further ado. */
class Launcher {
  readonly #child: ChildProcess
  readonly #listeners = new Map<string, Listener>()

  constructor(workDir: string) {
    const program = fileURLToPath(new URL('./launcher-program.js', import.meta.url))
    const child = spawn(process.execPath, [program, builtFolder, workDir], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { taskId, event } = JSON.parse(line) as { taskId: string; event: RunnerEvent }
      this.#listeners.get(taskId)?.hear(event)
    })
    cleanup.add(() => child.kill('SIGKILL'))
    this.#child = child
  }

  launch(task: RunnableTask): Listener {
    const listener = new Listener()
    this.#listeners.set(task.info.task_id.value, listener)
    this.#child.stdin?.write(`${JSON.stringify(task)}\n`)
    return listener
  }

  async crash(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

/** Waits for `go`, written by the test, and ends with 7. */
const waiting = 'echo up > up; until [ -e go ]; do sleep 0.02; done; exit 7'

describe('after kill -9 of the process that launched them', () => {
  test('tasks are found again: running, ended meanwhile, without supervisor', async () => {
    const bench = makeBench(cleanup)
    const launcher = new Launcher(bench.workDir)
    const running = makeTask(waiting)
    const ended = makeTask(waiting)
    const orphan = makeTask('echo $$ > pid; sleep 300')
    const [, endedSupervisor = 0, orphanSupervisor = 0] = await Promise.all(
      [running, ended, orphan].map((task) => launcher.launch(task).started),
    )
    const sandbox = (task: RunnableTask): string => sandboxOf(bench.workDir, task)
    const orphanPid = Number(await fileWritten(join(sandbox(orphan), 'pid')))
    await launcher.crash()

    writeFileSync(join(sandbox(ended), 'go'), '')
    process.kill(orphanSupervisor, 'SIGKILL')
    await untilGone([endedSupervisor, orphanSupervisor])
    expect(living([orphanPid])).toEqual([orphanPid])

    const recovered = await bench.runner.recover()
    const of = (task: RunnableTask) => recovered.find(({ containerId }) => containerId === task.containerId)
    expect(of(running)).toEqual({ ...running, outcome: { kind: 'running', pid: expect.any(Number) } })
    expect(of(orphan)?.outcome).toEqual({ kind: 'lost' })
    expect(living([orphanPid, orphanSupervisor])).toEqual([])

    expect(of(ended)?.outcome).toEqual({ kind: 'exited', status: 7 })
    const heardOfEnded = new Listener()
    for (const task of recovered)
      if (task.containerId === ended.containerId) bench.runner.follow(task, heardOfEnded.hear)
    expect(await heardOfEnded.over).toEqual({ kind: 'exited', status: 7 })

    const heard = new Listener()
    const found = of(running)
    if (found === undefined) throw new Error('the running task was not found')
    bench.runner.follow(found, heard.hear)
    expect((await bench.runner.usage(running.frameworkId, running.info.task_id.value))?.processes).toBeGreaterThan(1)
    writeFileSync(join(sandbox(running), 'go'), '')
    expect(await heard.over).toEqual({ kind: 'exited', status: 7 })
    expect(heard.events).toHaveLength(1)
    expect(bench.problems).toEqual([])
  })

  test('a found task can be killed', async () => {
    const bench = makeBench(cleanup)
    const launcher = new Launcher(bench.workDir)
    const task = makeTask('sleep 300')
    await launcher.launch(task).started
    await launcher.crash()
    const [found] = await bench.runner.recover()
    if (found === undefined) throw new Error('the task was not found')
    const heard = new Listener()
    bench.runner.follow(found, heard.hear)
    bench.runner.kill(task.frameworkId, task.info.task_id.value, 1_000)
    expect(await heard.over).toEqual({ kind: 'signaled', signal: 'SIGTERM' })
    await bench.runner.forget(task.frameworkId, task.info.task_id.value)
    expect(existsSync(join(bench.workDir, 'meta'))).toBe(false)
  })

  test('a task without checkpointing ends on its own, and is not found', async () => {
    const bench = makeBench(cleanup)
    const launcher = new Launcher(bench.workDir)
    const task = makeTask('echo $$ > pid; sleep 300', {}, { checkpoint: false })
    await launcher.launch(task).started
    const pid = Number(await fileWritten(join(sandboxOf(bench.workDir, task), 'pid')))
    await launcher.crash()
    const exit = await fileWritten(join(checkpointOf(bench.workDir, task), 'exit.json'))
    expect(JSON.parse(exit)).toEqual({ version: 1, kind: 'signaled', signal: 'SIGTERM' })
    expect(await bench.runner.recover()).toEqual([])
    expect(living([pid])).toEqual([])
  })
})

describe('a checkpoint that cannot be used', () => {
  const damages: readonly (readonly [string, string, string, RegExp])[] = [
    ['a half written task', 'task.json', '{"version":1,"task":{"fra', /task\.json is not JSON/],
    ['a task of another version', 'task.json', '{"version":99}', /another version/],
    ['a task without fields', 'task.json', '{"version":1,"task":{}}', /lacks fields/],
    ['no object', 'task.json', '[1]', /holds no object/],
    ['a half written supervisor', 'supervisor.json', '{"ver', /supervisor\.json is not JSON/],
    [
      'a supervisor of pid 1',
      'supervisor.json',
      '{"version":1,"supervisor":{"pid":1,"started":"1","bootId":"x"}}',
      /lacks/,
    ],
    ['a half written end', 'exit.json', '{"version":1,"kind":"exi', /exit\.json is not JSON/],
  ]

  test.each(damages)('is reported and counts as lost: %s', async (_name, file, text, words) => {
    const before = makeBench(cleanup)
    const task = makeTask('true')
    await launch(before, task).over
    writeFileSync(join(checkpointOf(before.workDir, task), file), text)
    const bench = makeBench(cleanup, before.workDir)
    const [found, ...others] = await bench.runner.recover()
    expect(others).toEqual([])
    expect([found?.info.task_id, found?.info.agent_id]).toEqual([task.info.task_id, task.info.agent_id])
    expect(bench.problems).toEqual([expect.stringMatching(words)])
    // The end is told where only the supervisor's file is damaged: it ended, and wrote how.
    expect(found?.outcome).toEqual(file === 'supervisor.json' ? { kind: 'exited', status: 0 } : { kind: 'lost' })
  })

  test('without its description, a task that still runs is ended all the same', async () => {
    const bench = makeBench(cleanup)
    const launcher = new Launcher(bench.workDir)
    const task = makeTask('echo $$ > pid; sleep 300')
    const supervisor = await launcher.launch(task).started
    const pid = Number(await fileWritten(join(sandboxOf(bench.workDir, task), 'pid')))
    await launcher.crash()
    rmSync(join(checkpointOf(bench.workDir, task), 'task.json'))
    expect((await bench.runner.recover()).map(({ outcome }) => outcome)).toEqual([{ kind: 'lost' }])
    expect(living([supervisor, pid])).toEqual([])
    expect(bench.problems).toEqual([expect.stringContaining('there is no')])
  })

  test.each([
    ['another start time', { started: '1' }],
    ['another boot', { bootId: 'of yesterday' }],
  ])('names a process with the right pid and %s: that one is left alone', async (_name, change) => {
    const before = makeBench(cleanup)
    const task = makeTask('true')
    await launch(before, task).over
    const innocent = spawn('sleep', ['300'])
    cleanup.add(() => innocent.kill('SIGKILL'))
    const folder = checkpointOf(before.workDir, task)
    rmSync(join(folder, 'exit.json'))
    for (const file of ['supervisor.json', 'started.json']) {
      const content = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, object>
      for (const who of Object.values(content))
        if (typeof who === 'object') Object.assign(who, { pid: innocent.pid }, change)
      writeFileSync(join(folder, file), JSON.stringify(content))
    }
    const bench = makeBench(cleanup, before.workDir)
    expect((await bench.runner.recover()).map(({ outcome }) => outcome)).toEqual([{ kind: 'lost' }])
    expect(living([innocent.pid ?? 0])).toEqual([innocent.pid])
  })

  test('of another task, copied to here, is neither followed nor killed for', async () => {
    const bench = makeBench(cleanup)
    const task = makeTask('echo $$ > pid; sleep 300')
    const supervisor = await launch(bench, task).started
    const pid = Number(await fileWritten(join(sandboxOf(bench.workDir, task), 'pid')))
    const elsewhere = makeTask('true')
    const other = makeFolder(cleanup)
    const copy = checkpointOf(other, elsewhere)
    mkdirSync(copy, { recursive: true })
    for (const file of ['task.json', 'supervisor.json', 'started.json']) {
      writeFileSync(join(copy, file), readFileSync(join(checkpointOf(bench.workDir, task), file)))
    }
    const second = makeBench(cleanup, other)
    expect((await second.runner.recover()).map(({ outcome }) => outcome)).toEqual([{ kind: 'lost' }])
    expect(second.problems).toEqual([expect.stringContaining('is of another task than its folder')])
    expect(living([supervisor, pid])).toEqual([supervisor, pid])
  })
})
