import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { AgentId } from '../../src/core/model.ts'
import { FileStore } from '../../src/store/file-store.ts'
import { put } from '../support/records.ts'

let folder: string

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'old-states-')), 'state')
  mkdirSync(folder, { mode: 0o700 })
})
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true })
})

test('invariant 8: a state of format 2 is read as it was, and goes on', async () => {
  copyFileSync('test/fixtures/state/format-2.jsonl', join(folder, 'log.jsonl'))
  const store = await FileStore.open({ folder })
  const before = await store.load()
  expect(before).toMatchObject({
    framework: { frameworkId: '7d6c-0001', master: 'http://10.0.0.9:5050' },
    jenkins: { identity: '0123456789abcdef', url: 'http://jenkins.test/' },
  })
  expect([before.paused, before.sizings]).toEqual([undefined, undefined])
  expect([...before.agents.keys()].sort()).toEqual(['mesos-linux-1', 'mesos-linux-3'])
  expect(before.agents.get('mesos-linux-1' as AgentId)).toMatchObject({
    state: 'online',
    buildsSeen: 3,
    maxBuilds: undefined,
    maxAgeMs: undefined,
    hostAttributes: undefined,
  })
  await store.commit([put('mesos-linux-4'), { key: 'paused', value: { all: true, templates: [] } }])
  await store.close()
  const again = await FileStore.open({ folder })
  const after = await again.load()
  expect([after.agents.size, after.paused]).toEqual([3, { all: true, templates: [] }])
  await again.close()
})
