/** What became of a field: the same here, another value or name here, or nothing here. */
export type Outcome = 'taken' | 'changed' | 'no equal'

export interface ReportLine {
  /** `cloud 1`, or `template 3, linux`. */
  readonly where: string
  /** As the plugin calls it, `containerInfo.volumes`; `''` for what is not in the file. */
  readonly field: string
  /** For people: cut, and without secrets. */
  readonly was: string
  readonly outcome: Outcome
  /** Where it is now, with the formula; or why it is nowhere. */
  readonly words: string
  /** People should read it, though nothing is lost. */
  readonly isNote: boolean
}

/** One line for every field, in the order of the file. */
export class Report {
  readonly #lines: ReportLine[] = []

  add(line: Omit<ReportLine, 'isNote'> & { readonly isNote?: boolean }): void {
    const { where, words, isNote = line.outcome === 'changed' } = line
    // Both may quote the file.
    this.#lines.push({ ...line, where: inOneLine(where), words: inOneLine(hidePasswords(words)), isNote })
  }

  get lines(): readonly ReportLine[] {
    return this.#lines
  }
}

/** The lines that a person must see, each once, with everything that it holds for. */
export function notesOf(lines: readonly ReportLine[]): readonly string[] {
  const places = new Map<string, Set<string>>()
  for (const { where, field, outcome, words, isNote } of lines) {
    if (!isNote) continue
    const verb = outcome === 'no equal' ? 'has no equal:' : '->'
    const sentence = field === '' ? words : `${field} ${verb} ${words}`
    const known = places.get(sentence) ?? new Set()
    places.set(sentence, known.add(where))
  }
  return [...places].map(([sentence, where]) => `${listed([...where])}: ${sentence}`)
}

const MOST_NAMED = 4

function listed(names: readonly string[]): string {
  if (names.length <= MOST_NAMED) return names.join('; ')
  return `${names.slice(0, MOST_NAMED).join('; ')} and ${names.length - MOST_NAMED} more`
}

const LONGEST = 72

/** A value as people may see it: in one line, not too long, no escapes of terminals, no password of an address. */
export function shown(text: string, longest = LONGEST): string {
  const plain = inOneLine(hidePasswords(text))
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain
}

/** Line breaks and escapes of terminals are blanks. */
export function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
}

/** Of addresses, and values of what is named like one: `-Dhttp.proxyPassword=…`, `?token=…`. */
export function hidePasswords(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s"'<>]*@/gi, '$1…@')
    .replaceAll(/((?:pass|secret|token|credential|api[-_]?key)[\w.-]{0,40}=)(?:"[^"]*"|'[^']*'|[^\s"'&]+)/gi, '$1…')
}
