import { execFileSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'
import {
  identityOf,
  isAlive,
  type ProcessEntry,
  parsePs,
  parseStat,
  readProcess,
} from '../../../../src/embedded/mesos/processes/process-table.ts'
import { membersOf } from '../../../../src/embedded/mesos/processes/process-tree.ts'

describe('the process table', () => {
  test('reads a command whose name holds blanks and parentheses', () => {
    const text = '42 (a) S (b) c) Z 1 40 39 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 987654 0 0\n'
    expect(parseStat(text)).toEqual({
      pid: 42,
      ppid: 1,
      pgid: 40,
      sid: 39,
      dead: true,
      started: '987654',
      userTicks: 103,
      systemTicks: 24,
    })
    expect(parseStat('42 (x')).toBeUndefined()
  })

  test('reads what ps says where there is no /proc', () => {
    const text = execFileSync('ps', ['-p', String(process.pid), '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    })
    const self = readProcess(process.pid)
    expect(parsePs(text)).toEqual([
      {
        pid: process.pid,
        ppid: process.ppid,
        pgid: self?.pgid,
        sid: self?.pgid,
        dead: false,
        started: expect.stringMatching(/^\w{3} \w{3} \d+ \d\d:\d\d:\d\d \d{4}$/),
        userTicks: 0,
        systemTicks: 0,
      },
    ])
  })

  test('knows this very process, and no other with its pid', () => {
    const self = identityOf(process.pid)
    if (self === undefined) throw new Error('this process is not in the table')
    expect(isAlive(self)).toBe(true)
    expect(isAlive({ ...self, started: '1' })).toBe(false)
    expect(isAlive({ ...self, bootId: 'another' })).toBe(false)
    expect(identityOf(2 ** 30)).toBeUndefined()
  })
})

describe('a tree', () => {
  const entry = (pid: number, ppid: number, sid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => ({
    pid,
    ppid,
    pgid: sid,
    sid,
    dead: false,
    started: String(pid),
    userTicks: 0,
    systemTicks: 0,
    ...more,
  })
  const task = { pid: 1000, started: '1000', bootId: 'boot' }
  const pids = (table: readonly ProcessEntry[], sessionIsOurs: boolean): readonly number[] =>
    membersOf({ task, sessionIsOurs, variable: undefined }, table).map(({ pid }) => pid)

  test('holds the session, and children that left it', () => {
    const table = [entry(1000, 900, 1000), entry(1001, 1, 1000), entry(1002, 1001, 1002), entry(2000, 1, 2000)]
    expect(pids(table, true)).toEqual([1000, 1001, 1002])
  })

  test('does not hold a process that has the pid of the command, nor its session', () => {
    const table = [entry(1000, 1, 1000, { started: 'later' }), entry(1001, 1000, 1000)]
    expect(pids(table, true)).toEqual([])
  })

  test('holds a session without its leader only for who knows that it is the same', () => {
    const table = [entry(1001, 1, 1000)]
    expect(pids(table, true)).toEqual([1001])
    expect(pids(table, false)).toEqual([])
  })

  test('holds nothing dead', () => {
    expect(pids([entry(1000, 900, 1000, { dead: true }), entry(1001, 1000, 1000)], true)).toEqual([1001])
  })
})
