import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { messageOf } from '../core/code-of.ts'
import { hint } from '../core/nearest.ts'
import type { Findings } from './findings.ts'
import { isRecord } from './inheritance.ts'
import type { Path } from './shape.ts'
import { shownName } from './shown-name.ts'
import { findChangedNumbers } from './yaml-numbers.ts'
import { yamlWords } from './yaml-words.ts'

export const EXAMPLE = 'templates: { linux: { labels: [linux], executors: { min: 1, max: 2 } } }'

/** Templates as they are written, and where. */
export interface TemplateDocument {
  /** By name, in the order in which they are written; names that cannot be used are left out. */
  readonly templates: ReadonlyMap<string, unknown>
  /** `agents.yaml, line 3, column 5` */
  readonly place: (path: Path) => string
  readonly has: (path: Path) => boolean
}

/**
 * Templates as YAML, or as JSON, which reads as YAML.
 * @param source the file or variable, for messages
 */
export function readTemplateDocument(text: string, source: string, findings: Findings): TemplateDocument | undefined {
  const lines = new LineCounter()
  // Pretty errors would quote the text around them, and with it maybe a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const placeOf = (offset: number | undefined): string => {
    if (offset === undefined) return source
    const { line, col } = lines.linePos(offset)
    return `${source}, line ${line}, column ${col}`
  }
  for (const error of document.errors) {
    findings.mistake(`${placeOf(error.pos[0])}: ${yamlWords(error.message)}.`)
  }
  // What has a tag that is not known would be nothing at all.
  for (const { code, pos, message } of document.warnings) {
    if (code === 'TAG_RESOLVE_FAILED') findings.mistake(`${placeOf(pos[0])}: ${yamlWords(message)}.`)
  }
  if (document.errors.length > 0) return undefined
  const place = (path: Path): string => placeOf(offsetOf(document, path))
  const content = toPlain(document, source, findings)
  if (content === FAILED) return undefined
  if (!isRecord(content) || !isRecord(content['templates'])) {
    findings.mistake(`${place([])}: must be a map with the field templates, such as ${EXAMPLE}.`)
    return undefined
  }
  for (const name of Object.keys(content)) {
    if (name === 'templates') continue
    findings.mistake(`${place([name])}: ${shownName(name)} is not known here${hint(name, ['templates'])}.`)
  }
  const entries = Object.entries(content['templates'])
  if (entries.length === 0) {
    findings.mistake(`${place(['templates'])}: templates holds no template; at least one is needed.`)
  }
  findChangedNumbers(document, (names, offset) => {
    findings.warn(
      `${placeOf(offset)}: ${names.map(shownName).join('.')}: is a number, which is not given on as it is written: put it in quotes.`,
    )
  })
  const templates = new Map<string, unknown>()
  for (const [name, value] of entries) {
    if (/^[a-zA-Z0-9][a-zA-Z0-9-]{0,39}$/.test(name)) templates.set(name, value)
    else {
      findings.mistake(
        `${place(['templates', name])}: templates.${shownName(name)} is no name for a template: use up to 40 letters, digits and hyphens.`,
      )
    }
  }
  return { templates, place, has: (path) => document.hasIn(path) }
}

const FAILED = Symbol('failed')

function toPlain(document: Document, source: string, findings: Findings): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    findings.mistake(`${source}: cannot be read: ${yamlWords(messageOf(thrown))}.`)
    return FAILED
  }
}

/** Where the key of a path stands, or the last thing above it that has a place. */
function offsetOf(document: Document, path: Path): number | undefined {
  let offset = isNode(document.contents) ? document.contents.range?.[0] : undefined
  for (let depth = 1; depth <= path.length; depth++) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    const last = path[depth - 1]
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last))
      : undefined
    const node = pair === undefined ? document.getIn(path.slice(0, depth), true) : pair.key
    if (isNode(node) && node.range) offset = node.range[0]
  }
  return offset
}
