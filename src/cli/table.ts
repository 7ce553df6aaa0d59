import { type Paper, PIPE, type Style } from './terminal/paper.ts'
import { clean, fit, widthOf, wrap } from './terminal/width.ts'

/** Of a cell, as an aid beside its words. */
type StyleOf = (cell: string, column: number) => Style | undefined

/** For tables whose first column says whether all is well. */
export function goodOrBad(cell: string, column: number): Style | undefined {
  if (column > 0) return undefined
  if (cell === '?') return 'yellow'
  return cell === 'ok' ? 'green' : 'red'
}

const GAP = '  '
/** A column of sentences below this is worse to read than a list. */
const LEAST_LAST = 20
const LEAST = 6

/**
 * Columns as wide as their content, two blanks apart. On a terminal no line is wider than it: cells are wrapped, the
 * last column first; where that is too narrow for columns, each row becomes a list.
 */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, paint }: Paper = PIPE,
  styleOf: StyleOf = () => undefined,
): string {
  const room = columns()
  const cells = rows.map((row) => heads.map((_, column) => clean(row[column] ?? '')))
  const natural = heads.map((head, column) =>
    Math.max(widthOf(head), ...cells.map((row) => widthOf(row[column] ?? ''))),
  )
  const widths = room === undefined ? natural : narrowed(natural, room)
  if (widths === undefined) return list(heads, cells, room ?? 0)
  const lines = (row: readonly string[], style: StyleOf): readonly string[] => {
    // In a pipe nothing is wrapped, also where the text has blanks at its ends.
    const parts = row.map((cell, column) => (room === undefined ? [cell] : wrap(cell, widths[column] ?? 0)))
    const height = Math.max(...parts.map(({ length }) => length))
    return Array.from({ length: height }, (_, index) =>
      parts
        .map((part, column) => {
          const text = part[index] ?? ''
          const shade = style(row[column] ?? '', column)
          const fitted = column === row.length - 1 ? text : fit(text, widths[column] ?? 0)
          return shade === undefined ? fitted : paint(shade, fitted)
        })
        .join(GAP)
        .trimEnd(),
    )
  }
  const rule = widths.map((width) => '-'.repeat(width))
  return [
    ...lines(heads, () => 'bold'),
    ...lines(rule, () => 'dim'),
    ...cells.flatMap((row) => lines(row, styleOf)),
  ].join('\n')
}

/** @returns `undefined` where columns make no sense any more */
function narrowed(natural: readonly number[], room: number): readonly number[] | undefined {
  const widths = [...natural]
  const total = (): number => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1))
  const last = widths.length - 1
  const shrink = (column: number, least: number): void => {
    const over = total() - room
    if (over > 0) widths[column] = Math.max(Math.min(widths[column] ?? 0, least), (widths[column] ?? 0) - over)
  }
  shrink(last, LEAST_LAST)
  while (total() > room) {
    const widest = widths
      .slice(0, last)
      .reduce((best, width, column, all) => (width > (all[best] ?? 0) ? column : best), 0)
    if (last === 0 || (widths[widest] ?? 0) <= LEAST) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function list(heads: readonly string[], rows: readonly (readonly string[])[], room: number): string {
  return rows
    .map((row) =>
      row
        .flatMap((cell, column) => {
          const head = heads[column] ?? ''
          if (cell === '') return []
          const [first = '', ...more] = wrap(head === '' ? cell : `${head}: ${cell}`, Math.max(2, room - 2))
          return [column === 0 ? first : `  ${first}`, ...more.map((line) => `  ${line}`)]
        })
        .join('\n'),
    )
    .join('\n')
}
