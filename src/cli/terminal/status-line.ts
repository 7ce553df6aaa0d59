/** The last line of a terminal, written over and over. */
export interface StatusLine {
  /** At most as wide as the terminal. */
  readonly show: (text: string) => void
  /** Leaves nothing behind. */
  readonly clear: () => void
}
