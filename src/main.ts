#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runCli } from './cli/cli.ts'

const SECOND_CTRL_C_MS = 5_000

const stopped = new AbortController()
const killed = new AbortController()
let lastCtrlC: number | undefined

process.on('SIGINT', () => {
  const now = performance.now()
  if (lastCtrlC !== undefined && now - lastCtrlC <= SECOND_CTRL_C_MS) killed.abort()
  lastCtrlC = now
  stopped.abort('SIGINT')
})
// Sent by machines, which may repeat themselves: it never ends agents that are to stay.
process.on('SIGTERM', () => {
  stopped.abort('SIGTERM')
})

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  out: (line) => {
    process.stdout.write(`${line}\n`)
  },
  err: (line) => {
    process.stderr.write(`${line}\n`)
  },
  stopped: stopped.signal,
  killed: killed.signal,
  version,
})
process.exit(exitCode)
