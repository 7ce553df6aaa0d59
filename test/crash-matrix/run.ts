import { fork } from 'node:child_process'
import type { Blow } from './day.ts'
import type { DayName } from './days.ts'
import type { Order, Report } from './worker.ts'

export interface RunOptions {
  readonly name: DayName
  readonly seed: number
  readonly expected: readonly string[]
  readonly blows: readonly Blow[]
  readonly workers: number
  readonly onReport: (report: Report) => void
}

/** Tries every blow, each in a world of its own, in so many processes. @throws where one of them ends before its time */
export async function runAll({ name, seed, expected, blows, workers, onReport }: RunOptions): Promise<void> {
  const left = [...blows]
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(new URL('./worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
      const next = (): void => {
        const blow = left.shift()
        if (blow === undefined) child.disconnect()
        else child.send({ name, seed, expected, blow } satisfies Order)
      }
      child.on('message', (report: Report) => {
        onReport(report)
        next()
      })
      child.on('error', reject)
      child.on('exit', (code) => {
        if (code === 0) resolve()
        else reject(new Error(`a worker ended with ${code ?? 'a signal'}`))
      })
      next()
    })
  await Promise.all(Array.from({ length: workers }, work))
}
