import { describe, expect, test } from '@jest/globals'
import type { ProcessEntry } from '../../../../src/embedded/mesos/processes/process-table.ts'
import { UsageMeter } from '../../../../src/embedded/mesos/processes/usage.ts'

const SUPERVISOR = { pid: 10, started: '100', bootId: 'b' }
const TASK = { pid: 11, started: '110', bootId: 'b' }

function entry(pid: number, ppid: number, ticks: number, over: Partial<ProcessEntry> = {}): ProcessEntry {
  const started = String(pid * 10)
  return { pid, ppid, pgid: pid, sid: 11, dead: false, started, userTicks: ticks, systemTicks: 0, ...over }
}

const MEMORY = { residentOf: () => ({ ownBytes: 900, fileBytes: 500 }), fileShareOf: () => 100 }

/** CPU seconds after each look. */
function secondsOf(...looks: readonly (readonly ProcessEntry[])[]): readonly (number | undefined)[] {
  const meter = new UsageMeter(MEMORY)
  return looks.map((table, at) => meter.read({ supervisor: SUPERVISOR, task: TASK }, { at, table })?.cpuUserSeconds)
}

describe('what a task has used', () => {
  test('counts the supervisor, the command and all below it, and nobody else', () => {
    const table = [
      entry(10, 1, 100),
      entry(11, 10, 200),
      entry(12, 11, 300, { sid: 12 }),
      entry(99, 1, 900, { sid: 99 }),
    ]
    const usage = new UsageMeter(MEMORY).read({ supervisor: SUPERVISOR, task: TASK }, { at: 1, table })
    expect(usage).toEqual({ at: 1, cpuUserSeconds: 6, cpuSystemSeconds: 0, memRssBytes: 3000, processes: 3 })
  })

  test('counts a child that was waited for once: its parent has its time then', () => {
    expect(
      secondsOf([entry(10, 1, 0), entry(11, 10, 0), entry(12, 11, 500)], [entry(10, 1, 0), entry(11, 10, 500)]),
    ).toEqual([5, 5])
  })

  test('counts one that nobody has waited for yet, and its memory no more', () => {
    const zombie = entry(12, 11, 500, { dead: true })
    const table = [entry(10, 1, 0), entry(11, 10, 0), zombie]
    const usage = new UsageMeter(MEMORY).read({ supervisor: SUPERVISOR, task: TASK }, { at: 1, table })
    expect(usage).toMatchObject({ cpuUserSeconds: 5, memRssBytes: 2000, processes: 2 })
  })

  test('keeps the time of a daemon that ends, and counts what others use afterwards in full', () => {
    const daemon = entry(12, 1, 500) // of the session, and a child of init
    expect(
      secondsOf(
        [entry(10, 1, 0), entry(11, 10, 0), daemon],
        [entry(10, 1, 0), entry(11, 10, 100)],
        [entry(10, 1, 0), entry(11, 10, 300)],
      ),
    ).toEqual([5, 6, 8])
  })

  test('keeps nothing of a family of which the eldest is there: it gets the time of all', () => {
    const before = [entry(10, 1, 0), entry(11, 10, 0), entry(12, 11, 100), entry(13, 12, 200)]
    expect(secondsOf(before, [entry(10, 1, 0), entry(11, 10, 300)])).toEqual([3, 3])
  })

  test('is not fooled by a pid that is used again', () => {
    const again = entry(12, 11, 10, { started: '999' })
    expect(
      secondsOf([entry(10, 1, 0), entry(11, 10, 0), entry(12, 1, 500)], [entry(10, 1, 0), entry(11, 10, 0), again]),
    ).toEqual([5, 5.1])
  })

  test('divides pages of files among all that have them, where the kernel tells', () => {
    const table = [entry(10, 1, 0), entry(11, 10, 0)]
    const of = (fileShareOf: () => number | undefined) =>
      new UsageMeter({ ...MEMORY, fileShareOf }).read({ supervisor: SUPERVISOR, task: TASK }, { at: 1, table })
    expect(of(() => 100)?.memRssBytes).toBe(2 * (900 + 100))
    expect(of(() => undefined)?.memRssBytes).toBe(2 * (900 + 500))
  })

  test('asks the kernel for that, which is slow, once a minute', () => {
    let asked = 0
    const fileShareOf = () => {
      asked += 1
      return 100
    }
    const meter = new UsageMeter({ ...MEMORY, fileShareOf })
    for (const at of [0, 10_000, 20_000, 60_000, 70_000]) {
      meter.read({ supervisor: SUPERVISOR, task: TASK }, { at, table: [entry(11, 10, 0)] })
    }
    expect(asked).toBe(2)
  })

  test('is nothing where nothing of it runs', () => {
    expect(secondsOf([entry(99, 1, 1, { sid: 99 })])).toEqual([undefined])
  })
})
