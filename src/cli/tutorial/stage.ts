import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../core/code-of.ts'
import { systemClock } from '../../system-clock.ts'
import type { CommandIo } from '../io.ts'

const EVERY_MS = 100
/** No step comes near it; what takes longer never comes. */
const LIMIT_MS = 90_000

/** Where a step of the tutorial is played: what it says, what it compares, and what must end after it. */
export class Stage {
  readonly io: CommandIo
  readonly folder: string
  readonly #endings: (() => Promise<unknown>)[] = []
  #differences = 0

  private constructor(io: CommandIo, folder: string) {
    this.io = io
    this.folder = folder
  }

  /** Plays a step and ends all that it started, however it ends. @returns whether all was as it must be */
  static async play(io: CommandIo, step: (stage: Stage) => Promise<void>): Promise<boolean> {
    const stage = new Stage(io, await mkdtemp(join(tmpdir(), 'jenkins-mesos-tutorial-')))
    try {
      await step(stage)
    } finally {
      await stage.#end()
    }
    return stage.#differences === 0
  }

  /** What happens now. */
  say(line: string): void {
    this.io.out(`   ${line}`)
  }

  expect(what: string, found: string | number, expected: string | number): void {
    const isSo = found === expected
    if (!isSo) this.#differences++
    this.io.out(isSo ? `ok ${what}: ${found}` : `NO ${what}: ${found}, and not ${expected}`)
  }

  /** Done after the step, the last one first. */
  atEnd(ending: () => Promise<unknown>): void {
    this.#endings.push(ending)
  }

  /**
   * Asks until the answer is as wanted; one that fails meanwhile counts as not yet.
   * @throws where that takes too long, or the command is told to stop
   */
  async until<T>(what: string, ask: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
    const end = systemClock.monotonic() + LIMIT_MS
    let last: string
    for (;;) {
      this.io.stopped.throwIfAborted()
      try {
        const found = await ask()
        if (isSo(found)) return found
        last = JSON.stringify(found)
      } catch (error) {
        last = messageOf(error)
      }
      if (systemClock.monotonic() > end) {
        throw new Error(
          `it took longer than ${LIMIT_MS / 1000} s until ${what}. The last answer: ${last.slice(0, 500)}`,
        )
      }
      await systemClock.sleep(EVERY_MS)
    }
  }

  async #end(): Promise<void> {
    try {
      for (const ending of this.#endings.reverse()) await ending()
    } finally {
      await rm(this.folder, { recursive: true, force: true })
    }
  }
}
