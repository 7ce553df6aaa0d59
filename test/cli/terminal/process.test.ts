import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { endProcessesIn } from '../../support/end-processes.ts'
import { describeWith } from '../../support/need.ts'
import { type TerminalOptions, TerminalProcess } from './terminal-process.ts'

/** Each runs the whole program on its embedded systems, and this machine may be busy. */
jest.setTimeout(90_000)

const CTRL_C = '\u0003'
const ESCAPE = '\u001b'

let folder: string
let running: TerminalProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidecar-terminal-'))
})

afterEach(async () => {
  await running?.kill()
  running = undefined
  endProcessesIn(folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

function run(args: readonly string[], options: Partial<TerminalOptions> = {}): TerminalProcess {
  running = new TerminalProcess(args, { folder, ...options })
  return running
}

/** As a shell wants to find it. */
function expectGivenBack({ screen }: TerminalProcess): void {
  expect({ isAlternate: screen.isAlternate, hidden: screen.hidden, wraps: screen.wraps }).toEqual({
    isAlternate: false,
    hidden: false,
    wraps: true,
  })
  expect(screen.unknown).toEqual([])
}

describeWith(['script', 'stty'], 'in a pseudo terminal', () => {
  test('start shows a summary, Ctrl-C says what it does, and the terminal is left as it was', async () => {
    const program = run(['start'])
    const { screen } = program
    await program.until('agents that build', () => /^Agents {2}2 of .* 2 busy/m.test(screen.text))
    expect(screen.isAlternate).toBe(true)
    expect(screen.lines[0]).toMatch(/^jenkins-mesos-sidecar \d/)
    expect(screen.text).toMatch(/^ok: Jenkins is read, Mesos is subscribed$/m)
    expect(screen.text).toMatch(/^page http:\/\/127\.0\.0\.1:\d+\//m)
    expect(screen.text).toMatch(/^demo +2\/10/m)
    expect(screen.text).toMatch(/ info {2}agent online /)
    expect(screen.text).not.toContain('{"level"')
    program.type(CTRL_C)
    await program.until('what Ctrl-C does', () => screen.text.includes('Ending 2 agents, whatever they run.'))
    expect(await program.end()).toBe(0)
    expectGivenBack(program)
    expect(screen.taken).toBe(1)
    expect(screen.text).toMatch(/page {5}http:.*[\s\S]*Stopped; no agent is left\.$/)
  })

  test('on a narrow and short terminal nothing is written past its edges, and without colour if so wished', async () => {
    const program = run(['start'], { columns: 40, rows: 12, env: { NO_COLOR: '1' } })
    const { screen } = program
    await program.until('the summary', () => screen.text.includes('ok: Jenkins is read') && /^Queue/m.test(screen.text))
    expect(screen.lines[0]).toMatch(/^jenkins-mesos-sidecar/) // nothing moved up
    program.signal('SIGTERM')
    expect(await program.end()).toBe(0)
    expectGivenBack(program)
    expect(screen.styles).toBe(0)
  })

  test('an error that nobody caught gives the terminal back, and is told', async () => {
    const thrower = 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("boom")})'
    const program = run(['start'], { nodeArgs: ['--import', thrower] })
    const { screen } = program
    await program.until('the summary', () => screen.isAlternate && screen.text.includes('ok: Jenkins is read'))
    program.signal('SIGUSR2')
    expect(await program.end()).not.toBe(0)
    expectGivenBack(program)
    expect(program.bytes.slice(program.bytes.indexOf('?1049l'))).toContain('boom')
  })

  test('Ctrl-\\ ends it at once, and gives the terminal back', async () => {
    const env = { MESOS_MASTER: 'http://127.0.0.1:1', MESOS_USER: 'nobody', AGENT_SECRET_VIA: 'environment' }
    const program = run(['start'], { env }) // without a Mesos nothing is left behind
    const { screen } = program
    await program.until('the summary', () => screen.isAlternate && screen.text.includes('page http:'))
    program.signal('SIGQUIT')
    expect(await program.end()).not.toBe(0)
    expectGivenBack(program)
  })

  test('TERM=dumb: lines for people, and nothing but lines', async () => {
    const program = run(['start'], { env: { TERM: 'dumb' } })
    await program.until('the log', () => / info {2}subscribed to Mesos /.test(program.bytes))
    program.type(CTRL_C)
    expect(await program.end()).toBe(0)
    expect(program.bytes).not.toContain(ESCAPE)
    expect(program.bytes).not.toContain('{"level"')
  })

  test('into a file the log is JSON lines, whatever standard error is', async () => {
    const program = run(['start'], { redirect: '> log' })
    const log = (): string => readFileSync(join(folder, 'log'), 'utf8')
    await program.until('where it is', () => program.bytes.includes('Ctrl-C ends everything.'))
    program.signal('SIGTERM')
    expect(await program.end()).toBe(0)
    for (const line of log().trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow()
    expect(log()).toContain('"msg":"stopped"')
    expect(program.screen.taken).toBe(0)
  })

  test('check on a narrow terminal: a table that fits, and the line that turned is gone', async () => {
    const program = run(['check'], { columns: 50, rows: 60 })
    expect(await program.end()).toBe(0)
    expect(program.bytes).toMatch(/[|/\\-] \d s {2}asking Jenkins/)
    expect(program.screen.text).not.toMatch(/^[|/\\-] \d s /m)
    expect(program.screen.text).toMatch(/^ok {2}Jenkins: log in +as sidecar$/m)
    expectGivenBack(program)
  })
})
