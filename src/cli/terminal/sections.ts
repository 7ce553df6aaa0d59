import type { Line } from './line.ts'

/** A part of the screen: a title, and rows of which some may be left out. */
export interface Section {
  readonly title: Line | undefined
  readonly rows: number
  /** At most so many lines, fewer where there is no more to show. */
  readonly lines: (most: number) => readonly Line[]
  /** Rows that it should have before others get more than theirs. */
  readonly least: number
  /** Where there is not even room for that, the smallest gets its least first. */
  readonly rank: number
}

/**
 * One below the other, in at most so many lines. Where there is no room for all rows each section gets its least,
 * and then they share what is left.
 */
export function stack(sections: readonly Section[], room: number, gap: boolean): readonly Line[] {
  const there = sections.filter(({ title, rows }) => title !== undefined || rows > 0)
  const around = there.map(({ title }, index) => (title === undefined ? 0 : 1) + (gap && index > 0 ? 1 : 0))
  const given = there.map(() => 0)
  let left = room
  const byRank = there.map((section, index) => ({ ...section, index })).sort((a, b) => a.rank - b.rank)
  byRank.forEach(({ rows, least, index }) => {
    const wanted = Math.min(rows, least) + (around[index] ?? 0)
    given[index] = Math.min(wanted, left)
    left -= given[index]
  })
  for (let isShared = false; left > 0 && !isShared; ) {
    isShared = true
    there.forEach(({ rows }, index) => {
      const lines = given[index] ?? 0
      if (left === 0 || lines === 0 || lines >= rows + (around[index] ?? 0)) return
      given[index] = lines + 1
      left -= 1
      isShared = false
    })
  }
  return there.flatMap((section, index) => {
    const lines = given[index] ?? 0
    const space = gap && index > 0 ? [[]] : []
    // A title without any of its rows is worth its line: it holds the sums.
    const title = section.title === undefined || lines <= space.length ? [] : [section.title]
    const rows = Math.max(0, lines - space.length - title.length)
    return lines === 0 ? [] : [...space, ...title, ...section.lines(rows)].slice(0, lines)
  })
}

/** The first rows, and how many more there are. */
export function some<T>(
  rows: readonly T[],
  most: number,
  show: (rows: readonly T[]) => readonly Line[],
): readonly Line[] {
  if (most <= 0) return []
  if (rows.length <= most) return show(rows)
  const shown = rows.slice(0, most - 1)
  const more: Line = [['dim', `and ${(rows.length - shown.length).toLocaleString('en')} more`]]
  return [...(shown.length === 0 ? [] : show(shown)), more]
}
