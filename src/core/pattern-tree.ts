/** Of repetitions in `{ }`. */
const MOST_REPEATS = 1_000

/** Whether a code point is one of those meant. */
export type Test = (code: number) => boolean

export type Tree =
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'edge'; readonly at: 'start' | 'end' }
  | { readonly kind: 'all'; readonly parts: readonly Tree[] }
  | { readonly kind: 'either'; readonly ways: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly of: Tree; readonly min: number; readonly max: number | undefined }

/** @returns what is wrong, in words, where it cannot be read */
export function readTree(source: string): Tree | string {
  try {
    return new Reader(source).read()
  } catch (error) {
    if (error instanceof Wrong) return error.message
    throw error
  }
}

class Wrong extends Error {}

class Reader {
  readonly #chars: readonly string[]
  #at = 0

  constructor(source: string) {
    this.#chars = Array.from(source)
  }

  /** @throws Wrong */
  read(): Tree {
    const tree = this.#either()
    if (this.#at < this.#chars.length) throw new Wrong('it closes a ) that was never opened')
    return tree
  }

  #peek(): string | undefined {
    return this.#chars[this.#at]
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false
    this.#at += 1
    return true
  }

  #next(where: string): string {
    const char = this.#chars[this.#at++]
    if (char === undefined) throw new Wrong(`it ends in the middle of ${where}`)
    return char
  }

  #either(): Tree {
    const ways = [this.#all()]
    while (this.#take('|')) ways.push(this.#all())
    return ways.length === 1 && ways[0] !== undefined ? ways[0] : { kind: 'either', ways }
  }

  #all(): Tree {
    const parts: Tree[] = []
    for (let char = this.#peek(); char !== undefined && char !== '|' && char !== ')'; char = this.#peek()) {
      parts.push(this.#repeated(this.#one(), char))
    }
    return { kind: 'all', parts }
  }

  #one(): Tree {
    const char = this.#next('a character')
    switch (char) {
      case '(':
        return this.#group()
      case '[':
        return { kind: 'one', test: this.#class() }
      case '.':
        return { kind: 'one', test: (code) => code !== NEWLINE }
      case '^':
        return { kind: 'edge', at: 'start' }
      case '$':
        return { kind: 'edge', at: 'end' }
      case '\\':
        return { kind: 'one', test: this.#escape() }
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Wrong(`there is nothing to repeat before ${char}; write \\${char} for the character itself`)
      default:
        return { kind: 'one', test: exactly(char) }
    }
  }

  #group(): Tree {
    if (this.#take('?') && !this.#take(':')) throw new Wrong('of groups with (? only (?: is known')
    const tree = this.#either()
    if (!this.#take(')')) throw new Wrong('a ( is never closed')
    return tree
  }

  #repeated(of: Tree, first: string): Tree {
    const times = this.#times()
    if (times === undefined) return of
    if (of.kind === 'edge') throw new Wrong(`${first} cannot be repeated`)
    this.#take('?') // how eager it is makes no difference to a whole text
    if (['*', '+', '?', '{'].includes(this.#peek() ?? '')) throw new Wrong('a repetition is repeated: put it in ( )')
    return { kind: 'repeat', of, ...times }
  }

  #times(): { readonly min: number; readonly max: number | undefined } | undefined {
    if (this.#take('*')) return { min: 0, max: undefined }
    if (this.#take('+')) return { min: 1, max: undefined }
    if (this.#take('?')) return { min: 0, max: 1 }
    if (!this.#take('{')) return undefined
    let inside = ''
    for (let char = this.#next('{ }'); char !== '}'; char = this.#next('{ }')) inside += char
    const [, least, comma, most] = /^(\d{1,4})(,?)(\d{0,4})$/.exec(inside) ?? []
    const min = Number(least)
    const max = comma === '' ? min : most === '' ? undefined : Number(most)
    if (least === undefined || min > MOST_REPEATS || (max ?? min) > MOST_REPEATS || (max ?? min) < min) {
      throw new Wrong(`{${inside}} is no number of repetitions; write \\{ for the character itself`)
    }
    return { min, max }
  }

  #class(): Test {
    const not = this.#take('^')
    if (this.#peek() === ']') throw new Wrong('[] holds nothing; write \\] for the character itself')
    const tests: Test[] = []
    while (!this.#take(']')) {
      const from = this.#member()
      if (typeof from !== 'string' || this.#peek() !== '-' || this.#chars[this.#at + 1] === ']') {
        tests.push(typeof from === 'string' ? exactly(from) : from)
        continue
      }
      this.#at += 1
      const to = this.#member()
      if (typeof to !== 'string' || codeOf(to) < codeOf(from)) throw new Wrong(`[${from}-…] is no range`)
      tests.push((code) => code >= codeOf(from) && code <= codeOf(to))
    }
    return (code) => tests.some((test) => test(code)) !== not
  }

  /** A character, or what stands for several. */
  #member(): string | Test {
    const char = this.#next('[ ]')
    if (char === '[' || (char === '&' && this.#peek() === '&')) {
      throw new Wrong(`${char} in [ ] means other things elsewhere; write \\${char}`)
    }
    if (char !== '\\') return char
    const escaped = this.#next('an escape')
    return CLASSES[escaped] ?? literal(escaped)
  }

  #escape(): Test {
    const char = this.#next('an escape')
    return CLASSES[char] ?? exactly(literal(char))
  }
}

const NEWLINE = 10

export function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0
}

function exactly(char: string): Test {
  const wanted = codeOf(char)
  return (code) => code === wanted
}

function among(ascii: RegExp): Test {
  return (code) => code < 128 && ascii.test(String.fromCharCode(code))
}

function outside(test: Test): Test {
  return (code) => !test(code)
}

const [DIGIT, WORD, SPACE] = [among(/[0-9]/), among(/[0-9A-Za-z_]/), among(/[\t\n\f\r ]/)]
const CLASSES: Readonly<Record<string, Test>> = {
  d: DIGIT,
  D: outside(DIGIT),
  w: WORD,
  W: outside(WORD),
  s: SPACE,
  S: outside(SPACE),
}

/** @throws Wrong for all but punctuation: it may mean other things elsewhere, or nothing */
function literal(escaped: string): string {
  if (escaped === 't') return '\t'
  if (!/^[ -~]$/.test(escaped) || /\w/.test(escaped)) throw new Wrong(`\\${escaped} is not known`)
  return escaped
}
