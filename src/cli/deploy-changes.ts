import type { Change } from '../marathon/compare.ts'
import type { Definition } from '../marathon/definition.ts'
import { isRecord, type Path, showPath } from '../marathon/path.ts'

const MOST_LINES = 40
const LONGEST = 60
/** Where people put secrets, whatever the name says: variables, command lines, addresses with a login. */
const HIDDEN = new Set([
  'environment',
  'env',
  'command',
  'cmd',
  'args',
  'uri',
  'uris',
  'parameters',
  'labels',
  'secrets',
])

/** What a deployment would change: a line for each path, values only where none can be a secret. */
export function changeLines({ kind, id }: Definition, changes: readonly Change[], isNew: boolean): readonly string[] {
  if (isNew) return [`${id} is new: the ${kind} is created.`]
  if (changes.length === 0) return [`${id} is the same as in Marathon: nothing to change.`]
  const lines = changes.slice(0, MOST_LINES).map(changeLine)
  const rest = changes.length - lines.length
  return [`${id} changes:`, ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])]
}

function changeLine({ path, was, now }: Change): string {
  const [sign, words] =
    was === undefined ? ['+', shown(path, now)] : now === undefined ? ['-', ''] : ['~', both(path, was, now)]
  return `  ${sign} ${showPath(path)}${words === '' ? '' : `: ${words}`}`
}

function both(path: Path, was: unknown, now: unknown): string {
  const [before, after] = [shown(path, was), shown(path, now)]
  return before === '' || after === '' ? '' : `${before} -> ${after}`
}

/** `''`: it is not shown. */
function shown(path: Path, value: unknown): string {
  if (path.some((part) => HIDDEN.has(part)) || isRecord(value)) return ''
  const text = JSON.stringify(value)
  return text.length > LONGEST ? '' : text
}
