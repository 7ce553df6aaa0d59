import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { runBlocks } from '../docs/run-blocks.ts'

const PAGE = 'docs/tutorial.md'
const STEPS = 7

const leftBehind = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('jenkins-mesos-tutorial-'))

test('every step of the tutorial shows what its page says, and leaves nothing behind', async () => {
  const before = leftBehind()
  const ran = await runBlocks(PAGE, {
    folder: resolve('.'),
    env: { NODE_OPTIONS: '' },
    // It is installed and built where tests run.
    skip: ({ text }) => text.startsWith('npm ci'),
  })
  expect(ran).toHaveLength(STEPS)
  for (const { block, output } of ran) {
    expect(block.output).toBeDefined()
    expect(output()).not.toMatch(/^NO /m)
  }
  expect(leftBehind().filter((name) => !before.includes(name))).toEqual([])
}, 900_000)
