import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { codeOf, messageOf } from '../../src/core/code-of.ts'
import { FileStore } from '../../src/store/file-store.ts'
import { type Processes, realProcesses, takeLock } from '../../src/store/lock.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function refusal(promise: Promise<unknown>): Promise<{ code: string | undefined; message: string }> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { code: codeOf(thrown), message: messageOf(thrown) }
}

/** A world where this process runs, and of the others only those given. */
function world(others: Readonly<Record<number, string>> = {}, bootId = 'boot-1'): Processes {
  return {
    bootId: async () => bootId,
    startTime: async (pid) => (pid === process.pid ? 'mine' : others[pid]),
  }
}

function writeLock(name: string, owner: object): Promise<void> {
  const whole = { hostname: 'host', token: 't', startTime: '5', bootId: 'boot-1', ...owner }
  return writeFile(join(folder, name), JSON.stringify(whole))
}

describe('takeLock', () => {
  test('invariant 9: a second one is refused until the first is released', async () => {
    const lock = await takeLock(folder)
    expect(await refusal(takeLock(folder))).toEqual({
      code: 'STORE_LOCKED',
      message: expect.stringMatching(new RegExp(`lock: process ${process.pid} on .* is using this state.*STATE_URL`)),
    })
    await lock.release()
    await (await takeLock(folder)).release()
    expect(await readdir(folder)).toEqual([])
  })

  test.each([
    ['the process is gone', { pid: 999 }, {}, 'boot-1'],
    ['its pid is another process now', { pid: 999 }, { 999: '6' }, 'boot-1'],
    ['this process has its pid, after a restart of the container', { pid: process.pid }, {}, 'boot-1'],
    ['the machine was started anew', { pid: 999 }, { 999: '5' }, 'boot-2'],
  ])('takes over where %s', async (_, owner, others, bootId) => {
    await writeLock('lock', owner)
    const lock = await takeLock(folder, world(others, bootId))
    expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid, bootId })
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  test('refuses while the owner lives, and leaves nothing behind', async () => {
    await writeLock('lock', { pid: 999 })
    const failure = await refusal(takeLock(folder, world({ 999: '5' })))
    expect(failure).toEqual({ code: 'STORE_LOCKED', message: expect.stringContaining('process 999 on host') })
    expect(await readdir(folder)).toEqual(['lock'])
  })

  test.each([['not json'], ['{}'], ['{"pid":-1}'], ['']])('refuses a lock that it cannot read: %j', async (content) => {
    await writeFile(join(folder, 'lock'), content)
    expect(await refusal(takeLock(folder))).toEqual({
      code: 'STORE_LOCKED',
      message: expect.stringMatching(/lock is not a lock that this program wrote\. .* delete the file/),
    })
  })

  test('invariant 9: of many that find a dead owner at once exactly one takes over', async () => {
    await writeLock('lock', { pid: 999 })
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(folder, world())))
    const won = outcomes.filter(({ status }) => status === 'fulfilled')
    const codes = outcomes.flatMap((each) => (each.status === 'rejected' ? [codeOf(each.reason)] : []))
    expect(won).toHaveLength(1)
    expect(new Set(codes)).toEqual(new Set(['STORE_LOCKED']))
    expect(await readdir(folder)).toEqual(['lock'])
  })

  test('invariant 8: takes over where the one that was taking over died in the middle', async () => {
    await writeLock('lock', { pid: 999 })
    const hash = createHash('sha256')
      .update(await readFile(join(folder, 'lock')))
      .digest('hex')
      .slice(0, 16)
    await writeLock(`lock.${hash}.claim`, { pid: 998 })
    const lock = await takeLock(folder, world())
    expect(await readdir(folder)).toEqual(['lock'])
    await lock.release()
  })

  test('a claim whose owner is alive is respected', async () => {
    await writeLock('lock', { pid: 999 })
    const hash = createHash('sha256')
      .update(await readFile(join(folder, 'lock')))
      .digest('hex')
      .slice(0, 16)
    await writeLock(`lock.${hash}.claim`, { pid: 998 })
    expect((await refusal(takeLock(folder, world({ 998: '5' })))).message).toContain('process 998')
  })

  test('release leaves the lock of another alone', async () => {
    const lock = await takeLock(folder, world())
    await writeLock('lock', { pid: 999 })
    await lock.release()
    expect(await readdir(folder)).toEqual(['lock'])
  })
})

describe('realProcesses', () => {
  test('knows this process and this boot', async () => {
    expect(await realProcesses.startTime(process.pid)).toMatch(/^\d+$/)
    expect(await realProcesses.bootId()).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('does not know a process that has ended', async () => {
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
    await once(child, 'exit')
    expect(await realProcesses.startTime(child.pid ?? 0)).toBeUndefined()
  })
})

describe('a process that is killed', () => {
  let child: ChildProcess | undefined

  afterEach(() => {
    child?.kill('SIGKILL')
  })

  test('invariant 8: kill -9 while committing, again and again: nothing acknowledged is lost, the lock is taken over', async () => {
    const acknowledged: string[] = []
    for (const [prefix, killAfter] of [
      ['a', 1],
      ['b', 20],
      ['c', 55],
    ] as const) {
      const script = fileURLToPath(new URL('committing-child.ts', import.meta.url))
      child = spawn(process.execPath, ['--import', 'tsx', script, folder, prefix], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const { stdout } = child
      if (stdout === null) throw new Error('no pipe')
      const exited = once(child, 'exit')
      let seen = 0
      for await (const name of createInterface({ input: stdout })) {
        acknowledged.push(name)
        seen++
        if (seen === 1) expect((await refusal(FileStore.open({ folder }))).code).toBe('STORE_LOCKED')
        if (seen === killAfter) child.kill('SIGKILL')
      }
      await exited
      expect(seen).toBeGreaterThanOrEqual(killAfter)
      const store = await FileStore.open({ folder })
      const { agents } = await store.load()
      expect(acknowledged.filter((name) => !agents.has(name as never))).toEqual([])
      // At most one commit was under way beyond those that it told of.
      expect(agents.size).toBeLessThanOrEqual(acknowledged.length + 1)
      acknowledged.splice(0, acknowledged.length, ...agents.keys())
      await store.close()
    }
  })
})
