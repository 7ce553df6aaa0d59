import type { Paper } from './paper.ts'
import { widthOf, wrap } from './width.ts'

const ESCAPE = '\u001b'

/** Sentences broken between words where they are wider than the terminal; what has its layout already is left alone. */
export function fitted(text: string, { columns }: Paper): string {
  const room = columns()
  if (room === undefined) return text
  return text
    .split('\n')
    .flatMap((line) => (line.includes(ESCAPE) || widthOf(line) <= room ? [line] : broken(line, room)))
    .join('\n')
}

/** What follows stands below the first word, not below the mark of a list. */
function broken(line: string, room: number): readonly string[] {
  const [mark = ''] = /^ *(?:- )?/.exec(line) ?? []
  const indent = ' '.repeat(Math.min(mark.length, Math.max(0, room - 2)))
  const [first = '', ...more] = wrap(line.slice(mark.length), room - indent.length)
  return [mark + first, ...more.map((part) => indent + part)]
}
