import type { Cancel } from '../../core/clock.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A terminal that is taken as a whole for a while, and given back as it was. */
export interface Screen {
  readonly size: () => Size
  /** Takes the terminal: what it shows comes back with `close`. */
  readonly open: () => void
  /** In place of what it shows. No line may be wider than the screen, and there may be no more than its rows. */
  readonly draw: (lines: readonly string[]) => void
  /** Gives it back. Calling it again does nothing. */
  readonly close: () => void
  /** The size changed, or it is ours again after the process was stopped. */
  readonly onChange: (changed: () => void) => Cancel
}

const ESC = '\u001b['
/** The other screen of the terminal, no cursor, and no line goes on in the next one. */
export const OPEN = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}H${ESC}2J`
export const CLOSE = `${ESC}?7h${ESC}?25h${ESC}?1049l`
const HOME = `${ESC}H`
const TO_LINE_END = `${ESC}K`
const TO_SCREEN_END = `${ESC}J`

/** Written in one piece, each line over the old one: nothing flickers. The cursor waits at the top. */
export function frame(lines: readonly string[], rows: number): string {
  const text = lines.map((line) => `${line}${TO_LINE_END}`).join('\r\n')
  // Behind a full last row nothing is left to clear, and going there would move everything up.
  const rest = lines.length < rows ? `${lines.length > 0 ? '\r\n' : ''}${TO_SCREEN_END}` : ''
  return `${HOME}${text}${rest}${HOME}`
}
