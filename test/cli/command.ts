import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
// Each command loads its own when it is called; Jest cannot link two of them at once, so here they are loaded before.
import '../../src/cli/anchors.ts'
import '../../src/cli/check.ts'
import '../../src/cli/deploy.ts'
import '../../src/cli/embedded.ts'
import '../../src/cli/health.ts'
import '../../src/cli/import.ts'
import '../../src/cli/migrate.ts'
import '../../src/cli/plan.ts'
import '../../src/cli/start.ts'
import '../../src/cli/tutorial/tutorial.ts'
import { runCli } from '../../src/cli/cli.ts'
import type { CommandIo } from '../../src/cli/io.ts'
import { PIPE } from '../../src/cli/terminal/paper.ts'

/** A command under way, as a shell would see it. */
export interface Command {
  readonly out: readonly string[]
  readonly err: readonly string[]
  readonly exitCode: Promise<number>
  /** Ctrl-C. */
  readonly stop: () => void
}

export function command(args: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
  const out: string[] = []
  const err: string[] = []
  const stopped = new AbortController()
  const io: CommandIo = {
    env,
    readFile: (path) => readFileSync(path, 'utf8'),
    out: (line) => {
      out.push(line)
    },
    err: (line) => {
      err.push(line)
    },
    paper: { out: PIPE, err: PIPE },
    screen: undefined,
    status: undefined,
    stopped: stopped.signal,
    killed: new AbortController().signal,
    version: '0.0.0-test',
  }
  return {
    out,
    err,
    exitCode: runCli(args, io),
    stop: () => {
      stopped.abort()
    },
  }
}

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => {
    server.close(resolve)
  })
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
