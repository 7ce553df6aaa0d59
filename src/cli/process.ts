import { readFileSync } from 'node:fs'
import { runCli } from './cli.ts'
import { paperFor } from './terminal/paper.ts'
import { canRedraw, TtyScreen } from './terminal/tty-screen.ts'
import { TtyStatus } from './terminal/tty-status.ts'

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

const { stdout, stderr, env } = process
const isLive = canRedraw(stderr, env)
const screen = isLive && canRedraw(stdout, env) ? new TtyScreen(stdout, env) : undefined
const status = isLive ? new TtyStatus(stderr) : undefined
// Whatever ends the process, also an error that nobody caught: the terminal is left as it was.
process.on('exit', () => {
  screen?.close()
  status?.clear()
})
if (isLive) {
  // By default these end the process without that.
  for (const name of ['SIGHUP', 'SIGQUIT'] as const) {
    process.once(name, () => {
      screen?.close()
      status?.clear()
      process.kill(process.pid, name)
    })
  }
}
if (screen !== undefined) {
  process.on('SIGTSTP', () => {
    screen.suspend()
    process.kill(process.pid, 'SIGSTOP')
  })
  process.on('SIGCONT', () => {
    screen.resume()
  })
}

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const exitCode = await runCli(process.argv.slice(2), {
  env,
  readFile: (path) => readFileSync(path, 'utf8'),
  out: (line) => {
    status?.clear()
    stdout.write(`${line}\n`)
  },
  err: (line) => {
    status?.clear()
    stderr.write(`${line}\n`)
  },
  paper: { out: paperFor(stdout), err: paperFor(stderr) },
  screen,
  status,
  stopped: stopped.signal,
  killed: killed.signal,
  version,
})
process.exit(exitCode)
