import type { Paint, Style } from './paper.ts'
import { clean, truncate, widthOf } from './width.ts'

/** A part of a line with a style of its own. */
export type Span = string | readonly [Style | undefined, string]

/** A line before it has a width. */
export type Line = readonly Span[]

/** As much of the line as a terminal of so many columns has room for. */
export function showLine(line: Line, columns: number, paint: Paint): string {
  let room = columns
  let shown = ''
  for (const span of line) {
    const [style, raw] = typeof span === 'string' ? [undefined, span] : span
    const text = truncate(clean(raw), room)
    shown += style === undefined ? text : paint(style, text)
    room -= widthOf(text)
    if (room <= 0) break
  }
  return shown
}

/** Without styles. */
export function textOf(line: Line): string {
  return line.map((span) => (typeof span === 'string' ? span : span[1])).join('')
}
