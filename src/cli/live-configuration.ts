import type { ActionOutcome } from '../../plugins/actions.ts'
import type { Config, ConfigReading } from '../config/config.ts'
import { readConfig } from '../config/read-config.ts'
import type { Access } from '../core/access.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Template } from '../core/template.ts'
import { type Changes, changesBetween, changesInWords, isNothing } from './configuration-changes.ts'
import { FileWatch } from './file-watch.ts'
import type { CommandIo } from './io.ts'

export interface LiveOptions {
  readonly reading: Extract<ConfigReading, { ok: true }>
  readonly io: Pick<CommandIo, 'env' | 'readFile'>
  readonly clock: Clock
  readonly log: Log
  /** Follows each reading without a mistake; [nothing] */
  readonly applied?: (config: Config) => void
}

/**
 * The configuration as its files have it now: templates and tokens take effect at once. A reading with a mistake
 * changes nothing.
 */
export class LiveConfiguration {
  readonly #options: LiveOptions
  readonly #watch: FileWatch
  readonly #told: Set<string>
  #config: Config
  #warnings: readonly string[]
  #mistakes: readonly string[] = []
  #files: readonly string[]

  constructor(options: LiveOptions) {
    const { config, warnings, files } = options.reading
    this.#options = options
    this.#config = config
    this.#warnings = warnings
    this.#files = files
    this.#told = new Set(warnings)
    this.#watch = new FileWatch(files, options.clock, () => {
      this.#read()
    })
  }

  get templates(): readonly Template[] {
    return this.#config.templates
  }

  get access(): Access {
    return this.#config.http
  }

  /** As it was last read without a mistake; what is looked at only at the start may be another by now. */
  get config(): Config {
    return this.#config
  }

  get warnings(): readonly string[] {
    return this.#warnings
  }

  /** Why what the files have now is not used. */
  get mistakes(): readonly string[] {
    return this.#mistakes
  }

  /** Those that are watched. */
  get files(): readonly string[] {
    return this.#files
  }

  get problems(): readonly string[] {
    return this.#mistakes.map((mistake) => `the changed configuration is not used: ${mistake}`)
  }

  watch(): void {
    this.#watch.start()
  }

  stop(): void {
    this.#watch.stop()
  }

  /** An operator asks for it, whether or not a file changed. */
  reload(): ActionOutcome {
    const changes = this.#read()
    if (changes === undefined) {
      const many = this.#mistakes.length === 1 ? 'a mistake' : `${this.#mistakes.length} mistakes`
      const words = `Nothing is changed: the configuration has ${many}. ${this.#mistakes.join(' ')}`
      return { ok: false, kind: 'invalid', words, mistakes: this.#mistakes }
    }
    const warnings = this.#warnings.length === 0 ? '' : ` Warnings: ${this.#warnings.join(' ')}`
    return { ok: true, words: `${changesInWords(changes)}${warnings}` }
  }

  /** `undefined`: it has mistakes. */
  #read(): Changes | undefined {
    const { io, clock, log, applied } = this.#options
    const reading = readConfig(io.env, io.readFile, clock.now())
    this.#files = reading.files
    this.#watch.follow(reading.files)
    if (!reading.ok) {
      const isNews = reading.mistakes.join('\n') !== this.#mistakes.join('\n')
      this.#mistakes = reading.mistakes
      if (isNews) log.error({ mistakes: reading.mistakes }, 'the changed configuration has mistakes and is not used')
      return undefined
    }
    const changes = changesBetween(this.#config, reading.config, this.#options.reading.config)
    const wasWrong = this.#mistakes.length > 0
    this.#config = reading.config
    this.#warnings = reading.warnings
    this.#mistakes = []
    applied?.(reading.config)
    for (const warning of reading.warnings) {
      if (!this.#told.has(warning)) log.warn({ warning }, 'the configuration has a warning')
      this.#told.add(warning)
    }
    if (changes.later) log.warn({}, 'settings changed that take effect at the next start')
    if (wasWrong || !isNothing(changes)) {
      const { added, removed, changed, tokens, certificate } = changes
      log.info({ added, removed, changed, tokens, certificate }, 'the configuration was read again')
    }
    return changes
  }
}
