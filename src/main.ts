#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runCli } from './cli/cli.ts'
import { redact } from './core/secret.ts'

const SECOND_CTRL_C_MS = 5_000

const stopped = new AbortController()
const killed = new AbortController()
let lastSignalAt: number | undefined

function onSignal(): void {
  const now = Date.now()
  if (lastSignalAt !== undefined && now - lastSignalAt <= SECOND_CTRL_C_MS) killed.abort()
  lastSignalAt = now
  stopped.abort()
}
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  out: (line) => {
    process.stdout.write(`${redact(line)}\n`)
  },
  err: (line) => {
    process.stderr.write(`${redact(line)}\n`)
  },
  stopped: stopped.signal,
  killed: killed.signal,
  version,
})
process.exit(exitCode)
