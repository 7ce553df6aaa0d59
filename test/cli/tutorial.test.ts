import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Stage } from '../../src/cli/tutorial/stage.ts'
import { blocksOf } from '../docs/blocks.ts'
import { command } from './command.ts'

test('tutorial wants one of its steps, and says which there are', async () => {
  for (const args of [['tutorial'], ['tutorial', '8'], ['tutorial', 'nonsense']]) {
    const { err, exitCode } = command(args)
    expect(await exitCode).toBe(2)
    expect(err.join('\n')).toContain('1 cluster, 2 jenkins, 3 builds, 4 labels, 5 crash, 6 failover, 7 pod')
  }
})

test('the page of the tutorial plays every step, once and in order', () => {
  const played = blocksOf(readFileSync('docs/tutorial.md', 'utf8')).flatMap(
    ({ text, mark }) => (mark === undefined ? /^npm run tutorial --silent -- (\d)$/.exec(text)?.slice(1) : []) ?? [],
  )
  expect(played).toEqual(['1', '2', '3', '4', '5', '6', '7'])
})

/** A stage without systems, and what it said. */
async function play(step: (stage: Stage) => Promise<void>, stopped = new AbortController().signal) {
  const said: string[] = []
  const ended: string[] = []
  const io = { ...ioOf(said), stopped }
  const outcome = await Stage.play(io, async (stage) => {
    for (const name of ['first', 'second']) stage.atEnd(async () => ended.push(name))
    await step(stage)
  }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
  return { said, ended, outcome }
}

function ioOf(said: string[]) {
  return { out: (line: string) => said.push(line) } as unknown as Parameters<typeof Stage.play>[0]
}

test('a step tells what was as it must be and what was not, and ends what it started, the last first', async () => {
  const good = await play(async (stage) => {
    stage.say('it begins')
    stage.expect('hosts', 39, 39)
  })
  expect(good).toEqual({ said: ['   it begins', 'ok hosts: 39'], ended: ['second', 'first'], outcome: true })
  const bad = await play(async (stage) => {
    stage.expect('hosts', 38, 39)
  })
  expect(bad).toEqual({ said: ['NO hosts: 38, and not 39'], ended: ['second', 'first'], outcome: false })
})

test('a step that fails or is told to stop ends what it started', async () => {
  const failed = await play(() => Promise.reject(new Error('no room')))
  expect(failed).toMatchObject({ ended: ['second', 'first'], outcome: 'no room' })
  const stopped = await play(
    async (stage) => {
      await stage.until(
        'it never comes',
        async () => 1,
        () => false,
      )
    },
    AbortSignal.abort(new Error('SIGINT')),
  )
  expect(stopped).toMatchObject({ ended: ['second', 'first'], outcome: 'SIGINT' })
})
