/**
 * The demo's agent: what the embedded Jenkins serves as `agent.jar`, run by `node agent.jar -url … -name … -secret …`.
 * It is fetched alone, so it must stay one file: no import but of types, Node's own modules by `getBuiltinModule`.
 */
import type { Clock } from '../../core/clock.ts'

export interface BuildOrder {
  /** Names the build in reports. */
  readonly build: string
  readonly job: string
  readonly environment: Readonly<Record<string, string>>
  readonly work: {
    /** A shell script; `null`: load of `cpu` and `memMib` for `durationMs`. */
    readonly script: string | null
    readonly durationMs: number
    readonly cpu: number
    readonly memMib: number
    readonly exitCode: number
  }
}

/** From the controller, one a line. */
export type Order =
  | { readonly kind: 'welcome'; readonly connection: string }
  | ({ readonly kind: 'build' } & BuildOrder)
  | { readonly kind: 'ping' }
  | { readonly kind: 'close'; readonly why: string }

/** To the controller, one a request. */
export type Report =
  | { readonly kind: 'pong' }
  | { readonly kind: 'console'; readonly build: string; readonly text: string }
  | { readonly kind: 'ended'; readonly build: string; readonly exitCode: number }

export interface AgentAnswer {
  readonly status: number
  readonly body: AsyncIterable<Uint8Array>
}

export interface AgentRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

/** Rejects where the controller cannot be reached. */
export type AgentFetch = (url: string, request: AgentRequest) => Promise<AgentAnswer>

/** Resolves with the exit code. `signal` is aborted when the connection is gone: the build must end then. */
export type RunBuild = (order: BuildOrder, console: (text: string) => void, signal: AbortSignal) => Promise<number>

export interface AgentArguments {
  /** With a trailing slash. */
  readonly url: string
  readonly name: string
  readonly secret: string
  readonly workDir: string
  readonly noReconnect: boolean
  /** Without a connection for so long it ends; `undefined`: it tries for ever. */
  readonly noReconnectAfterMs: number | undefined
}

export interface AgentOptions {
  readonly clock: Clock
  readonly request: AgentFetch
  readonly runBuild: RunBuild
  readonly args: AgentArguments
  /** Ends the agent and its builds. */
  readonly signal: AbortSignal
  readonly log?: (line: string) => void
}

/** What agent.jar waits between its tries; the last one is repeated. */
const WAITS_MS = [1000, 3000, 7000, 10_000]

/** Connects, runs builds, connects again. Resolves when the agent is told to end or has tried for long enough. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { clock, args, signal } = options
  const say = options.log ?? (() => undefined)
  let connectedAt = clock.now()
  let tries = 0
  while (!signal.aborted) {
    try {
      const wasConnected = await connectOnce(options, say)
      if (wasConnected) {
        connectedAt = clock.now()
        tries = 0
        if (args.noReconnect) return
      }
    } catch (thrown) {
      say(`Failed to connect to ${args.url}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    }
    const wait = WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)] ?? 10_000
    if (args.noReconnectAfterMs !== undefined && clock.now() + wait - connectedAt > args.noReconnectAfterMs) {
      await pause(clock, connectedAt + args.noReconnectAfterMs - clock.now(), signal)
      if (!isOver(signal)) say('Bailing out after the last try')
      return
    }
    await pause(clock, wait, signal)
  }
}

/** Asked afresh each time: the compiler would remember the first answer. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted
}

/** Sleeps until the time is over or the agent is told to end, whichever comes first. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.timer(Math.max(0, ms), done)
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}

/** One connection from beginning to end. @returns whether the controller took it */
async function connectOnce(options: AgentOptions, say: (line: string) => void): Promise<boolean> {
  const { args, request, runBuild } = options
  const connection = new AbortController()
  const end = (): void => {
    connection.abort()
  }
  if (options.signal.aborted) return false
  options.signal.addEventListener('abort', end, { once: true })
  const base = `${args.url}embedded-agent/${encodeURIComponent(args.name)}`
  const headers = { 'X-Agent-Secret': args.secret, 'Content-Type': 'application/json' }
  const builds = new Set<Promise<void>>()
  let welcomed = false
  let id = ''
  let reports = Promise.resolve()
  const report = (message: Report): Promise<void> => {
    reports = reports.then(async () => {
      if (connection.signal.aborted) return
      try {
        const url = `${base}/report?connection=${id}`
        const answer = await request(url, {
          method: 'POST',
          headers,
          body: JSON.stringify(message),
          signal: connection.signal,
        })
        await textOf(answer.body)
        if (answer.status !== 204) throw new Error(`the controller answered ${answer.status}`)
      } catch (thrown) {
        if (isOver(connection.signal)) return
        say(`Report lost: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
        end()
      }
    })
    return reports
  }
  const build = async (order: BuildOrder): Promise<void> => {
    const output = (text: string): void => {
      void report({ kind: 'console', build: order.build, text })
    }
    let exitCode = 1
    try {
      exitCode = await runBuild(order, output, connection.signal)
    } catch (thrown) {
      output(`FATAL: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    }
    await report({ kind: 'ended', build: order.build, exitCode })
  }
  try {
    const answer = await request(`${base}/connect`, { method: 'POST', headers, body: '', signal: connection.signal })
    if (answer.status !== 200) {
      say(`Refused (${answer.status}): ${(await textOf(answer.body)).trim()}`)
      return false
    }
    for await (const order of linesOf(answer.body)) {
      if (order.kind === 'welcome') {
        welcomed = true
        id = order.connection
        say('Connected')
      } else if (order.kind === 'ping') void report({ kind: 'pong' })
      else if (order.kind === 'close') break
      else {
        const running = build(order)
        builds.add(running)
        void running.finally(() => builds.delete(running))
      }
    }
  } catch (thrown) {
    if (!isOver(options.signal)) say(`Terminated: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    if (!welcomed) throw thrown
  } finally {
    options.signal.removeEventListener('abort', end)
    end()
    await Promise.allSettled(builds)
  }
  return welcomed
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Order> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line) as Order
  }
}

/** The options of agent.jar that this agent knows; any other is a mistake. */
export interface CommandLine extends Partial<Record<'url' | 'name' | 'secret' | 'workDir' | 'jnlpUrl', string>> {
  readonly noReconnect: boolean
  readonly noReconnectAfterMs: number | undefined
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** @throws with a sentence for the person who wrote the command */
export function readCommandLine(words: readonly string[]): CommandLine {
  const values: Record<string, string> = {}
  let noReconnect = false
  let noReconnectAfterMs: number | undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const key = /^--?(\w+)$/.exec(word)?.[1] ?? ''
    if (key === 'webSocket') continue
    if (key === 'noReconnect') {
      noReconnect = true
      continue
    }
    const value = words[++at]
    if (value === undefined) throw new Error(`"${word}" needs a value`)
    if (key === 'noReconnectAfter') {
      const [, count, unit] = /^(\d+)\s*([smhd]?)$/.exec(value) ?? []
      if (count === undefined) throw new Error(`"${word} ${value}" is no duration such as 60s`)
      noReconnectAfterMs = Number(count) * (UNITS[unit === undefined || unit === '' ? 's' : unit] ?? 1000)
    } else if (['url', 'name', 'secret', 'workDir', 'jnlpUrl'].includes(key)) values[key] = value
    else if (key !== 'internalDir') throw new Error(`"${word}" is not a valid option`)
  }
  return { ...values, noReconnect, noReconnectAfterMs }
}

/** Starts the agent as a program: real time, real HTTP, real processes. Ends the process. */
async function main(words: readonly string[]): Promise<void> {
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const stop = new AbortController()
  let code = 0
  for (const [name, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    process.once(name, () => {
      code = status
      stop.abort(new Error(name))
    })
  }
  const say = (line: string): void => {
    process.stderr.write(`INFO: ${line}\n`)
  }
  const given = readCommandLine(words)
  let { url, name, secret } = given
  if (given.jnlpUrl !== undefined) {
    const answer = await realRequest(given.jnlpUrl, { method: 'GET', headers: {}, body: '', signal: stop.signal })
    const told = [...(await textOf(answer.body)).matchAll(/<argument>([^<]*)<\/argument>/g)].map((one) => one[1] ?? '')
    if (answer.status !== 200) throw new Error(`${given.jnlpUrl} answered ${answer.status}`)
    secret ??= told[0]
    name ??= told[1]
    url ??= told[told.indexOf('-url') + 1]
  }
  if (secret?.startsWith('@') === true) secret = readFileSync(secret.slice(1), 'utf8').trim()
  if (url === undefined || name === undefined || secret === undefined) {
    throw new Error('-url, -name and -secret are needed, or -jnlpUrl')
  }
  const args: AgentArguments = {
    url: url.endsWith('/') ? url : `${url}/`,
    name,
    secret,
    workDir: given.workDir ?? '.',
    noReconnect: given.noReconnect,
    noReconnectAfterMs: given.noReconnectAfterMs,
  }
  const runBuild = processRunner(args)
  await runAgent({ clock: realClock(), request: realRequest, runBuild, args, signal: stop.signal, log: say })
  process.exit(code)
}

/** The program's own clock cannot come along in one file. */
function realClock(): Clock {
  const timer: Clock['timer'] = (ms, callback) => {
    const handle = setTimeout(callback, ms)
    return () => {
      clearTimeout(handle)
    }
  }
  const sleep: Clock['sleep'] = (ms) => new Promise((resolve) => timer(ms, resolve))
  return { now: () => Date.now(), monotonic: () => performance.now(), sleep, timer }
}

/** Not `fetch`, which gives a silent stream up after five minutes. */
function realRequest(url: string, { method, headers, body, signal }: AgentRequest): Promise<AgentAnswer> {
  const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http')
  return new Promise((resolve, reject) => {
    const length = method === 'POST' ? { 'Content-Length': String(Buffer.byteLength(body)) } : {}
    const sent = request(url, { method, headers: { ...headers, ...length }, signal, agent: false }, (answer) => {
      resolve({ status: answer.statusCode ?? 0, body: answer })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Burns `cpu` of one CPU and holds `memMib` until the time is over; runs in a process of its own. */
const LOAD = `
const [ms, cpu, mib, exit] = process.argv.slice(1).map(Number)
const held = Buffer.alloc(mib * 1048576, 1)
const end = Date.now() + ms
let second = 0
console.log('load of ' + cpu + ' CPU and ' + mib + ' MiB for ' + ms / 1000 + ' s')
function turn() {
  const now = Date.now()
  if (now >= end) { console.log('done, held ' + held.length + ' bytes'); process.exit(exit) }
  const elapsed = Math.floor((ms - (end - now)) / 1000)
  if (elapsed > second) { second = elapsed; console.log(second + ' s') }
  const busyUntil = Math.min(end, now + 100 * cpu)
  while (Date.now() < busyUntil) Math.sqrt(Math.random())
  setTimeout(turn, Math.min(100 * (1 - cpu), Math.max(0, end - Date.now())))
}
turn()
`

/** Runs each build as a process group of its own, killed whole when the connection is gone. */
function processRunner(args: AgentArguments): RunBuild {
  const { mkdirSync } = process.getBuiltinModule('node:fs')
  const path = process.getBuiltinModule('node:path')
  const { spawn } = process.getBuiltinModule('node:child_process')
  return ({ job, work, environment }, console, signal) =>
    new Promise((resolve, reject) => {
      const cwd = path.join(args.workDir, 'workspace', job.replaceAll(/[/\\]/g, '_'))
      mkdirSync(cwd, { recursive: true })
      const [file, words] =
        work.script === null
          ? [
              process.execPath,
              ['-e', LOAD, ...[work.durationMs, Math.min(1, work.cpu), work.memMib, work.exitCode].map(String)],
            ]
          : ['/bin/sh', ['-xec', work.script]]
      const env = { ...process.env, ...environment, WORKSPACE: cwd, NODE_NAME: args.name }
      const child = spawn(file, words, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
      const kill = (): void => {
        if (child.pid === undefined) return
        try {
          process.kill(-child.pid, 'SIGKILL')
        } catch (thrown) {
          // Gone already: that was the wish.
          if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH'))
            reject(new Error(`${job} cannot be killed`, { cause: thrown }))
        }
      }
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8')
        stream.on('data', console)
      }
      signal.addEventListener('abort', kill, { once: true })
      child.once('error', reject)
      child.once('close', (code) => {
        signal.removeEventListener('abort', kill)
        resolve(code ?? 1)
      })
      if (signal.aborted) kill()
    })
}

// As a program it has one of these names; a test that imports it has not.
if (/(?:^|[/\\])(?:agent\.jar|agent\.mjs|slave\.jar|demo-agent\.js)$/.test(process.argv[1] ?? '')) {
  main(process.argv.slice(2)).catch((thrown: unknown) => {
    process.stderr.write(`SEVERE: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exit(1)
  })
}
