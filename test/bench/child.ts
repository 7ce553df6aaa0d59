import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** A process of node that a benchmark starts and ends. */
export class Child {
  readonly #process: ChildProcess
  readonly #tail: string[] = []
  readonly #watchers = new Set<(line: string) => void>()

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#process.stdout, this.#process.stderr]) this.#follow(stream)
  }

  get pid(): number {
    const { pid } = this.#process
    if (pid === undefined) throw new Error('the process was not started')
    return pid
  }

  /**
   * What the first group of the pattern found in a line that it has written or will write.
   * @throws (rejects) with its last lines where it ends before, or takes longer
   */
  async says(pattern: RegExp, limitMs: number): Promise<string> {
    const gone = new AbortController()
    const limit = AbortSignal.any([gone.signal, AbortSignal.timeout(limitMs)])
    const leave = (): void => {
      gone.abort()
    }
    return await new Promise((resolve, reject) => {
      const look = (line: string): void => {
        const found = pattern.exec(line)?.[1]
        if (found === undefined) return
        this.#watchers.delete(look)
        this.#process.removeListener('exit', leave)
        resolve(found)
      }
      this.#watchers.add(look)
      for (const line of this.#tail) look(line)
      this.#process.once('exit', leave)
      limit.addEventListener('abort', () => {
        const why = `a process of this benchmark did not say ${String(pattern)} in ${limitMs} ms`
        reject(new Error(`${why}; its last words:\n${this.#tail.slice(-20).join('\n')}`))
      })
    })
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name)
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exited
  }

  #follow(stream: Readable | null): void {
    if (stream === null) throw new Error('the process has no output')
    createInterface({ input: stream }).on('line', (line) => {
      this.#tail.push(line)
      if (this.#tail.length > 200) this.#tail.shift()
      for (const look of [...this.#watchers]) look(line)
    })
  }
}
