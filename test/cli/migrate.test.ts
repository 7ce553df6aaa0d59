import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { FileStore } from '../../src/store/file-store.ts'
import { put } from '../support/records.ts'
import { command } from './command.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'migrate-'))
})
afterEach(() => rm(root, { recursive: true }))

async function fill(name: string): Promise<FileStore> {
  const store = await FileStore.open({ folder: join(root, name, 'sidecar') })
  await store.commit([put('a')])
  return store
}

function migrate(from: string, to: string): ReturnType<typeof command> {
  return command(['migrate', '--from', `file:${join(root, from)}`, '--to', `file:${join(root, to)}`])
}

test('moves a state, and says where to start from then on', async () => {
  await (await fill('one')).close()
  const { exitCode, out } = migrate('one', 'two')
  expect(await exitCode).toBe(0)
  expect(out.join('\n')).toContain(`Start with STATE_URL=file:${join(root, 'two')}`)
  const moved = await FileStore.open({ folder: join(root, 'two', 'sidecar') })
  expect([...(await moved.load()).agents.keys()]).toEqual(['a'])
  await moved.close()
  const again = migrate('one', 'three')
  expect(await again.exitCode).toBe(1)
  expect(again.err.join('\n')).toContain('was moved to')
})

test('a state that a live process uses is refused', async () => {
  const store = await fill('one')
  const { exitCode, err } = migrate('one', 'two')
  expect(await exitCode).toBe(1)
  expect(err.join('\n')).toContain('is using this state')
  await store.close()
})

test('a state that is not there is refused', async () => {
  const { exitCode, err } = migrate('none', 'two')
  expect(await exitCode).toBe(1)
  expect(err.join('\n')).toContain('holds no state')
})

test.each<[string, readonly string[], string]>([
  ['no target', ['migrate', '--from', 'file:x'], 'migrate needs --from and --to'],
  ['an address that is none', ['migrate', '--from', 'x', '--to', 'file:y'], '- --from must be file: and a folder'],
  ['a path that is missing', ['migrate', '--from', 'file:x', '--to', 'zk://user:geheim@h'], '- --to: the path'],
  ['the same twice', ['migrate', '--from', 'file:x', '--to', 'file:./x'], '--from and --to are the same'],
])('%s is a mistake of whoever calls', async (_, args, words) => {
  const { exitCode, err } = command(args)
  expect(await exitCode).toBe(2)
  expect(err.join('\n')).toContain(words)
  expect(err.join('\n')).not.toContain('geheim')
})
