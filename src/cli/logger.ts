import { type Logger, pino } from 'pino'

/**
 * JSON lines on standard output. What could hold a secret is censored by name as well, should an object with one ever
 * be logged: secrets are kept out of log calls in the first place.
 */
export function makeLogger(level: string): Logger {
  return pino({
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['secret', 'token', '*.secret', '*.token', '*.authorization'], censor: '[secret]' },
  })
}
