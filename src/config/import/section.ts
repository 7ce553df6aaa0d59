import type { Field } from './field.ts'
import { isPlaceholder } from './placeholders.ts'
import { type Outcome, type Report, shown } from './report.ts'

export interface NumberRule {
  /** Taken where none is given, or one that is none. */
  readonly fallback: number
  readonly least: number
  readonly most: number
}

/**
 * Reads the fields of one element and sees to it that each gets exactly one line in the report: what nobody asked for
 * is reported as unknown by `rest`.
 */
export class Section {
  readonly where: string
  readonly #field: Field
  readonly #prefix: string
  readonly #report: Report
  readonly #told = new Set<string>()

  /** @param prefix in front of the names of fields, `containerInfo.` */
  constructor(field: Field, where: string, report: Report, prefix = '') {
    this.#field = field
    this.where = where
    this.#report = report
    this.#prefix = prefix
  }

  child(name: string): Field | undefined {
    const found = this.#field.children.find((each) => each.name === name)
    if (found?.attributes['reference'] === undefined) return found
    this.lost(name, 'it only points to another element of the file, which is not followed: write it down by hand')
    return undefined
  }

  /** The items of a list, each of which gets its own line by `item`. */
  items(name: string): readonly Field[] {
    const found = this.child(name)
    if (found === undefined) return []
    if (found.children.length === 0) this.taken(name, 'nothing is in it')
    this.#told.add(name)
    return found.children
  }

  /** A section of its own, for what is below; its fields get their lines there. */
  below(name: string): Section | undefined {
    const field = this.child(name)
    if (field === undefined) return undefined
    if (field.children.length > 0) this.#told.add(name)
    return new Section(field, this.where, this.#report, `${this.#prefix}${name}.`)
  }

  /** `undefined` where it is absent or empty. */
  text(name: string): string | undefined {
    const text = this.child(name)?.text ?? ''
    return text === '' ? undefined : text
  }

  /** Java's: everything but `true` is false, as is what is absent. */
  flag(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true'
  }

  number(name: string, { fallback, least, most }: NumberRule): number {
    const text = this.text(name)
    if (text === undefined) {
      const words = `is not in the file: ${fallback}, the default of the plugin, is taken`
      this.#add(name, '', 'changed', words, true)
      return fallback
    }
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
    if (Number.isFinite(value) && value >= least && value <= most) return value
    if (!Number.isFinite(value)) {
      const what = isPlaceholder(text) ? 'only Jenkins knows what stands for it' : 'it is no number'
      this.changed(name, `${what}: ${fallback}, the default of the plugin, is taken; put the right one in`)
      return fallback
    }
    const bound = value < least ? least : most
    this.changed(name, `${bound} is the ${value < least ? 'least' : 'most'} that can be`)
    return bound
  }

  taken(name: string, words: string): void {
    this.#tell(name, 'taken', words, false)
  }

  changed(name: string, words: string): void {
    this.#tell(name, 'changed', words, true)
  }

  /** It has no meaning here, and nothing is missing without it. */
  needless(name: string, words: string): void {
    this.#tell(name, 'no equal', words, false)
  }

  /** It meant something, and is not there any more: people must look. */
  lost(name: string, words: string): void {
    this.#tell(name, 'no equal', words, true)
  }

  /** Another line of a field that has several items. */
  item(name: string, was: string, outcome: Outcome, words: string): void {
    this.#add(name, was, outcome, words, outcome !== 'taken')
  }

  /** What holds for the whole of it, without a field. */
  note(words: string): void {
    this.#report.add({ where: this.where, field: '', was: '', outcome: 'changed', words, isNote: true })
  }

  /** A value that must not be shown has its line like any other. */
  hidden(name: string, outcome: Outcome, words: string): void {
    if (this.child(name) !== undefined) this.#add(name, '(not shown)', outcome, words, outcome !== 'taken')
  }

  /** Lines for all that nobody asked for. */
  rest(): void {
    for (const { name } of this.#field.children) {
      this.lost(name, 'it is no field of the plugin that is known here')
    }
  }

  #tell(name: string, outcome: Outcome, words: string, isNote: boolean): void {
    const field = this.#field.children.find((each) => each.name === name)
    if (field !== undefined) this.#add(name, wasOf(field), outcome, words, isNote)
  }

  #add(name: string, was: string, outcome: Outcome, words: string, isNote: boolean): void {
    if (this.#told.has(name)) return
    if (!name.includes('[')) this.#told.add(name)
    this.#report.add({ where: this.where, field: this.#prefix + name, was: shown(was), outcome, words, isNote })
  }
}

function wasOf({ text, children }: Field): string {
  if (children.length > 0) return `(${children.length} inside)`
  return text === '' ? '(empty)' : text
}
