import { COMMANDS } from './commands.ts'
import type { Paper } from './terminal/paper.ts'
import { fit, widthOf, wrap } from './terminal/width.ts'

const PROGRAM = 'jenkins-mesos-sidecar'
/** Lines of text for people are not wider, even in a pipe. */
const WIDEST = 100
const EXIT_CODES = 'Exit codes: 0 done, 1 it failed or found something wrong, 2 it was called or configured wrongly.'

/** All commands, one or two lines each. */
export function helpText(paper: Paper): string {
  const width = widthFor(paper)
  const rows = Object.values(COMMANDS).map(({ usage, summary }) => [usage, summary] as const)
  return [
    `${PROGRAM} <command>`,
    '',
    ...pairs(rows, width),
    '',
    ...wrap(`Everything else is set by environment variables: see docs/configuration.md. ${EXIT_CODES}`, width),
  ].join('\n')
}

/** One command with its options and examples; `undefined`: there is none of that name. */
export function commandHelp(name: string, paper: Paper): string | undefined {
  if (!Object.hasOwn(COMMANDS, name)) return undefined
  const { usage = '', summary = '', details = '', options = {}, examples = [] } = COMMANDS[name] ?? {}
  const width = widthFor(paper)
  const rows = Object.entries(options).map(([option, words]) => [`--${option}`, words] as const)
  return [
    `${PROGRAM} ${usage}`,
    '',
    ...wrap(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}. ${details}`.trim(), width),
    ...(rows.length === 0 ? [] : ['', ...pairs(rows, width)]),
    '',
    'For example:',
    ...examples.map((example) => (example.includes(PROGRAM) ? `  ${example}` : `  ${PROGRAM} ${example}`.trimEnd())),
    '',
    ...wrap(EXIT_CODES, width),
  ].join('\n')
}

/** What a command that was called wrongly would have wanted. */
export function usageOf(name: string, paper: Paper): string {
  const { usage } = COMMANDS[name] ?? {}
  return usage === undefined ? helpText(paper) : `Usage: ${PROGRAM} ${usage}\n${PROGRAM} help ${name} says more.`
}

function widthFor({ columns }: Paper): number {
  return Math.min(WIDEST, columns() ?? WIDEST)
}

const INDENT = '  '
const MOST_LEFT = 28

/** Words at the left, and what they mean at the right; below each other where there is no room for two columns. */
function pairs(rows: readonly (readonly [string, string])[], width: number): readonly string[] {
  const left = Math.min(MOST_LEFT, Math.max(...rows.map(([name]) => widthOf(name))))
  const right = width - left - 2 * INDENT.length
  const isNarrow = right < 24
  return rows.flatMap(([name, words]) => {
    const lines = wrap(words, isNarrow ? width - 4 : right)
    if (isNarrow) return [...wrap(name, width - 2).map((line) => INDENT + line), ...lines.map((line) => `    ${line}`)]
    const [first = '', ...more] = lines
    const indented = more.map((line) => INDENT + ' '.repeat(left) + INDENT + line)
    if (widthOf(name) > left) {
      return [
        ...wrap(name, width - 2).map((line) => INDENT + line),
        ...lines.map((line) => INDENT + ' '.repeat(left) + INDENT + line),
      ]
    }
    return [INDENT + fit(name, left) + INDENT + first, ...indented]
  })
}
