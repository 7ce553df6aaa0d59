import { LineCounter, parseDocument } from 'yaml'
import { messageOf } from '../../core/code-of.ts'
import { yamlWords } from '../yaml-words.ts'
import type { Field } from './field.ts'
import { ImportError } from './import-error.ts'
import { resolved } from './placeholders.ts'

/** The reader of YAML is slower than that of XML, and no Configuration as Code comes near this. */
const MOST_CHARACTERS = 1_000_000
/** Deeper, and its recursion would end in the stack's. */
const DEEPEST = 40

/**
 * A YAML file of Configuration as Code, as the same kind of tree that XML gives.
 * @throws ImportError with line and column
 */
export function readYaml(text: string): Field {
  if (text.length > MOST_CHARACTERS) {
    throw new ImportError('IMPORT_TOO_BIG', `It has more than ${MOST_CHARACTERS} characters, too many for YAML.`)
  }
  const lines = new LineCounter()
  try {
    // Pretty errors would quote the text around them, and with it maybe a secret.
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
      uniqueKeys: false,
    })
    const [error] = document.errors
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0])
      throw new ImportError(
        'IMPORT_MALFORMED',
        `It is neither XML nor YAML at line ${line}, column ${col}: ${yamlWords(error.message)}.`,
        { cause: error },
      )
    }
    return toField('', document.toJS({ maxAliasCount: 100 }), 0)
  } catch (thrown) {
    if (thrown instanceof ImportError) throw thrown
    // Aliases that grow without end, or brackets as deep as the stack.
    throw new ImportError('IMPORT_MALFORMED', `It cannot be read as YAML: ${yamlWords(messageOf(thrown))}.`, {
      cause: thrown,
    })
  }
}

/** Repeated pieces (`*name`) are one object in memory, and stay one here: made as they are looked at. */
function toField(name: string, value: unknown, depth: number): Field {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  const text = isPlain ? resolved(String(value)).trim() : ''
  let made: readonly Field[] | undefined
  return {
    name,
    attributes: {},
    text,
    get children() {
      made ??= childrenOf(name, value, depth)
      return made
    },
  }
}

function childrenOf(name: string, value: unknown, depth: number): readonly Field[] {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return []
  if (Array.isArray(value)) return value.map((item) => toField(name, item, depth + 1))
  return Object.entries(merged(value, depth)).map(([key, item]) => toField(key, item, depth + 1))
}

/** `<<` of YAML 1.1, which Jenkins reads: what is said here wins over what is merged in. */
function merged(value: object, depth: number): Readonly<Record<string, unknown>> {
  const { '<<': from, ...own } = value as Readonly<Record<string, unknown>>
  const sources = Array.isArray(from) ? from.slice(0, DEEPEST) : [from]
  const maps = sources.filter((each): each is object => typeof each === 'object' && each !== null)
  if (maps.length === 0 || depth > DEEPEST) return own
  const below: Record<string, unknown> = {}
  for (const map of maps.reverse()) Object.assign(below, merged(map, depth + 1))
  return { ...below, ...own }
}
