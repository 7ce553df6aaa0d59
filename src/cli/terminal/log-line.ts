import type { Line, Span } from './line.ts'
import type { Style } from './paper.ts'

/** A line of the log, as a person reads it. */
export interface LogLine {
  /** `12:03:59`, by the clock of this machine. */
  readonly time: string
  readonly level: string
  readonly message: string
  /** What it is about, in words. */
  readonly words: string
  /** Its other keys, as `key=value`. */
  readonly facts: string
  readonly stack: string | undefined
}

/** Keys whose values are sentences, and need no name. */
const WORDS: readonly string[] = ['why', 'reason', 'warning', 'mistakes', 'actions', 'problem', 'words']
const PARTS: readonly string[] = [...WORDS, 'level', 'time', 'msg', 'err']
const IMPORTANT: readonly string[] = ['warn', 'error', 'fatal']

/** @param json as the log writes it */
export function readLogLine(json: string): LogLine {
  const fields = parsed(json)
  if (fields === undefined) {
    return { time: '', level: 'info', message: json.trim(), words: '', facts: '', stack: undefined }
  }
  const { level, time, msg, err } = fields
  const message = typeof msg === 'string' ? msg : ''
  const error = typeof err === 'object' && err !== null ? (err as { message?: unknown; stack?: unknown }) : {}
  const said = typeof error.message === 'string' && !message.includes(error.message) ? [error.message] : []
  const words = [...WORDS.flatMap((key) => sentence(fields[key])), ...said]
  const facts = Object.entries(fields).flatMap(([key, value]) => (PARTS.includes(key) ? [] : fact(key, value)))
  return {
    time: typeof time === 'string' ? timeOf(new Date(time)) : '',
    level: typeof level === 'string' ? level : 'info',
    message,
    words: words.join('; '),
    facts: facts.join(' '),
    stack: typeof error.stack === 'string' ? error.stack : undefined,
  }
}

export function isImportant({ level }: LogLine): boolean {
  return IMPORTANT.includes(level)
}

/** Its time, its level as a word, what happened, and the key facts. */
export function logLine({ time, level, message, words, facts }: LogLine): Line {
  const style = styleOf(level)
  const parts: readonly Span[] = [
    ['dim', time],
    ' ',
    [style, level.padEnd(5)],
    ' ',
    [style, message],
    words === '' ? '' : `: ${words}`,
  ]
  return facts === '' ? parts : [...parts, ' ', ['dim', facts]]
}

function styleOf(level: string): Style | undefined {
  switch (level) {
    case 'warn':
      return 'yellow'
    case 'error':
    case 'fatal':
      return 'red'
    case 'debug':
    case 'trace':
      return 'dim'
    default:
      return undefined
  }
}

function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined // somebody wrote past the logger: shown as it is
  }
}

function sentence(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.map(String) : []
}

/** What has parts of its own is for machines. */
function fact(key: string, value: unknown): readonly string[] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [`${key}=${value}`] : []
}

function timeOf(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
