import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { codeOf, messageOf } from '../../src/core/code-of.ts'
import type { Change, Saved } from '../../src/loop/ports.ts'
import { type Disk, realDisk } from '../../src/store/disk.ts'
import { FileStore, type FileStoreOptions } from '../../src/store/file-store.ts'
import { readStateOnly } from '../../src/store/read-state.ts'
import { drop, framework, put } from '../support/records.ts'
import { describeStore } from './store-contract.ts'

let root: string
let folder: string
let warnings: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'file-store-'))
  folder = join(root, 'made', 'state')
  warnings = []
})
afterEach(() => rm(root, { recursive: true }))

function open(options: Partial<FileStoreOptions> = {}): Promise<FileStore> {
  return FileStore.open({ folder, onWarning: (message) => warnings.push(message), ...options })
}

async function namesIn(store: FileStore): Promise<readonly string[]> {
  return [...(await store.load()).agents.keys()]
}

async function reject(promise: Promise<unknown>): Promise<{ code: string | undefined; message: string }> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { code: codeOf(thrown), message: messageOf(thrown) }
}

describe('FileStore', () => {
  describe.each([
    ['a long log', 1024 * 1024],
    ['a snapshot after each write', 1],
    ['a snapshot now and then', 3000],
  ])('with %s', (_, maxLogBytes) => {
    describeStore(async () => ({
      open: () => open({ maxLogBytes }),
      reopen: async (store) => {
        await store.close()
        return open({ maxLogBytes })
      },
    }))
  })

  test('files are for this user alone', async () => {
    const store = await open({ maxLogBytes: 1 })
    await store.commit([put('a')])
    const modes = await Promise.all(['', 'log.jsonl', 'snapshot.json', 'lock'].map((name) => stat(join(folder, name))))
    expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['700', '600', '600', '600'])
    await store.close()
  })

  test('commits that wait while one runs share one write', async () => {
    const appended: string[] = []
    const store = await open({ disk: spied({ append: (text) => void appended.push(text) }) })
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => store.commit([put(name)])))
    expect(appended.map((text) => text.match(/"agentId"/g)?.length)).toEqual([1, 3])
    await store.close()
  })

  test('a long log is put into a snapshot and cut', async () => {
    const store = await open({ maxLogBytes: 2000 })
    for (let index = 0; index < 20; index++) await store.commit([put('a', { buildsSeen: index })])
    await store.close()
    expect((await stat(join(folder, 'log.jsonl'))).size).toBeLessThan(4000)
    const again = await open()
    expect((await again.load()).agents.get(put('a').key.slice(6) as never)?.buildsSeen).toBe(19)
    await again.close()
  })

  test('invariant 8: any commits, the log cut at any byte: the start finds the acknowledged ones up to there', async () => {
    const commit = fc.array(
      fc.oneof(
        fc.constantFrom('a', 'b', 'ü').map((name) => drop(name)),
        fc.tuple(fc.constantFrom('a', 'b', 'ü'), fc.nat(9)).map(([name, buildsSeen]) => put(name, { buildsSeen })),
        fc.constantFrom('f1', 'f2', undefined).map(framework),
      ),
      { minLength: 1, maxLength: 3 },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(commit, { maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(1500, 1_000_000),
        async (commits, where, maxLogBytes) => {
          await rm(folder, { recursive: true, force: true })
          const store = await open({ maxLogBytes })
          const states: { saved: Saved; end: number }[] = [{ saved: await store.load(), end: 0 }]
          for (const changes of commits) {
            await store.commit(changes)
            const { size } = await stat(join(folder, 'log.jsonl'))
            // What a snapshot holds cannot be cut off any more.
            if (size === 0) states.length = 0
            states.push({ saved: await store.load(), end: size })
          }
          await store.close()
          const log = join(folder, 'log.jsonl')
          const length = Math.round((await stat(log)).size * where)
          await truncate(log, length)
          const expected = states.findLast(({ end }) => end <= length)?.saved
          expect(await readStateOnly(folder)).toStrictEqual(expected)
          const again = await open()
          expect(await again.load()).toStrictEqual(expected)
          await again.commit([put('new')])
          const last = await again.load()
          await again.close()
          const third = await open()
          expect(await third.load()).toStrictEqual(last)
          await third.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a torn last line is cut off with a warning, and reported once', async () => {
    const store = await open()
    await store.commit([put('a')])
    await store.commit([put('b')])
    await store.close()
    const log = join(folder, 'log.jsonl')
    const whole = await readFile(log)
    await writeFile(log, whole.subarray(0, -10))
    const again = await open()
    expect(await namesIn(again)).toEqual(['a'])
    expect(warnings).toEqual([expect.stringMatching(/log\.jsonl: cut off \d+ bytes of a last write/)])
    await again.close()
    await (await open()).close()
    expect(warnings).toHaveLength(1)
  })

  test('a last line of full length whose blocks never came is torn too', async () => {
    const store = await open()
    await store.commit([put('a')])
    await store.commit([put('b')])
    await store.close()
    const log = join(folder, 'log.jsonl')
    const whole = await readFile(log)
    whole.fill(0, whole.length - 50, whole.length - 1)
    await writeFile(log, whole)
    const again = await open()
    expect(await namesIn(again)).toEqual(['a'])
    await again.close()
  })

  const damages: readonly [string, (files: Files) => Promise<void>, RegExp][] = [
    [
      'a changed byte in the middle of the log',
      ({ log, edit }) => edit(log, (text) => text.replace('"name-b"', '"name-x"')),
      /log\.jsonl, line 2: the checksum does not fit/,
    ],
    [
      'a changed byte in the last line, which is whole',
      ({ log, edit }) => edit(log, (text) => text.replace('"name-c"', '"name-x"')),
      /log\.jsonl, line 3: the checksum/,
    ],
    [
      'a line lost',
      ({ log, edit }) => edit(log, (text) => text.split('\n').toSpliced(1, 1).join('\n')),
      /log\.jsonl, line 2: write \d+ follows write \d+/,
    ],
    [
      'a line twice',
      ({ log, edit }) => edit(log, (text) => text + text.slice(text.lastIndexOf('\n', text.length - 2) + 1)),
      /log\.jsonl, line 4: write \d+ follows/,
    ],
    [
      'another program’s line',
      ({ log, edit }) => edit(log, (text) => `hello\n${text}`),
      /log\.jsonl, line 1: this is not/,
    ],
    [
      'half a snapshot',
      ({ snapshot, edit }) => edit(snapshot, (text) => text.slice(0, 100)),
      /snapshot\.json, line 1: /,
    ],
    ['an empty snapshot', ({ snapshot, edit }) => edit(snapshot, () => ''), /snapshot\.json, line 1: /],
    ['no snapshot any more', ({ snapshot }) => rm(snapshot), /log\.jsonl, line 1: write \d+ follows write 0/],
    ['no log any more', ({ log }) => rm(log), /log\.jsonl, line 1: the file is missing although/],
  ]
  test.each(damages)('%s is refused, by name of file and line, and touched by nobody', async (_, damage, message) => {
    const first = await open({ maxLogBytes: 1 })
    await first.commit([put('before')])
    await first.close()
    const store = await open()
    for (const name of ['name-a', 'name-b', 'name-c']) await store.commit([put(name)])
    await store.close()
    const files: Files = {
      log: join(folder, 'log.jsonl'),
      snapshot: join(folder, 'snapshot.json'),
      edit: async (path, change) => writeFile(path, change(await readFile(path, 'utf8'))),
    }
    await damage(files)
    const left = await readFile(files.log).catch(() => undefined)
    for (const failure of [await reject(open()), await reject(readStateOnly(folder))]) {
      expect(failure.code).toBe('STORE_UNTRUSTED')
      expect(failure.message).toMatch(message)
      expect(failure.message).toMatch(/Restore the folder from a copy, or move it away/)
    }
    expect(await readFile(files.log).catch(() => undefined)).toEqual(left)
  })

  test('a format that this version does not know is refused as such', async () => {
    await (await open()).close()
    const body = '"format":99,"everything":"else"}'
    const sum = createHash('sha256').update(body).digest('hex').slice(0, 16)
    await writeFile(join(folder, 'log.jsonl'), `{"sum":"${sum}",${body}\n`)
    expect(await reject(open())).toMatchObject({
      code: 'STORE_VERSION',
      message: expect.stringMatching(/line 1: format 99, this version knows 4/),
    })
  })

  test('a crash between a snapshot and the cutting of the log loses and doubles nothing', async () => {
    const store = await open()
    for (const name of ['a', 'b']) await store.commit([put(name)])
    const uncut = await readFile(join(folder, 'log.jsonl'))
    await store.close()
    const shortened = await open({ maxLogBytes: 1 })
    await shortened.commit([drop('a')])
    await shortened.close()
    await writeFile(join(folder, 'log.jsonl'), uncut)
    const again = await open()
    expect(await namesIn(again)).toEqual(['b'])
    await again.commit([put('c')])
    await again.close()
  })

  describe.each<[string, () => Promise<void>]>([
    ['deleted', () => rm(folder, { recursive: true })],
    ['moved away', () => rename(folder, join(root, 'elsewhere'))],
    ['without its log', () => rm(join(folder, 'log.jsonl'))],
    ['taken by another', () => writeFile(join(folder, 'lock'), '{}')],
  ])('a folder that is %s while it is in use', (_, happens) => {
    test('invariant 7: takes no change any more, and says what to do', async () => {
      const store = await open()
      await store.commit([put('a')])
      await happens()
      for (const name of ['b', 'c']) {
        expect(await reject(store.commit([put(name)]))).toEqual({
          code: 'STORE_LOST',
          message: expect.stringMatching(/was deleted or replaced .* Restart this sidecar: it adopts/),
        })
      }
      expect(await namesIn(store)).toEqual(['a'])
      await store.close()
    })
  })

  describe('a disk that fails', () => {
    const failure = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })

    const failures: readonly [string, (broken: () => boolean) => Disk][] = [
      [
        'on append, nothing written',
        (broken) =>
          spied({
            append: () => {
              fail(broken)
            },
          }),
      ],
      [
        'on append, half of it written',
        (broken) => ({
          ...realDisk,
          openLog: async (path) => {
            const log = await realDisk.openLog(path)
            return {
              ...log,
              append: async (text) => {
                if (!broken()) return log.append(text)
                await log.append(text.slice(0, text.length / 2))
                throw failure
              },
            }
          },
        }),
      ],
      [
        'on the sync behind a whole append',
        (broken) => ({
          ...realDisk,
          openLog: async (path) => {
            const log = await realDisk.openLog(path)
            return {
              ...log,
              append: async (text) => {
                await log.append(text)
                fail(broken)
              },
            }
          },
        }),
      ],
    ]

    function fail(broken: () => boolean): void {
      if (broken()) throw failure
    }

    test.each(failures)(
      'invariant 7: %s: the commit rejects, and nothing is acknowledged until the disk is consistent again',
      async (_, makeDisk) => {
        let appendBroken = false
        let replaceBroken = false
        const disk = makeDisk(() => appendBroken)
        const store = await open({
          disk: {
            ...disk,
            replace: async (path, text) => {
              fail(() => replaceBroken)
              await disk.replace(path, text)
            },
          },
        })
        await store.commit([put('a')])
        appendBroken = true
        replaceBroken = true
        const lost = await Promise.all([reject(store.commit([put('lost')])), reject(store.commit([put('lost-too')]))])
        expect(lost.map(({ code }) => code)).toEqual(['STORE_WRITE', 'STORE_WRITE'])
        expect(lost[0].message).toMatch(/cannot be written \(ENOSPC: no space left on device\)/)
        // The append would work again, but what is in the log is not known.
        appendBroken = false
        expect((await reject(store.commit([put('lost')]))).code).toBe('STORE_WRITE')
        expect((await reject(store.commit([]))).code).toBe('STORE_WRITE')
        expect(await namesIn(store)).toEqual(['a'])
        replaceBroken = false
        await store.commit([put('b')])
        expect(await namesIn(store)).toEqual(['a', 'b'])
        await store.close()
        const again = await open()
        expect(await namesIn(again)).toEqual(['a', 'b'])
        expect(warnings).toEqual([])
        await again.close()
      },
    )

    test('a snapshot that fails does not fail the commit that asked for it', async () => {
      let broken = true
      const store = await open({
        maxLogBytes: 1,
        disk: {
          ...realDisk,
          replace: async (path, text) => {
            fail(() => broken)
            await realDisk.replace(path, text)
          },
        },
      })
      await store.commit([put('a')])
      await store.commit([put('b')])
      expect(warnings).toHaveLength(2)
      expect(warnings[0]).toMatch(/could not be put into a snapshot \(no space left/)
      expect([...(await readStateOnly(folder)).agents.keys()]).toEqual(['a', 'b'])
      broken = false
      await store.commit([put('c')])
      expect((await stat(join(folder, 'log.jsonl'))).size).toBe(0)
      await store.close()
    })

    test('a log that cannot be cut after a snapshot is not written behind', async () => {
      let broken = false
      const disk = spied({
        truncate: () => {
          fail(() => broken)
        },
      })
      const store = await open({ maxLogBytes: 1, disk })
      broken = true
      await store.commit([put('a')])
      expect((await reject(store.commit([put('b')]))).code).toBe('STORE_WRITE')
      broken = false
      await store.commit([put('c')])
      await store.close()
      const again = await open()
      expect(await namesIn(again)).toEqual(['a', 'c'])
      await again.close()
    })
  })

  describe('reading only', () => {
    test('no folder is an empty state, and none is made', async () => {
      expect(await readStateOnly(folder)).toStrictEqual({ framework: undefined, agents: new Map() })
      expect((await reject(stat(folder))).code).toBe('ENOENT')
    })

    test('works beside a running store and sees what was acknowledged', async () => {
      const store = await open()
      await store.commit([put('a')])
      expect(await readStateOnly(folder)).toStrictEqual(await store.load())
      await store.close()
    })

    test('a snapshot taken between its two readings is noticed', async () => {
      const store = await open({ maxLogBytes: 1500 })
      await store.commit([put('a')])
      let meddled = false
      const disk: Disk = {
        ...realDisk,
        read: async (path) => {
          const bytes = await realDisk.read(path)
          if (path.endsWith('snapshot.json') && !meddled) {
            meddled = true
            const changes: Change[] = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => put(name))
            await store.commit(changes)
          }
          return bytes
        },
      }
      expect(await readStateOnly(folder, disk)).toStrictEqual(await store.load())
      expect((await stat(join(folder, 'log.jsonl'))).size).toBe(0)
      await store.close()
    })
  })
})

interface Files {
  readonly log: string
  readonly snapshot: string
  readonly edit: (path: string, change: (text: string) => string) => Promise<void>
}

/** The real disk; what is given is called before the log's own. */
function spied(before: { readonly append?: (text: string) => void; readonly truncate?: () => void }): Disk {
  return {
    ...realDisk,
    openLog: async (path) => {
      const log = await realDisk.openLog(path)
      return {
        ...log,
        append: async (text) => {
          before.append?.(text)
          await log.append(text)
        },
        truncate: async (bytes) => {
          before.truncate?.()
          await log.truncate(bytes)
        },
      }
    },
  }
}
