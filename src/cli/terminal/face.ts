import { type DestinationStream, pino } from 'pino'
import type { Config } from '../../config/config.ts'
import type { Clock } from '../../core/clock.ts'
import type { View } from '../../loop/view-types.ts'
import type { CommandIo } from '../io.ts'
import { showLine } from './line.ts'
import { LiveSummary } from './live.ts'
import { isImportant, logLine, readLogLine } from './log-line.ts'
import { LogTail } from './log-tail.ts'
import { clean } from './width.ts'

/** How a command that runs on shows itself: as JSON lines, as lines for people, or as a summary that is redrawn. */
export interface Face {
  /** Where the log goes. */
  readonly destination: DestinationStream
  /** A sentence for the person who watches. */
  readonly say: (sentence: string) => void
  /** From now on there is something to show. */
  readonly show: (what: Shown) => void
  /** The terminal is as it was before, with what should not be lost. Calling it again does nothing. */
  readonly close: () => void
}

export interface Shown {
  readonly version: string
  readonly url: string
  readonly view: () => View
}

type Wanted = Pick<Config, 'stay' | 'logLevel'>

/**
 * A summary where both outputs are a terminal and nobody asks for every line; lines for people on any other terminal;
 * else, and always in a pod, JSON.
 */
export function faceFor({ stay, logLevel }: Wanted, io: CommandIo, clock: Clock): Face {
  if (stay || io.paper.out.columns() === undefined) return jsonFace(io)
  if (io.screen === undefined || logLevel === 'debug' || logLevel === 'trace') return lineFace(io)
  return new SummaryFace(io, io.screen, clock)
}

/** For commands that only log. */
export function logDestination(io: CommandIo): DestinationStream {
  return (io.paper.out.columns() === undefined ? jsonFace(io) : lineFace(io)).destination
}

function jsonFace(io: CommandIo): Face {
  return { destination: pino.destination(1), say: io.err, show: () => undefined, close: () => undefined }
}

/** Each line whole, the terminal may wrap it; an error with its stack. */
function lineFace(io: CommandIo): Face {
  const { paint } = io.paper.out
  const write = (json: string): void => {
    const line = readLogLine(json)
    io.out(showLine(logLine(line), Number.POSITIVE_INFINITY, paint))
    if (line.stack === undefined || !isImportant(line)) return
    for (const part of line.stack.split('\n')) io.out(paint('dim', clean(part)))
  }
  return { destination: { write }, say: io.err, show: () => undefined, close: () => undefined }
}

class SummaryFace implements Face {
  readonly destination: DestinationStream
  readonly #io: CommandIo
  readonly #screen: NonNullable<CommandIo['screen']>
  readonly #clock: Clock
  readonly #log = new LogTail()
  #live: LiveSummary | undefined
  /** Said while the summary was there, so that nobody could scroll back to it. */
  #said: readonly string[] = []

  constructor(io: CommandIo, screen: NonNullable<CommandIo['screen']>, clock: Clock) {
    this.#io = io
    this.#screen = screen
    this.#clock = clock
    this.destination = {
      write: (json) => {
        this.#log.write(json)
      },
    }
  }

  readonly say = (sentence: string): void => {
    if (this.#live === undefined) {
      this.#io.err(sentence)
      return
    }
    this.#said = [...this.#said, sentence]
    this.#live.say(sentence)
  }

  readonly show = (what: Shown): void => {
    const { paint } = this.#io.paper.out
    this.#live = new LiveSummary({ ...what, screen: this.#screen, paint, clock: this.#clock, log: this.#log })
    this.#live.start()
  }

  readonly close = (): void => {
    // Where it never came to the summary the command says itself why.
    const lines = this.#log.important.filter(({ level }) => level !== 'fatal' || this.#live !== undefined)
    this.#live?.stop()
    this.#live = undefined
    const { paint } = this.#io.paper.err
    for (const line of lines) this.#io.err(showLine(logLine(line), Number.POSITIVE_INFINITY, paint))
    for (const sentence of this.#said) this.#io.err(sentence)
    this.#log.clear()
    this.#said = []
  }
}
