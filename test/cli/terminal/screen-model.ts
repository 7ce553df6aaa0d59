const ESCAPE = '\u001b'

/** As much of a terminal as the program uses: what it shows now, and in which state it was left. */
export class ScreenModel {
  readonly #columns: number
  readonly #rows: number
  #shown: string[][]
  /** What comes back, and where the cursor was. */
  #main: { readonly shown: string[][]; readonly row: number; readonly column: number } | undefined
  #row = 0
  #column = 0
  #rest = ''
  /** The cursor is hidden. */
  hidden = false
  /** Lines that are too long go on in the next one. */
  wraps = true
  /** Sequences that this terminal does not know. */
  readonly unknown: string[] = []
  /** How often colours or other styles were asked for. */
  styles = 0
  /** How often the other screen was asked for. */
  taken = 0

  constructor(columns: number, rows: number) {
    this.#columns = columns
    this.#rows = rows
    this.#shown = this.#empty()
  }

  /** The other screen is there, and would stay there for the shell. */
  get isAlternate(): boolean {
    return this.#main !== undefined
  }

  get lines(): readonly string[] {
    return this.#shown.map((cells) => cells.join('').trimEnd())
  }

  get text(): string {
    return this.lines.join('\n').trimEnd()
  }

  write(chunk: string): void {
    let left = this.#rest + chunk
    this.#rest = ''
    while (left !== '') {
      const character = String.fromCodePoint(left.codePointAt(0) ?? 0)
      left = left.slice(character.length)
      if (character !== ESCAPE) {
        this.#put(character)
        continue
      }
      const [sequence = ''] = /^\[[0-9;?]*[A-Za-z]?/.exec(left) ?? []
      if (sequence === left && !/[A-Za-z]$/.test(sequence)) {
        this.#rest = ESCAPE + left // the end of it comes with the next chunk
        return
      }
      this.#do(sequence)
      left = left.slice(sequence.length)
    }
  }

  #do(sequence: string): void {
    switch (sequence) {
      case '[H':
        this.#row = 0
        this.#column = 0
        return
      case '[K':
        this.#shown[this.#row]?.fill(' ', this.#column)
        return
      case '[J':
        this.#shown[this.#row]?.fill(' ', this.#column)
        for (const cells of this.#shown.slice(this.#row + 1)) cells.fill(' ')
        return
      case '[2J':
        for (const cells of this.#shown) cells.fill(' ')
        return
      case '[?25l':
      case '[?25h':
        this.hidden = sequence.endsWith('l')
        return
      case '[?7l':
      case '[?7h':
        this.wraps = sequence.endsWith('h')
        return
      case '[?1049h':
        this.taken += 1
        this.#main ??= { shown: this.#shown, row: this.#row, column: this.#column }
        this.#shown = this.#empty()
        return
      case '[?1049l':
        if (this.#main !== undefined) {
          this.#shown = this.#main.shown
          this.#row = this.#main.row
          this.#column = this.#main.column
        }
        this.#main = undefined
        return
      default:
        if (/^\[[0-9;]*m$/.test(sequence)) this.styles += 1
        else this.unknown.push(sequence)
    }
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#down()
    else if (character === '\b') this.#column = Math.max(0, this.#column - 1)
    else {
      if (this.#column >= this.#columns) {
        if (this.wraps) {
          this.#column = 0
          this.#down()
        } else this.#column = this.#columns - 1
      }
      const cells = this.#shown[this.#row]
      if (cells !== undefined) cells[this.#column] = character
      this.#column += 1
    }
  }

  #down(): void {
    if (this.#row < this.#rows - 1) {
      this.#row += 1
      return
    }
    this.#shown = [...this.#shown.slice(1), this.#blank()]
  }

  #empty(): string[][] {
    return Array.from({ length: this.#rows }, () => this.#blank())
  }

  #blank(): string[] {
    return Array.from({ length: this.#columns }, () => ' ')
  }
}
