import { lexer, type Token, type Tokens } from 'marked'

/** What an HTML comment just before a code block says of it. */
export type Mark =
  /** `<!-- not run: WHY -->`: nobody tries this block. */
  | { readonly kind: 'not run'; readonly words: string }
  /** `<!-- stays until: TEXT -->`: it goes on running. The next block is due once its output holds the text. */
  | { readonly kind: 'stays until'; readonly words: string }
  /** `<!-- fails with: STATUS -->`: it is to end with this status. */
  | { readonly kind: 'fails with'; readonly words: string }
  /** `<!-- example: WHY -->` before text: it stands for output, and is not compared. */
  | { readonly kind: 'example'; readonly words: string }

export interface Block {
  /** `''`: it says none. */
  readonly language: string
  readonly text: string
  /** Of the page, where it begins, counted from 1. */
  readonly line: number
  readonly mark: Mark | undefined
  /** A comment `<!-- Ctrl-C -->` stands somewhere between the block before and this one: what stays is ended first. */
  readonly afterCtrlC: boolean
  /** What the block of `text` that follows shows, with nothing but sentences between: its output. */
  readonly output: string | undefined
}

const MARK = /^<!-- (not run|stays until|fails with|example): ([^]+?) -->\s*$/
const CTRL_C = /^<!-- Ctrl-C -->/m

/** Every code block of a page, those in lists as well, in the order in which people read them. */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = []
  let at = 0
  let before: Token | undefined
  let ended = false
  const walk = (tokens: readonly Token[]): void => {
    for (const token of tokens) {
      if (token.type === 'space') continue
      if (token.type === 'list') {
        for (const item of (token as Tokens.List).items) walk(item.tokens)
      } else if (token.type === 'blockquote') {
        walk((token as Tokens.Blockquote).tokens)
      } else if (token.type === 'code') {
        const { lang = '', text } = token as Tokens.Code
        const fence = markdown.indexOf(`\`\`\`${lang}\n`, at)
        at = markdown.indexOf('```', fence + 3) + 3
        const mark = before?.type === 'html' ? markOf(before.raw) : undefined
        const block: Block = {
          language: lang,
          text,
          line: markdown.slice(0, fence).split('\n').length,
          mark,
          afterCtrlC: ended,
          output: undefined,
        }
        ended = false
        const last = blocks.at(-1)
        // Only the first text after a block is its output.
        if (lang === 'text' && mark?.kind !== 'example' && last?.language === 'sh' && last.output === undefined) {
          blocks[blocks.length - 1] = { ...last, output: text }
        }
        blocks.push(block)
      } else if (token.type === 'html' && CTRL_C.test(token.raw)) {
        ended = true
      }
      before = token
    }
  }
  walk(lexer(markdown))
  return blocks
}

function markOf(comment: string): Mark | undefined {
  const [, kind, words = ''] = MARK.exec(comment.trim()) ?? []
  return kind === undefined ? undefined : { kind: kind as Mark['kind'], words: words.replaceAll(/\s+/g, ' ') }
}

/** Whether output holds what a page shows: its lines one after the other, with `…` for anything, runs of blanks alike. */
export function shows(output: string, expected: string): boolean {
  return patternOf(expected).test(plainOf(output))
}

/** Without colours, and without blanks at the ends of lines. */
export function plainOf(output: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
  // eslint-disable-next-line no-control-regex
  return output.replaceAll(/\u001b\[[0-9;]*[A-Za-z]|\r/g, '').replaceAll(/[ \t]+$/gm, '')
}

function patternOf(expected: string): RegExp {
  const lines = expected.trim().split('\n')
  const parts = lines.map((line) => {
    // A line of its own stands for any number of lines.
    if (line.trim() === '…') return '(?:[^\\n]*\\n)*?'
    const words = line.trim().split('…')
    const fixed = words.map((each) => each.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll(/\s+/g, '[ \\t]+'))
    return `[ \\t]*${fixed.join('[^\\n]*?')}[ \\t]*(?:\\n|$)`
  })
  return new RegExp(`(?:^|\\n)${parts.join('')}`)
}
