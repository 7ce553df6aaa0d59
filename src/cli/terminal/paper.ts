import { styleText } from 'node:util'

/** Colours only help: every line says the same without them. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'inverse'

/** The text as it is, or between escape sequences. Its width is that of the text. */
export type Paint = (style: Style, text: string) => string

/** Where lines go. */
export interface Paper {
  /** Of a terminal, as wide as it is now; `undefined`: a file or a pipe, for lines of any length. */
  readonly columns: () => number | undefined
  readonly paint: Paint
}

export const plain: Paint = (_style, text) => text

export const coloured: Paint = (style, text) => (text === '' ? '' : styleText(style, text, { validateStream: false }))

/** A file or a pipe. */
export const PIPE: Paper = { columns: () => undefined, paint: plain }

/** Node knows NO_COLOR, FORCE_COLOR and TERM, and whether it is a terminal. */
export function paperFor(stream: NodeJS.WriteStream): Paper {
  const isColoured = styleText('bold', '-', { stream }) !== '-'
  return {
    columns: () => (stream.isTTY ? sizeOf(stream.columns, process.env['COLUMNS'], 80) : undefined),
    paint: isColoured ? coloured : plain,
  }
}

/** Serial lines and some pseudo terminals tell 0. */
export function sizeOf(told: number | undefined, variable: string | undefined, otherwise: number): number {
  if (told !== undefined && told > 0) return told
  const set = Number(variable)
  return Number.isInteger(set) && set > 0 ? set : otherwise
}
