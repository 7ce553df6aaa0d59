import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { request } from 'undici'
import { describeWith } from '../../support/need.ts'
import { MesosProcess } from '../sidecar-process.ts'
import { type Python, pythonWith } from './python.ts'

const SCRIPT = new URL('scheduler.py', import.meta.url).pathname

interface Seen {
  readonly frameworkId: string
  readonly offers: number
  readonly updates: readonly (readonly [task: string, state: string, message: string])[]
  readonly errors: readonly string[]
  readonly killed: boolean
  readonly registered: boolean
}

describeWith(['python3'], 'the client mesoshttp 0.4.2, as others wrote it, on the embedded Mesos', () => {
  let folder: string
  let mesos: MesosProcess
  let python: Python

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mesoshttp-'))
    python = await pythonWith(['mesoshttp==0.4.2'], folder)
    mesos = await MesosProcess.start(join(folder, 'mesos'))
  })

  afterAll(async () => {
    await mesos.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('subscribes, launches, gets and acknowledges updates, kills, and tears down', async () => {
    const printed = await python.run(SCRIPT, [mesos.url, userInfo().username], 150_000)
    const seen = JSON.parse(printed) as Seen
    const of = (task: string) => seen.updates.filter(([name]) => name === task).map(([, state]) => state)

    expect(seen.errors).toEqual([])
    expect(of('ends')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'])
    expect(of('sleeps')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED'])
    expect(
      seen.updates
        .filter(([, state]) => /FINISHED|KILLED/.test(state))
        .map(([, , message]) => message)
        .sort(),
    ).toEqual(['Command exited with status 0', 'Command terminated with signal Terminated'])
    expect(seen).toMatchObject({ killed: true, registered: true })
    expect(seen.offers).toBeGreaterThan(1)

    const { body } = await request(`${mesos.url}/master/frameworks`)
    const master = (await body.json()) as {
      readonly frameworks: readonly unknown[]
      readonly completed_frameworks: readonly {
        readonly id: string
        readonly name: string
        readonly completed_tasks: readonly { readonly id: string; readonly state: string }[]
      }[]
    }
    expect(master.frameworks).toEqual([])
    expect(master.completed_frameworks).toMatchObject([{ id: seen.frameworkId, name: 'mesoshttp' }])
    const tasks = master.completed_frameworks[0]?.completed_tasks.map(({ id, state }) => `${id} ${state}`).sort()
    expect(tasks).toEqual(['ends TASK_FINISHED', 'sleeps TASK_KILLED'])
  })
})
