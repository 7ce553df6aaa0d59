import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { logCalls } from './log-calls.ts'

interface Row {
  readonly message: string
  readonly levels: readonly string[]
  readonly keys: ReadonlySet<string>
  /** What it means, and what to do. */
  readonly words: readonly string[]
}

const rows: readonly Row[] = [
  ...readFileSync('docs/logs.md', 'utf8').matchAll(/^\| (?!message +\||---)(.+?) +\| (.+?) +\| (.*?) *\|(.*)$/gm),
].map(([, message = '', levels = '', keys = '', words = '']) => ({
  message,
  levels: levels.split(', '),
  keys: new Set([...keys.matchAll(/`(\w+)`/g)].map(([, key = '']) => key)),
  words: words.split('|').map((word) => word.trim()),
}))
const byMessage = new Map(rows.map((row) => [row.message, row]))
const calls = logCalls()

test('each line of the log has a text that never changes', () => {
  expect(calls.length).toBeGreaterThan(100)
  expect(calls.filter(({ message }) => message === undefined)).toEqual([])
})

test('the tables hold every line that the program can write, each once, and no other', () => {
  const said = new Set(calls.map(({ message = '' }) => message))
  expect(rows.map(({ message }) => message).toSorted()).toEqual([...said].toSorted())
})

test('the tables have the levels and the keys of each line', () => {
  const wrong = calls.filter(({ message = '', level, keys }) => {
    const row = byMessage.get(message)
    return row === undefined || !row.levels.includes(level) || !keys.every((key) => row.keys.has(key))
  })
  expect(wrong).toEqual([])
})

test('of each line above debug they say what it means and what to do', () => {
  const silent = rows.filter(({ levels, words }) => levels.join() !== 'debug' && (words[0] === '' || words[1] === ''))
  expect(silent.map(({ message }) => message)).toEqual([])
})

test('keys are in camel case, and one thing has one name', () => {
  const keys = new Set(calls.flatMap((call) => call.keys))
  expect([...keys].filter((key) => !/^[a-z]+(?:[A-Z][a-z]+)*$/.test(key))).toEqual([])
  // Names that mean what another key means already.
  const taken = ['error', 'host', 'agent', 'task', 'offer', 'item', 'itemId', 'job', 'framework', 'ms', 'duration']
  expect(taken.filter((key) => keys.has(key))).toEqual([])
})
