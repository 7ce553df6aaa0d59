import { Parser } from 'xml2js'
import { messageOf } from '../../core/code-of.ts'
import type { Field } from './field.ts'
import { ImportError } from './import-error.ts'

/** A controller with thousands of jobs in its views has a tenth of this. It bounds time and memory, see the tests. */
const MOST_PIECES = 250_000

/** No element or attribute of XML can have such a name. */
const TEXT = '#text'
const ATTRIBUTES = '#attributes'
const CHILDREN = '#children'

interface Parsed {
  readonly '#name': string
  readonly [TEXT]?: string
  readonly [ATTRIBUTES]?: Readonly<Record<string, string>>
  readonly [CHILDREN]?: readonly Parsed[]
}

/**
 * The root element.
 * @throws ImportError with line and column
 */
export function readXml(text: string): LazyField {
  refuseEntities(text)
  if (count(text, '<') / 2 > MOST_PIECES || count(text, '="') + count(text, "='") > MOST_PIECES) {
    throw new ImportError(
      'IMPORT_TOO_BIG',
      `It has more than ${MOST_PIECES} elements: no configuration of Jenkins has.`,
    )
  }
  const root = parse(withoutControls(text))
  const end = text.lastIndexOf(`</${root['#name']}`)
  const rest = end === -1 ? '' : text.slice(text.indexOf('>', end) + 1).replaceAll(/<!--[\s\S]*?-->/g, '')
  if (rest.trim() !== '') {
    throw new ImportError(
      'IMPORT_MALFORMED',
      `It goes on after the end of ${root['#name']}: it may be two files in one.`,
    )
  }
  return new LazyField(root)
}

/** Made as they are looked at: of a big file only the Mesos clouds are. */
export class LazyField implements Field {
  readonly #parsed: Parsed
  #children: readonly Field[] | undefined

  constructor(parsed: Parsed) {
    this.#parsed = parsed
  }

  get name(): string {
    return this.#parsed['#name']
  }

  get text(): string {
    return (this.#parsed[TEXT] ?? '').trim()
  }

  get attributes(): Readonly<Record<string, string>> {
    return this.#parsed[ATTRIBUTES] ?? {}
  }

  get children(): readonly Field[] {
    this.#children ??= (this.#parsed[CHILDREN] ?? []).map((child) => new LazyField(child))
    return this.#children
  }
}

/** The parser expands none, but whoever sends some is not Jenkins. */
function refuseEntities(text: string): void {
  const root = text.search(/<[A-Za-z_:]/)
  if (!/<!(?:DOCTYPE|ENTITY)/i.test(text.slice(0, root === -1 ? text.length : root))) return
  throw new ImportError(
    'IMPORT_ENTITIES',
    'It has a document type (<!DOCTYPE …>), which may define entities. Jenkins writes none: this file is not read.',
  )
}

/** XML 1.1, as Jenkins writes it, may hold references to control characters, which the parser takes for mistakes. */
function withoutControls(text: string): string {
  return text.replaceAll(/&#(?:x0*(?:[1-8bcef]|1[0-9a-f])|0*(?:[1-8]|1[124-9]|2\d|3[01]));/gi, ' ')
}

function parse(text: string): Parsed {
  const parser = new Parser({
    async: false,
    strict: true,
    explicitRoot: false,
    explicitChildren: true,
    preserveChildrenOrder: true,
    attrkey: ATTRIBUTES,
    charkey: TEXT,
    childkey: CHILDREN,
  })
  let root: Parsed | null | undefined
  let failure: unknown
  try {
    parser.parseString(text, (error, result: Parsed | null) => {
      failure = error ?? failure
      root = result
    })
  } catch (thrown) {
    failure = thrown
  }
  if (failure !== undefined) throw malformed(failure, text)
  if (root === undefined || root === null) throw new ImportError('IMPORT_MALFORMED', 'It is empty.')
  return root
}

function malformed(cause: unknown, text: string): ImportError {
  const [words = '', ...place] = messageOf(cause).split('\n')
  const [line, column] = ['Line', 'Column'].map((what) => {
    const digits = place
      .map((each) => new RegExp(`^${what}: (\\d+)$`).exec(each)?.[1])
      .find((each) => each !== undefined)
    return digits === undefined ? undefined : Number(digits) + 1
  })
  const where = line === undefined ? '' : ` at line ${line}, column ${column ?? 1}`
  if (words === 'Unclosed root tag') {
    const message = `It is cut off${where}: ${openAt(text)}is not closed. Copy the whole file.`
    return new ImportError('IMPORT_MALFORMED', message, { cause })
  }
  return new ImportError('IMPORT_MALFORMED', `It is no XML${where}: ${words.replace(/\.$/, '')}.`, { cause })
}

/** The name of the root, to say what is cut off. */
function openAt(text: string): string {
  const name = /<([A-Za-z_:][\w:.-]{0,80})/.exec(text)?.[1]
  return name === undefined ? 'its first element ' : `the element ${name} `
}

function count(text: string, piece: string): number {
  let found = 0
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + piece.length)) found++
  return found
}
