import type { Log } from '../core/log.ts'
import type { Instant } from '../core/model.ts'
import { redact } from '../core/secret.ts'
import { mapTexts, plainFields } from './event-fields.ts'
import type { EventFilter, Events } from './view-events.ts'
import type { EventLevel, EventView } from './view-types.ts'

export interface EventLogOptions {
  readonly now: () => Instant
  /** Events that are kept [5000]. */
  readonly most?: number
  /** Characters of JSON that are kept [4 Mi]. */
  readonly mostChars?: number
}

const MOST = 5_000
const MOST_CHARS = 4 * 1024 * 1024
const LEVELS: readonly EventLevel[] = ['info', 'warn', 'error']

interface Told {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

interface Kept {
  readonly event: EventView
  /** All its text in lower case, made when somebody first looks for some. */
  lower: string | undefined
  readonly chars: number
}

/**
 * The newest lines of the log, for people who look at the page. A secret is taken out as a line comes in: later it may
 * be forgotten, and then nothing would find it any more.
 */
export class EventLog implements Events {
  readonly #now: () => Instant
  readonly #most: number
  readonly #mostChars: number
  /** Oldest first, from `#first` on. */
  #kept: Kept[] = []
  #first = 0
  #chars = 0
  #lastId = 0
  readonly #listeners = new Set<(event: EventView) => void>()

  constructor({ now, most = MOST, mostChars = MOST_CHARS }: EventLogOptions) {
    this.#now = now
    this.#most = most
    this.#mostChars = mostChars
  }

  get lastId(): number {
    return this.#lastId
  }

  note(level: EventLevel, fields: object, message: string): void {
    const told = withoutSecrets({ message, fields: plainFields(fields) })
    const { agentId, template, hostname, ...details } = told.fields
    const event: EventView = {
      id: this.#lastId + 1,
      at: this.#now(),
      level,
      message: told.message,
      agentId: textOf(agentId),
      template: textOf(template),
      hostname: textOf(hostname),
      details,
    }
    const chars = JSON.stringify(event).length
    this.#lastId = event.id
    this.#kept.push({ event, lower: undefined, chars })
    this.#chars += chars
    this.#forget()
    for (const listener of [...this.#listeners]) tell(listener, event)
  }

  readonly find = (filter: EventFilter): readonly EventView[] => {
    const { after = 0, before = Number.POSITIVE_INFINITY, limit } = filter
    const found: EventView[] = []
    for (let at = this.#kept.length - 1; at >= this.#first && found.length < limit; at -= 1) {
      const kept = this.#kept[at]
      if (kept === undefined || kept.event.id <= after) break
      if (kept.event.id < before && matches(kept, filter)) found.push(kept.event)
    }
    return found.reverse()
  }

  readonly follow = (listener: (event: EventView) => void): (() => void) => {
    const own = (event: EventView): void => {
      listener(event)
    }
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  #forget(): void {
    while (this.#kept.length - this.#first > this.#most || (this.#chars > this.#mostChars && this.#has(2))) {
      this.#chars -= this.#kept[this.#first]?.chars ?? 0
      this.#first += 1
    }
    if (this.#first <= this.#most) return
    this.#kept = this.#kept.slice(this.#first)
    this.#first = 0
  }

  #has(count: number): boolean {
    return this.#kept.length - this.#first >= count
  }
}

/** The log as the program is handed it: what it is told above `debug` is an event as well. */
export function heard(log: Log, events: Pick<EventLog, 'note'>): Log {
  const at =
    (level: EventLevel) =>
    (fields: object, message: string): void => {
      log[level](fields, message)
      events.note(level, fields, message)
    }
  return {
    debug: (fields, message) => {
      log.debug(fields, message)
    },
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}

/** Whoever listens harms neither the others nor who told. It cannot be logged: that would be an event again. */
function tell(listener: (event: EventView) => void, event: EventView): void {
  try {
    listener(event)
  } catch {
    // A page that has gone away, and its next look brings it everything.
  }
}

function matches(kept: Kept, { level, template, agentId, text }: EventFilter): boolean {
  const { event } = kept
  if (level !== undefined && LEVELS.indexOf(event.level) < LEVELS.indexOf(level)) return false
  if (template !== undefined && event.template !== template) return false
  if (agentId !== undefined && event.agentId !== agentId) return false
  if (text === undefined || text === '') return true
  kept.lower ??= [event.message, event.agentId, event.template, event.hostname, JSON.stringify(event.details)]
    .join('\n')
    .toLowerCase()
  return kept.lower.includes(text.toLowerCase())
}

/** Text by text where there is something to hide: a secret may hold what JSON is made of. */
function withoutSecrets(told: Told): Told {
  const text = JSON.stringify(told)
  return redact(text) === text ? told : (mapTexts(told, redact) as Told)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
