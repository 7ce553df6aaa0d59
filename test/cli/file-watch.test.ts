import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { FileWatch } from '../../src/cli/file-watch.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-watch-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function watching(...names: readonly string[]) {
  const clock = new VirtualClock()
  let changes = 0
  const paths = (all: readonly string[]): readonly string[] => all.map((name) => join(folder, name))
  const watch = new FileWatch(paths(names), clock, () => {
    changes += 1
  })
  watch.start()
  return {
    follow: (...all: readonly string[]) => {
      watch.follow(paths(all))
    },
    changesAfter: async (name: string, text: string) => {
      changes = 0
      writeFileSync(join(folder, name), text)
      await clock.advance(10_000)
      return changes
    },
  }
}

test('a file that comes, and each change of it, is told once', async () => {
  const { changesAfter } = watching('a')
  expect(await changesAfter('a', 'x')).toBe(1)
  expect(await changesAfter('a', 'xy')).toBe(1)
  expect(await changesAfter('b', 'x')).toBe(0)
})

test('invariant 11: a file that only the changed configuration speaks of is followed from then on', async () => {
  const { changesAfter, follow } = watching('templates')
  await changesAfter('login', 'x')
  follow('templates', 'login')
  expect(await changesAfter('login', 'xy')).toBe(1)
  follow('templates')
  expect(await changesAfter('login', 'xyz')).toBe(0)
  expect(await changesAfter('templates', 'x')).toBe(1)
})
