import type { Log } from '../../src/core/log.ts'

export interface Line {
  readonly level: keyof Log
  readonly fields: object
  readonly message: string
}

/** A log that keeps what it is told. */
export function aLog(): { readonly log: Log; readonly lines: readonly Line[]; readonly text: () => string } {
  const lines: Line[] = []
  const at =
    (level: keyof Log) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields, message })
    }
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { log, lines, text: () => lines.map(show).join('\n') }
}

function show({ level, fields, message }: Line): string {
  const seen = Object.entries(fields).map(([key, value]) => `${key}=${plain(value)}`)
  return [level, ...seen, message].join(' ')
}

/** As a log writes it: of an error its message and stack, of anything else its JSON. */
function plain(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value && 'stack' in value) {
    return `${String(value.message)} ${String(value.stack)} ${JSON.stringify(value)}`
  }
  return JSON.stringify(value)
}
