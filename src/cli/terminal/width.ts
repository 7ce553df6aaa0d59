const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const ONE_CELL_EACH = /^[\x20-\x7e]*$/
/** What moves the cursor, starts an escape sequence, ends a line, or turns the direction of what follows. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const BREAKS = /\r\n|[\t\n\v\f\r\u0085\u2028\u2029]/gu
const CONTROL = /[\p{Cc}\p{Cs}]/gu
const NO_CELL = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u
const REGIONAL = /^[\u{1f1e6}-\u{1f1ff}]$/u
/** East Asian wide and full width, and what terminals show as a picture. */
const TWO_CELLS =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u
const AS_PICTURE = '\ufe0f'

/** What somebody else called a thing, as one line that does nothing to a terminal. */
export function clean(text: string): string {
  if (!UNSAFE.test(text)) return text
  return text.replace(TURNS, '').replace(BREAKS, ' ').replace(CONTROL, '\ufffd')
}

/** Cells that a line without escape sequences takes at most: terminals differ about joined pictures. */
export function widthOf(text: string): number {
  if (ONE_CELL_EACH.test(text)) return text.length
  let width = 0
  let previous = 0
  for (const point of text) {
    // A sign that is shown as a picture, where it would be a letter's width otherwise.
    if (point === AS_PICTURE && previous === 1) width += 1
    previous = cellsOf(point)
    width += previous
  }
  return width
}

function cellsOf(point: string): number {
  if (NO_CELL.test(point)) return 0
  return TWO_CELLS.test(point) && !REGIONAL.test(point) ? 2 : 1
}

const CUT = '…'

/** At most so wide; what is left out shows as `…`. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width < 1) return ''
  return `${head(text, width - 1)}${CUT}`
}

/** Exactly so wide. */
export function fit(text: string, width: number): string {
  const cut = truncate(text, width)
  return cut + ' '.repeat(Math.max(0, width - widthOf(cut)))
}

/** Exactly so wide, at the right: for figures. */
export function fitRight(text: string, width: number): string {
  const cut = truncate(text, width)
  return ' '.repeat(Math.max(0, width - widthOf(cut))) + cut
}

/** Lines of at most this width, broken between words, and within those that are wider. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(2, width) // the widest character must find a place
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= room) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (widthOf(line) > room) {
      const part = head(line, room)
      lines.push(part)
      line = line.slice(part.length)
    }
  }
  return [...lines, line]
}

/** As much of the beginning as fits; at least one character where it is wider than that and the room is two or more. */
function head(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    const cells = widthOf(segment)
    if (used + cells > width) {
      // A joined picture that is wider than a whole line is taken apart.
      if (taken === '' && cells > 2 && width >= 2) return String.fromCodePoint(segment.codePointAt(0) ?? 0x20)
      return taken
    }
    taken += segment
    used += cells
  }
  return taken
}
