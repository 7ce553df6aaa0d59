import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../../src/system-clock.ts'
import {
  Cleanup,
  checkpointOf,
  everyPid,
  fileWritten,
  launch,
  living,
  makeBench,
  makeFolder,
  makeTask,
  procFile,
  sandboxOf,
} from './harness.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const command = (value: string, argv?: readonly string[]) => ({
  shell: false,
  value,
  ...(argv !== undefined && { arguments: argv }),
})

describe('the end of a task', () => {
  test.each([
    ['a clean end', { value: 'exit 0' }, { kind: 'exited', status: 0 }],
    ['a status', { value: 'exit 3' }, { kind: 'exited', status: 3 }],
    ['a command that the shell does not find', { value: 'no-such-command' }, { kind: 'exited', status: 127 }],
    ['SIGKILL', { value: 'kill -9 $$' }, { kind: 'signaled', signal: 'SIGKILL' }],
    ['SIGTERM by itself', { value: 'kill -TERM $$' }, { kind: 'signaled', signal: 'SIGTERM' }],
    ['SIGSEGV', { value: 'kill -SEGV $$' }, { kind: 'signaled', signal: 'SIGSEGV' }],
    ['a program that is not there', command('/no/such/binary', ['x']), { kind: 'exited', status: 1 }],
    ['a NUL in the arguments', command('true', ['true', 'a\0b']), { kind: 'exited', status: 1 }],
    ['a program without a shell', command('false'), { kind: 'exited', status: 1 }],
  ])('is told: %s', async (_name, what, end) => {
    const bench = makeBench(cleanup)
    const heard = launch(bench, makeTask(what))
    expect(await heard.over).toEqual(end)
    expect(heard.events).toEqual([{ kind: 'started', pid: expect.any(Number) }, end])
  })

  test("arguments without a shell are passed as they are, the program's own name first", async () => {
    const bench = makeBench(cleanup)
    const task = makeTask(command('sh', ['renamed', '-c', 'echo "$0|$1"', 'zero', '$HOME "x"']))
    await launch(bench, task).over
    expect(readFileSync(join(sandboxOf(bench.workDir, task), 'stdout'), 'utf8')).toBe('zero|$HOME "x"\n')
  })

  test("a program that cannot be started is named in the task's stderr", async () => {
    const bench = makeBench(cleanup)
    const task = makeTask(command('/no/such/binary'))
    await launch(bench, task).over
    expect(readFileSync(join(sandboxOf(bench.workDir, task), 'stderr'), 'utf8')).toContain(
      "Failed to execute '/no/such/binary'",
    )
  })

  test("a command without a value ends as lost, as Mesos' executor dies of it", async () => {
    const bench = makeBench(cleanup)
    expect(await launch(bench, makeTask({ shell: true })).over).toEqual({ kind: 'lost' })
    expect(await launch(bench, makeTask(undefined)).over).toEqual({ kind: 'lost' })
  })

  test('a supervisor that is killed leaves the task lost, and nothing running', async () => {
    const bench = makeBench(cleanup)
    const task = makeTask('sleep 300 & echo $! > child; wait')
    const heard = launch(bench, task)
    const pid = await heard.started
    const child = Number(await fileWritten(join(sandboxOf(bench.workDir, task), 'child')))
    process.kill(pid, 'SIGKILL')
    expect(await heard.over).toEqual({ kind: 'lost' })
    expect(living([pid, child])).toEqual([])
  })
})

describe('a launch fails in words', () => {
  test.each([
    [{ type: 'DOCKER', docker: { image: 'i' } }, 'Abnormal executor termination: unknown container'],
    [
      { type: 'MESOS', mesos: { image: { type: 'DOCKER', docker: { name: 'i' } } } },
      'Failed to launch container: Unsupported container image type: 2',
    ],
    [
      { type: 'MESOS', volumes: [{ mode: 'RW', container_path: 'a', host_path: '/b' }] },
      'Failed to launch container: volumes need an isolator that this embedded Mesos does not have',
    ],
  ] as const)('for a container that nobody here can make: %j', async (container, message) => {
    const bench = makeBench(cleanup)
    const heard = launch(bench, makeTask('true', { container }))
    expect(await heard.over).toEqual({ kind: 'launchFailed', message })
  })

  test('for a task id that would leave the work folder', async () => {
    const bench = makeBench(cleanup)
    const heard = launch(bench, makeTask('true', { task_id: { value: '../../x' } }))
    expect(await heard.over).toEqual({
      kind: 'launchFailed',
      message: 'Failed to launch container: the task id "../../x" cannot be the name of a folder',
    })
  })

  test('a plain MESOS container runs', async () => {
    const bench = makeBench(cleanup)
    expect(await launch(bench, makeTask('true', { container: { type: 'MESOS' } })).over).toEqual({
      kind: 'exited',
      status: 0,
    })
  })
})

describe('a kill', () => {
  const endless = 'echo up > up; while :; do sleep 0.05; done'

  test.each([
    ['ends a command that obeys', endless, 60_000, { kind: 'signaled', signal: 'SIGTERM' }],
    ['waits for a command that cleans up', `trap "exit 0" TERM; ${endless}`, 60_000, { kind: 'exited', status: 0 }],
    ['ends a command that does not obey', `trap "" TERM; ${endless}`, 200, { kind: 'signaled', signal: 'SIGKILL' }],
  ])('%s', async (_name, value, graceMs, end) => {
    const bench = makeBench(cleanup)
    const task = makeTask(value)
    const heard = launch(bench, task)
    await heard.started
    await fileWritten(join(sandboxOf(bench.workDir, task), 'up'))
    bench.runner.kill(task.frameworkId, task.info.task_id.value, graceMs)
    expect(await heard.over).toEqual(end)
  })

  test('may be shortened by a later one', async () => {
    const bench = makeBench(cleanup)
    const task = makeTask(`trap "" TERM; ${endless}`)
    const heard = launch(bench, task)
    await heard.started
    await fileWritten(join(sandboxOf(bench.workDir, task), 'up'))
    bench.runner.kill(task.frameworkId, task.info.task_id.value, 600_000)
    bench.runner.kill(task.frameworkId, task.info.task_id.value, 50)
    expect(await heard.over).toEqual({ kind: 'signaled', signal: 'SIGKILL' })
  })

  test('that comes right behind the launch is not lost', async () => {
    const bench = makeBench(cleanup)
    const task = makeTask('sleep 300')
    const heard = launch(bench, task)
    bench.runner.kill(task.frameworkId, task.info.task_id.value, 100)
    expect(await heard.over).toEqual({
      kind: 'launchFailed',
      message: 'Failed to launch container: Container destroyed during fetching',
    })
  })

  test('that comes while the supervisor starts ends the task as soon as it runs', async () => {
    const bench = makeBench(cleanup)
    const task = makeTask('sleep 300')
    mkdirSync(checkpointOf(bench.workDir, task), { recursive: true, mode: 0o700 })
    const heard = launch(bench, task)
    await fileWritten(join(checkpointOf(bench.workDir, task), 'supervisor.json'))
    bench.runner.kill(task.frameworkId, task.info.task_id.value, 100)
    expect(await heard.over).toEqual({ kind: 'signaled', signal: 'SIGTERM' })
  })

  test('does not depend on a supervisor that hangs', async () => {
    // Timers of the runner come early, so that the test need not wait for its patience to end.
    const clock = { ...systemClock, timer: (ms: number, then: () => void) => systemClock.timer(ms / 50, then) }
    const bench = makeBench(cleanup, makeFolder(cleanup), clock)
    const task = makeTask('echo $$ > pid; sleep 300')
    const heard = launch(bench, task)
    const supervisor = await heard.started
    const pid = Number(await fileWritten(join(sandboxOf(bench.workDir, task), 'pid')))
    process.kill(supervisor, 'SIGSTOP')
    bench.runner.kill(task.frameworkId, task.info.task_id.value, 100)
    expect(await heard.over).toEqual({ kind: 'lost' })
    expect(living([supervisor, pid])).toEqual([])
  })

  test('of a task that nobody knows does nothing', () => {
    const bench = makeBench(cleanup)
    expect(() => {
      bench.runner.kill('framework', 'task', 0)
    }).not.toThrow()
  })
})

describe('the whole tree ends', () => {
  // Each writes the pid of something that outlives the shell which started it.
  const hiding: readonly (readonly [string, string])[] = [
    ['a background child', 'sleep 300 & echo $! > pid'],
    [
      'a background child that ignores SIGTERM',
      '(trap "" TERM; echo up > up; while :; do sleep 1; done) & echo $! > pid; until [ -s up ]; do sleep 0.01; done',
    ],
    ['a child in a session of its own', 'setsid sleep 300 & echo $! > pid'],
    [
      'a daemon whose parents are gone',
      '(setsid sh -c "sleep 300 & echo \\$! > pid" &); until [ -s pid ]; do sleep 0.01; done',
    ],
    ['a child without the mark', 'env -i sleep 300 & echo $! > pid'],
  ]

  test.each(hiding)('after the command has ended: %s', async (_name, value) => {
    const bench = makeBench(cleanup)
    const task = makeTask(value)
    const heard = launch(bench, task)
    expect(await heard.over).toEqual({ kind: 'exited', status: 0 })
    const pid = Number(readFileSync(join(sandboxOf(bench.workDir, task), 'pid'), 'utf8'))
    expect(pid).toBeGreaterThan(1)
    expect(living([pid])).toEqual([])
  })

  test.each(hiding)('when the task is killed: %s', async (_name, value) => {
    const bench = makeBench(cleanup)
    const task = makeTask(`${value}; echo up > all; while :; do sleep 1; done`)
    const heard = launch(bench, task)
    await heard.started
    await fileWritten(join(sandboxOf(bench.workDir, task), 'all'))
    const pid = Number(readFileSync(join(sandboxOf(bench.workDir, task), 'pid'), 'utf8'))
    expect(living([pid])).toEqual([pid])
    bench.runner.kill(task.frameworkId, task.info.task_id.value, 100)
    expect(await heard.over).toEqual({ kind: 'signaled', signal: 'SIGTERM' })
    expect(living([pid])).toEqual([])
  })
})

describe('secrets', () => {
  test('stand in no command line, and in no file that others may read', async () => {
    const bench = makeBench(cleanup)
    const secret = 'hush-4711-hush'
    const task = makeTask({
      // With something behind it the shell stays the shell, whose command line is there from the first.
      value: 'echo up > up; sleep 300; :',
      environment: { variables: [{ name: 'JENKINS_SECRET', value: secret }] },
    })
    const pid = await launch(bench, task).started
    await fileWritten(join(sandboxOf(bench.workDir, task), 'up'))
    const lines = everyPid().map((one) => procFile(one, 'cmdline'))
    expect(lines.filter((line) => line.includes(secret))).toEqual([])
    expect(lines.some((line) => line.includes('echo up > up; sleep 300'))).toBe(true)
    expect(procFile(pid, 'environ')).not.toContain(secret)
    const folder = checkpointOf(bench.workDir, task)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(folder, 'task.json'), 'utf8')).toContain(secret)
    expect(statSync(join(folder, 'task.json')).mode & 0o777).toBe(0o600)
  })

  test('of the sidecar reach neither task nor supervisor', async () => {
    process.env['SIDECAR_TEST_TOKEN'] = 'sidecar-0815'
    cleanup.add(() => {
      delete process.env['SIDECAR_TEST_TOKEN']
    })
    const bench = makeBench(cleanup)
    const task = makeTask('env > seen; echo $$ > pid; sleep 300')
    const pid = await launch(bench, task).started
    const sandbox = sandboxOf(bench.workDir, task)
    const command = Number(await fileWritten(join(sandbox, 'pid')))
    expect(readFileSync(join(sandbox, 'seen'), 'utf8')).not.toContain('sidecar-0815')
    expect(procFile(command, 'environ')).not.toContain('sidecar-0815')
    expect(
      procFile(pid, 'environ')
        .split('\0')
        .filter(Boolean)
        .map((line) => line.split('=')[0])
        .sort(),
    ).toEqual(['MESOS_SANDBOX', 'PATH'])
  })
})

describe('usage', () => {
  test('sums the tree, and is nothing once the task has ended', async () => {
    const bench = makeBench(cleanup)
    const task = makeTask('i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; sleep 300 & echo $! > pid; wait')
    const heard = launch(bench, task)
    await heard.started
    await fileWritten(join(sandboxOf(bench.workDir, task), 'pid'))
    const id = task.info.task_id.value
    const usage = await bench.runner.usage(task.frameworkId, id)
    expect(usage?.processes).toBe(3) // supervisor, shell, sleep
    expect(usage?.memRssBytes).toBeGreaterThan(5_000_000)
    expect((usage?.cpuUserSeconds ?? 0) + (usage?.cpuSystemSeconds ?? 0)).toBeGreaterThan(0.05)
    bench.runner.kill(task.frameworkId, id, 1_000)
    await heard.over
    expect(await bench.runner.usage(task.frameworkId, id)).toBeUndefined()
    expect(await bench.runner.usage(task.frameworkId, 'unknown')).toBeUndefined()
  })
})

describe('what stays', () => {
  test('forget removes the checkpoint and leaves the sandbox', async () => {
    const bench = makeBench(cleanup)
    const task = makeTask('true')
    await launch(bench, task).over
    expect(existsSync(checkpointOf(bench.workDir, task))).toBe(true)
    await bench.runner.forget(task.frameworkId, task.info.task_id.value)
    expect(existsSync(join(bench.workDir, 'meta'))).toBe(false)
    expect(existsSync(sandboxOf(bench.workDir, task))).toBe(true)
  })

  test('an id may be used again, each run with its own sandbox', async () => {
    const bench = makeBench(cleanup)
    const first = makeTask('echo one')
    await launch(bench, first).over
    const second = { ...first, containerId: 'container-again' }
    expect(await launch(bench, second).over).toEqual({ kind: 'exited', status: 0 })
    expect(readFileSync(join(sandboxOf(bench.workDir, first), 'stdout'), 'utf8')).toBe('one\n')
    expect(readFileSync(join(sandboxOf(bench.workDir, second), 'stdout'), 'utf8')).toBe('one\n')
  })

  test('closing with kill ends every task and removes its checkpoint and sandbox', async () => {
    const bench = makeBench(cleanup)
    const tasks = [
      makeTask('sleep 300'),
      makeTask('trap "" TERM; sleep 300', {
        kill_policy: { grace_period: { nanoseconds: 100_000_000 } },
      }),
    ]
    const heard = tasks.map((task) => launch(bench, task))
    const pids = await Promise.all(heard.map((one) => one.started))
    await bench.runner.close({ killTasks: true })
    expect(living(pids)).toEqual([])
    expect(existsSync(join(bench.workDir, 'meta'))).toBe(false)
    expect(existsSync(join(bench.workDir, 'slaves'))).toBe(false)
    expect(heard.flatMap((one) => one.events.map((event) => event.kind))).toEqual(['started', 'started'])
  })

  test('closing without kill lets tasks go on, but those of a framework without checkpointing', async () => {
    const bench = makeBench(cleanup)
    const kept = makeTask('sleep 300')
    const mortal = makeTask('sleep 300', {}, { checkpoint: false })
    const [keptPid, mortalPid] = await Promise.all([kept, mortal].map((task) => launch(bench, task).started))
    await bench.runner.close({ killTasks: false })
    expect(living([keptPid ?? 0])).toEqual([keptPid])
    expect(living([mortalPid ?? 0])).toEqual([])

    const next = makeBench(cleanup, bench.workDir)
    const recovered = await next.runner.recover()
    expect(recovered).toEqual([{ ...kept, outcome: { kind: 'running', pid: keptPid } }])
  })
})
