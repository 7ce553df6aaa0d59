import { type DestinationStream, type Logger, pino } from 'pino'
import type { Log } from '../core/log.ts'
import { redact } from '../core/secret.ts'

/**
 * JSON lines on standard output. Of an error only what people read is written, never what a library hung on it, such
 * as the headers of a request; and every line goes through `redact` as a whole, whatever is in it.
 */
export function makeLogger(level: string, destination: DestinationStream = pino.destination(1)): Logger {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: plainError, error: plainError, cause: plainError },
  }
  return pino(options, {
    write: (line: string) => {
      destination.write(redact(line))
    },
  })
}

/**
 * Until the next start. @param log where it is told. The change itself stands in the log, whichever of both levels lets it through.
 */
export function setLevel(logger: Logger, log: Log, level: string): void {
  const from = logger.level
  if (from === level) return
  const tell = (): void => {
    log.warn({ from, to: level }, 'the level of the log is another now')
  }
  const before = logger.isLevelEnabled('warn')
  if (before) tell()
  logger.level = level
  if (!before) tell()
}

interface PlainError {
  readonly type: string
  readonly code?: string
  readonly status?: number
  readonly message: string
  readonly stack?: string
  readonly cause?: PlainError
}

const DEEPEST = 5

function plainError(thrown: unknown, depth = 0): PlainError {
  if (typeof thrown !== 'object' || thrown === null) return { type: typeof thrown, message: String(thrown) }
  const { name, code, status, message, stack, cause } = thrown as Readonly<Record<string, unknown>>
  return {
    type: typeof name === 'string' ? name : 'Error',
    ...(typeof code === 'string' && { code }),
    ...(typeof status === 'number' && { status }),
    message: typeof message === 'string' ? message : '',
    ...(typeof stack === 'string' && { stack }),
    ...(cause !== undefined && depth < DEEPEST && { cause: plainError(cause, depth + 1) }),
  }
}
