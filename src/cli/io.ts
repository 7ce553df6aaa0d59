import type { ReadFile, Variables } from '../config/env.ts'

/** What a command may touch of the process that runs it. Tests hand in their own. */
export interface CommandIo {
  readonly env: Variables
  readonly readFile: ReadFile
  /** A line for people or for pipes, on standard output. */
  readonly out: (line: string) => void
  /** A line for people only, on standard error. */
  readonly err: (line: string) => void
  /** Aborted by SIGTERM or Ctrl-C, which its reason names; a second Ctrl-C within 5 s aborts `killed` too. */
  readonly stopped: AbortSignal
  readonly killed: AbortSignal
  readonly version: string
}

/** Bad configuration, bad arguments. */
export const EXIT_USAGE = 2
export const EXIT_FAILED = 1
export const EXIT_OK = 0
