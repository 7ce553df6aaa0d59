import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import type { WireCommand, WireTaskInfo } from '../../../../src/mesos/protocol.ts'
import { Cleanup, launch, makeBench, makeFolder, makeTask, sandboxOf } from './harness.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

interface Recording {
  readonly steps: readonly {
    readonly text?: string
    readonly stdout?: string
    readonly request?: {
      readonly body: {
        readonly accept?: {
          readonly operations: readonly { readonly launch: { readonly task_infos: readonly WireTaskInfo[] } }[]
        }
      }
    }
  }[]
}

const recording = JSON.parse(
  readFileSync(new URL('../../../fixtures/mesos/25-task-environment.json', import.meta.url), 'utf8'),
) as Recording

function recorded(): { command: WireCommand; stdout: string } {
  const infos = recording.steps.flatMap((step) => step.request?.body.accept?.operations[0]?.launch.task_infos ?? [])
  const stdout = recording.steps.find((step) => step.text === 'sandbox')?.stdout
  if (infos[0]?.command === undefined || stdout === undefined) throw new Error('the recording lacks its launch')
  return { command: infos[0].command, stdout }
}

/** What must be the same: ids and paths by name, files by mode and name, in an order of their own. */
function comparable(stdout: string): readonly string[] {
  const lines = stdout
    .replace(/^PATH=.*$/m, 'PATH=…')
    .replace(/\/\S+\/slaves\/[^/]+\/frameworks\/[^/]+\/executors\/[^/]+\/runs\/[^/\s]+/g, 'SANDBOX')
    .replace(/^(MESOS_(?:EXECUTOR|FRAMEWORK|SLAVE)_ID)=.*$/gm, '$1=…')
    .replace(/^total \d+$/gm, 'total')
    .replace(/^([-d][-rwx]{9}) .* (\S+)$/gm, '$1 $2')
    .split('\n')
  const limit = lines.findIndex((line) => /^0\d{3}$/.test(line)) + 1
  lines.splice(limit, 1, 'open files') // of the machine, not of Mesos
  const user = limit - 2
  lines.splice(user, 1, 'user')
  return lines.sort()
}

test('a task sees the environment and the sandbox that a real host gave it', async () => {
  const { command, stdout } = recorded()
  const sources = makeFolder(cleanup)
  writeFileSync(join(sources, 'plain.txt'), 'plain\n')
  writeFileSync(join(sources, 'run.sh'), '#!/bin/sh\necho ran\n')
  chmodSync(join(sources, 'run.sh'), 0o600)
  mkdirSync(join(sources, 'inside'))
  writeFileSync(join(sources, 'inside/p.txt'), 'plain\n')
  execFileSync('tar', ['-C', sources, '-czf', join(sources, 'arch.tar.gz'), 'inside'])
  const uris = (command.uris ?? []).map((uri) => ({
    ...uri,
    value: uri.value.replace(/\/tmp\/[^/]+/, sources),
  }))

  const bench = makeBench(cleanup)
  const task = makeTask({ ...command, uris })
  expect(await launch(bench, task).over).toEqual({ kind: 'exited', status: 0 })

  const sandbox = sandboxOf(bench.workDir, task)
  expect(comparable(readFileSync(join(sandbox, 'stdout'), 'utf8'))).toEqual(comparable(stdout))
  expect(readFileSync(join(sandbox, 'stderr'), 'utf8')).toMatch(/^err$/m)
  expect(readFileSync(join(sandbox, 'sub/dir/named.txt'), 'utf8')).toBe('plain\n')
  expect(statSync(sandbox).mode & 0o7777).toBe(0o750)
})

test("the command's own variables win, but for the one that marks its processes", async () => {
  const bench = makeBench(cleanup)
  const variables = [
    { name: 'PATH', value: '/usr/bin:/bin:/x' },
    { name: 'MESOS_SANDBOX', value: '/elsewhere' },
  ]
  const task = makeTask({ value: 'echo $PATH; echo $MESOS_SANDBOX', environment: { variables } })
  await launch(bench, task).over
  const sandbox = sandboxOf(bench.workDir, task)
  expect(readFileSync(join(sandbox, 'stdout'), 'utf8')).toBe(`/usr/bin:/bin:/x\n${sandbox}\n`)
})

test('without checkpointing the environment says so', async () => {
  const bench = makeBench(cleanup)
  const task = makeTask('env', {}, { checkpoint: false })
  await launch(bench, task).over
  const seen = readFileSync(join(sandboxOf(bench.workDir, task), 'stdout'), 'utf8')
  expect(seen).toMatch(/^MESOS_CHECKPOINT=0$/m)
  expect(seen).not.toContain('MESOS_RECOVERY_TIMEOUT')
})
