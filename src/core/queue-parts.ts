/** One answer of one executor within `why`. */
export type Part =
  | { readonly kind: 'labelMissing'; readonly node: string; readonly label: string }
  | { readonly kind: 'reserved'; readonly node: string }
  | { readonly kind: 'offline'; readonly node: string }
  /** Jenkins or a permission forbids this node. */
  | { readonly kind: 'forbidden' }
  /** The executor has been given away, or its node has just been removed. */
  | { readonly kind: 'changing' }
  /** The words of a plugin. */
  | { readonly kind: 'unknown' }

const SEPARATOR = '; '
const MORE = /^\.\.\. and \d+ more$/
/** Jenkins forbids `;` in the names of nodes, so a name never reaches into the next part. */
const LABEL_MISSING = /^([^;]*?) doesn[’']t have label /

const SENTENCES: readonly (readonly [RegExp, (node: string) => Part])[] = [
  [/^([^;]+) is offline$/, (node) => ({ kind: 'offline', node })],
  [
    /^([^;]+) is reserved (?:for|to) jobs (?:with matching label expression|tied to it)$/,
    (node) => ({ kind: 'reserved', node }),
  ],
  [/^([^;]+) is not accepting tasks$/, () => ({ kind: 'forbidden' })],
  [/^(.+) lacks permission to run on [^;]+$/s, () => ({ kind: 'forbidden' })],
  [/^([^;]+) has been removed from configuration$/, () => ({ kind: 'changing' })],
  [/^(Executor slot already in use)$/, () => ({ kind: 'changing' })],
]

/** Cuts `why` at the `; ` between its parts, not at those in a label. `... and N more` is not a part. */
export function splitParts(why: string): { readonly texts: readonly string[]; readonly truncated: boolean } {
  const texts: string[] = []
  let rest = why
  for (;;) {
    if (texts.length > 0 && MORE.test(rest)) return { texts, truncated: true }
    const end = partEnd(rest)
    texts.push(rest.slice(0, end))
    if (end === rest.length) return { texts, truncated: false }
    rest = rest.slice(end + SEPARATOR.length)
  }
}

function partEnd(text: string): number {
  const missing = LABEL_MISSING.exec(text)
  if (missing === null) return nextSeparator(text, 0)
  const start = missing[0].length
  const close = closingOf(text.charAt(start))
  if (close === undefined) return nextSeparator(text, start)
  for (let at = start; ; ) {
    const end = nextSeparator(text, at)
    // A quote that nothing closes belongs to the label.
    if (end === text.length) return text.endsWith(close) ? end : nextSeparator(text, start)
    if (end > start + 1 && text[end - 1] === close && isAnotherPart(text.slice(end + SEPARATOR.length), close))
      return end
    at = end + SEPARATOR.length
  }
}

function nextSeparator(text: string, from: number): number {
  const at = text.indexOf(SEPARATOR, from)
  return at === -1 ? text.length : at
}

/** Parts looked at before an answer is given: bounds the work on a text that somebody made to be slow. */
const LOOK_AHEAD = 16

/** A part, or still the label in quotes before it? What belongs to the label closes a quote that it does not open. */
function isAnotherPart(rest: string, close: string): boolean {
  let end = 0
  for (let at = 0, looked = 0; at < rest.length && looked < LOOK_AHEAD; looked++) {
    const piece = rest.slice(at, nextSeparator(rest, at))
    if (MORE.test(piece) || LABEL_MISSING.test(piece) || readPart(piece).kind !== 'unknown') break
    end = at + piece.length
    at = end + SEPARATOR.length
  }
  return !closesMore(rest.slice(0, end), close)
}

const APOSTROPHE = /(?<=\p{L})['’](?=\p{L})/gu

function closesMore(text: string, close: string): boolean {
  const quotes = text.replaceAll(APOSTROPHE, '')
  const closing = quotes.split(close).length - 1
  return close === "'" ? closing % 2 === 1 : closing > quotes.split('‘').length - 1
}

export function readPart(text: string): Part {
  const missing = LABEL_MISSING.exec(text)
  if (missing !== null) {
    return { kind: 'labelMissing', node: unquote(missing[1] ?? ''), label: unquote(text.slice(missing[0].length)) }
  }
  for (const [pattern, read] of SENTENCES) {
    const found = pattern.exec(text)
    if (found !== null) return read(unquote(found[1] ?? ''))
  }
  return { kind: 'unknown' }
}

function closingOf(open: string): string | undefined {
  if (open === '‘') return '’'
  return open === "'" ? "'" : undefined
}

/** Without the quotes that Jenkins' sentence puts around it: typographic ones, plain ones, or none. */
export function unquote(text: string): string {
  const close = closingOf(text.charAt(0))
  return close !== undefined && text.length > 1 && text.endsWith(close) ? text.slice(1, -1) : text
}
