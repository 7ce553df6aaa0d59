import type { Line, Span } from './line.ts'
import type { Style } from './paper.ts'
import { clean, fit, fitRight, widthOf } from './width.ts'

export interface Column<T> {
  readonly head: string
  readonly cell: (row: T) => string
  readonly style?: (row: T) => Style | undefined
  /** Figures stand at the right. */
  readonly right?: boolean
  /** Columns with smaller numbers are left out first where there is no room. */
  readonly keep: number
  /** At least so wide, so that it does not move with what it holds. */
  readonly least?: number
  /** At most so wide; the last column takes whatever is left. */
  readonly most?: number
}

const GAP = '  '
const MOST = 32
/** A sentence in fewer cells than these says nothing. */
const LEAST_WORDS = 12

/** One line a row, the heads before them. Columns that have no room are left out whole, the first is always there. */
export function grid<T>(columns: readonly Column<T>[], rows: readonly T[], width: number): readonly Line[] {
  const cells = columns.map(({ cell }) => rows.map((row) => clean(cell(row))))
  const natural = columns.map(({ head, least = 0, most = MOST }, index) =>
    Math.min(most, Math.max(least, widthOf(head), ...(cells[index] ?? []).map(widthOf))),
  )
  const shown = chosen(columns, natural, width)
  const line = (text: (index: number) => string, style: (index: number) => Style | undefined): Line =>
    shown.flatMap((index, place): Span[] => {
      const isLast = place === shown.length - 1
      const room = natural[index] ?? 0
      const { right = false } = columns[index] ?? {}
      const fitted = right ? fitRight(text(index), room) : isLast ? text(index) : fit(text(index), room)
      return [...(place === 0 ? [] : [GAP]), [style(index), fitted]]
    })
  return [
    line(
      (index) => columns[index]?.head ?? '',
      () => 'bold',
    ),
    ...rows.map((row, number) =>
      line(
        (index) => cells[index]?.[number] ?? '',
        (index) => columns[index]?.style?.(row),
      ),
    ),
  ]
}

/** The places of the columns that have room. */
function chosen<T>(columns: readonly Column<T>[], natural: readonly number[], width: number): readonly number[] {
  let shown = columns.map((_, index) => index)
  const isTooWide = (): boolean => {
    const used = shown.reduce((sum, index, place) => {
      const isLast = place === shown.length - 1 && columns[index]?.right !== true
      const room = natural[index] ?? 0
      return sum + (place === 0 ? 0 : GAP.length) + (isLast ? Math.min(room, LEAST_WORDS) : room)
    }, 0)
    return used > width
  }
  while (shown.length > 1 && isTooWide()) {
    const [, ...others] = shown
    const least = others.reduce((best, index) =>
      (columns[index]?.keep ?? 0) < (columns[best]?.keep ?? 0) ? index : best,
    )
    shown = shown.filter((index) => index !== least)
  }
  return shown
}
