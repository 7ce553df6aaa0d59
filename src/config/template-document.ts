import { Value } from 'typebox/value'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { messageOf } from '../core/code-of.ts'
import type { Findings } from './findings.ts'
import { hint } from './nearest.ts'
import { type Path, type Report, reportShape } from './shape.ts'
import { TemplateInput } from './template-schema.ts'

export const EXAMPLE = 'templates: { linux: { labels: [linux], executors: { min: 1, max: 2 } } }'

/**
 * Templates as YAML, or as JSON, which reads as YAML.
 * @param source the file or variable, for messages
 * @returns what each template says, by name; fields with a mistake are left out
 */
export function readTemplateDocument(
  text: string,
  source: string,
  findings: Findings,
): ReadonlyMap<string, TemplateInput> {
  const lines = new LineCounter()
  // Pretty errors would quote the text around them, and with it maybe a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const place = (offset: number | undefined): string => {
    if (offset === undefined) return source
    const { line, col } = lines.linePos(offset)
    return `${source}, line ${line}, column ${col}`
  }
  for (const error of document.errors) {
    findings.mistake(`${place(error.pos[0])}: ${error.message.replaceAll('\n', ' ').replace(/\.?$/, '.')}`)
  }
  const none = new Map<string, TemplateInput>()
  if (document.errors.length > 0) return none
  const at = (path: Path): string => `${place(offsetOf(document, path))}: ${path.length === 0 ? '' : `${show(path)} `}`

  const content = toPlain(document, source, findings)
  if (content === FAILED) return none
  if (!isRecord(content) || !isRecord(content['templates'])) {
    findings.mistake(`${at([])}must be a map with the field templates, such as ${EXAMPLE}.`)
    return none
  }
  for (const name of Object.keys(content)) {
    if (name !== 'templates') findings.mistake(`${at([name])}is not known here${hint(name, ['templates'])}.`)
  }
  const found = new Map<string, TemplateInput>()
  const entries = Object.entries(content['templates'])
  if (entries.length === 0) findings.mistake(`${at(['templates'])}holds no template; at least one is needed.`)
  for (const [name, raw] of entries) {
    const path = ['templates', name]
    // `linux:` with nothing behind it: every default.
    const input = raw ?? {}
    if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,39}$/.test(name)) {
      findings.mistake(`${at(path)}is no name for a template: use up to 40 letters, digits and hyphens.`)
      continue
    }
    const report: Report = (below, why) => {
      findings.mistake(`${at([...path, ...below])}${why}.`)
    }
    const template = readTemplate(input, report)
    if (template !== undefined) found.set(name, template)
  }
  return found
}

const FAILED = Symbol('failed')

function toPlain(document: Document, source: string, findings: Findings): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    findings.mistake(`${source}: cannot be read: ${messageOf(thrown)}.`)
    return FAILED
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The template, or what is left of it without the fields that are wrong: these are reported, and the rest can still
 * be checked against everything else.
 */
function readTemplate(value: unknown, report: Report): TemplateInput | undefined {
  if (Value.Check(TemplateInput, value)) return value
  const wrong = new Set<string>()
  reportShape(TemplateInput, value, [], (path, why) => {
    const [field = ''] = path
    wrong.add(field)
    report(path, why)
  })
  if (wrong.size === 0) report([], 'has a value of the wrong kind')
  // Whether it is too much depends on these two.
  if (wrong.has('executors') || wrong.has('maxAgents')) wrong.add('minIdle')
  const rest: unknown = isRecord(value)
    ? Object.fromEntries(Object.entries(value).filter(([field]) => !wrong.has(field)))
    : undefined
  return Value.Check(TemplateInput, rest) ? rest : undefined
}

function show(path: Path): string {
  return path.join('.')
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
