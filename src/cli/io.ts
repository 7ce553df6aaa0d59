import type { ReadFile, Variables } from '../config/env.ts'
import type { Paper } from './terminal/paper.ts'
import type { Screen } from './terminal/screen.ts'
import type { StatusLine } from './terminal/status-line.ts'

/** What a command may touch of the process that runs it. Tests hand in their own. */
export interface CommandIo {
  readonly env: Variables
  readonly readFile: ReadFile
  /** A line for people or for pipes, on standard output. */
  readonly out: (line: string) => void
  /** A line for people only, on standard error. */
  readonly err: (line: string) => void
  /** What standard output and standard error are written to. */
  readonly paper: { readonly out: Paper; readonly err: Paper }
  /** For what is under way, on standard error; `undefined`: it is no terminal, or one that cannot do that. */
  readonly status: StatusLine | undefined
  /** A terminal of which every place can be written to; `undefined`: there is none. */
  readonly screen: Screen | undefined
  /** Aborted by SIGTERM or Ctrl-C, which its reason names; a second Ctrl-C within 5 s aborts `killed` too. */
  readonly stopped: AbortSignal
  readonly killed: AbortSignal
  readonly version: string
}

/** Bad configuration, bad arguments. */
export const EXIT_USAGE = 2
export const EXIT_FAILED = 1
export const EXIT_OK = 0
