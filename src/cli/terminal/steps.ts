import type { Cancel, Clock } from '../../core/clock.ts'
import type { CommandIo } from '../io.ts'
import { duration } from './amounts.ts'
import { truncate } from './width.ts'

const EVERY_MS = 250
const SPINNER = ['|', '/', '-', '\\'] as const
/** On a terminal quicker steps leave no line: it was seen that something was done. */
const WORTH_A_LINE_MS = 1_000

interface Step {
  readonly what: string
  readonly since: number
}

/** Says what a command is at: a line that turns on a terminal, elsewhere one line for each step that has ended. */
export class Steps {
  readonly #io: Pick<CommandIo, 'err' | 'status' | 'paper'>
  readonly #clock: Clock
  #under: readonly Step[] = []
  #turn = 0
  #cancel: Cancel | undefined

  constructor(io: Pick<CommandIo, 'err' | 'status' | 'paper'>, clock: Clock) {
    this.#io = io
    this.#clock = clock
  }

  /** Several may be under way at the same time. @throws what the work throws */
  async run<T>(what: string, work: () => Promise<T>): Promise<T> {
    const step = { what, since: this.#clock.monotonic() }
    this.#under = [...this.#under, step]
    this.#show()
    let outcome = 'failed'
    try {
      const result = await work()
      outcome = 'done'
      return result
    } finally {
      this.#under = this.#under.filter((other) => other !== step)
      this.#tell(step, outcome)
      this.#show()
    }
  }

  #tell({ what, since }: Step, outcome: string): void {
    const ms = this.#clock.monotonic() - since
    if (this.#io.status !== undefined && ms < WORTH_A_LINE_MS) return
    this.#io.err(`${what} … ${outcome} (${elapsed(ms)})`)
  }

  #show(): void {
    const { status, paper } = this.#io
    if (status === undefined) return
    this.#cancel?.()
    this.#cancel = undefined
    const [first] = this.#under
    if (first === undefined) {
      status.clear()
      return
    }
    const turned = SPINNER[this.#turn++ % SPINNER.length] ?? ''
    const whats = this.#under.map(({ what }) => what).join(', ')
    const text = `${turned} ${duration(this.#clock.monotonic() - first.since)}  ${whats}`
    status.show(truncate(text, (paper.err.columns() ?? 80) - 1))
    this.#cancel = this.#clock.timer(EVERY_MS, () => {
      this.#show()
    })
  }
}

function elapsed(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : duration(ms)
}
