import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { folderOf, freshClone } from '../docs/fresh-clone.ts'
import { runBlocks } from '../docs/run-blocks.ts'
import { endProcessesIn, processesIn } from '../support/end-processes.ts'

const STEPS = 7
let clone = ''
let temporary = ''

// What is installed and built already is taken over: the way from a clone to that is tried with README.
beforeAll(() => {
  clone = freshClone()
  cpSync('dist', join(clone, 'dist'), { recursive: true })
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'))
  temporary = join(folderOf(clone), 'tmp')
  mkdirSync(temporary)
})

afterAll(() => {
  endProcessesIn(folderOf(clone))
  rmSync(folderOf(clone), { recursive: true, force: true })
})

test('every step of the tutorial shows what its page says, and leaves nothing behind', async () => {
  const ran = await runBlocks(join(clone, 'docs/tutorial.md'), {
    folder: clone,
    env: { TMPDIR: temporary },
    skip: ({ text }) => text.startsWith('npm ci'),
    after: ({ block, output }) => {
      expect(block.output).toBeDefined()
      expect(output()).not.toMatch(/^NO /m)
      expect(processesIn(temporary)).toEqual([])
      expect(readdirSync(temporary)).toEqual([])
    },
  })
  expect(ran).toHaveLength(STEPS)
}, 900_000)
