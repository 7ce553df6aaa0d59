import type { Clock } from '../../src/core/clock.ts'
import type { Log } from '../../src/core/log.ts'

/**
 * A log that writes its lines, with the time of the clock, to a list.
 * @param name of the process, where there are several
 */
export function timedLog(clock: Clock, lines: string[], name = ''): Log {
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      const time = new Date(clock.now()).toISOString().slice(11, 23)
      lines.push(`${time} ${name}${level} ${message} ${JSON.stringify(fields, showErrors)}`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const unheard = (): void => undefined

export const SILENT: Log = { debug: unheard, info: unheard, warn: unheard, error: unheard }

function showErrors(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('stack' in value)) return value
  const { message, cause } = value as unknown as Error
  return { message, cause }
}
