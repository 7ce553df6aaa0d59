import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ScreenModel } from './screen-model.ts'

const MAIN = resolve('dist/src/main.js')
const WITHIN_MS = 30_000

export interface TerminalOptions {
  /** For the state and everything else that is written. */
  readonly folder: string
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
  /** Of node itself. */
  readonly nodeArgs?: readonly string[]
  /** Behind the command, for the shell. */
  readonly redirect?: string
}

/** The built program in a real pseudo terminal, which `script` of Debian's bsdutils makes. */
export class TerminalProcess {
  readonly screen: ScreenModel
  readonly #child: ChildProcessWithoutNullStreams
  readonly #folder: string
  readonly #exit: Promise<number>
  #bytes = ''
  #changed: () => void = () => undefined

  constructor(args: readonly string[], options: TerminalOptions) {
    const { folder, columns = 100, rows = 30, env = {}, nodeArgs = [], redirect = '' } = options
    this.screen = new ScreenModel(columns, rows)
    this.#folder = folder
    const words = [process.execPath, ...nodeArgs, MAIN, ...args].map((word) => `'${word}'`).join(' ')
    const line = `stty cols ${columns} rows ${rows}; echo $$ > pid; exec ${words} ${redirect}`
    this.#child = spawn('script', ['-qefc', line, '/dev/null'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        SHELL: '/bin/sh',
        TERM: 'xterm-256color',
        HTTP_PORT: '0',
        AGENT_HTTP_PORT: '0',
        ...env,
      },
    })
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#bytes += chunk
      this.screen.write(chunk)
      this.#changed()
    })
    this.#exit = once(this.#child, 'close').then(([code]) => (typeof code === 'number' ? code : -1))
  }

  /** All that was written to the terminal. */
  get bytes(): string {
    return this.#bytes
  }

  /** Looks whenever something was written. @throws where it takes too long, with what is seen instead */
  async until(what: string, holds: () => boolean): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((seen, failed) => {
      timer = setTimeout(() => {
        failed(new Error(`not seen within ${WITHIN_MS / 1000} s: ${what}; but:\n${this.screen.text}`))
      }, WITHIN_MS)
      this.#changed = () => {
        if (holds()) seen()
      }
      this.#changed()
    }).finally(() => {
      clearTimeout(timer)
      this.#changed = () => undefined
    })
  }

  type(text: string): void {
    this.#child.stdin.write(text)
  }

  /** To the program itself, not to its terminal. */
  signal(name: NodeJS.Signals): void {
    process.kill(Number(readFileSync(join(this.#folder, 'pid'), 'utf8')), name)
  }

  /** Its exit code. */
  async end(): Promise<number> {
    return await this.#exit
  }

  /** Nothing of it is left. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null) return
    if (existsSync(join(this.#folder, 'pid'))) {
      try {
        this.signal('SIGKILL')
      } catch {
        // it has ended already
      }
    }
    this.#child.kill('SIGKILL')
    await this.#exit
  }
}
