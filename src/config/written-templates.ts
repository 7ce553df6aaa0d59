import { Value } from 'typebox/value'
import { hint } from '../core/nearest.ts'
import type { Findings } from './findings.ts'
import { inherit, isRecord, lineageOf, type Own, without, withoutNothing } from './inheritance.ts'
import { type Path, reportShape } from './shape.ts'
import { shownName } from './shown-name.ts'
import { type Place, type Tell, tellOf } from './tell.ts'
import type { TemplateDocument } from './template-document.ts'
import { TemplateInput } from './template-schema.ts'

/** A template with all that it says and inherits; fields with a mistake are left out. */
export interface WrittenTemplate {
  readonly name: string
  readonly input: TemplateInput
  /** For checks that look at more than one field. */
  readonly tell: Tell
}

/** What can only be judged together with a field that was wrong is not judged. */
const JUDGED_WITH: Readonly<Record<string, readonly string[]>> = {
  executors: ['minIdle', 'headroom', 'schedules', 'maxCpus', 'maxMemMib'],
  cpus: ['maxCpus'],
  memMib: ['maxMemMib', 'heapMib'],
  maxAgents: ['minIdle', 'headroom', 'schedules'],
  secretVia: ['commandStyle'],
}

/** One that serves as a base only need not be complete, and is not among those that are returned. */
export function readWrittenTemplates(document: TemplateDocument, findings: Findings): readonly WrittenTemplate[] {
  const own = new Map<string, Own>()
  const wrong = new Map<string, ReadonlySet<string>>()
  for (const [name, value] of document.templates) {
    const read = readOwn(value, (path, why) => {
      findings.mistake(`${wordsOf(document, [name], path)} ${why}.`)
    })
    if (read === undefined) continue
    own.set(name, read)
    wrong.set(name, read.wrong)
  }
  const told = new Set<string>()
  const circles = new Set<string>()
  const found: WrittenTemplate[] = []
  for (const [name, { fields }] of own) {
    const { kind, chain } = lineageOf(name, own)
    if (kind === 'circle') reportCircle(chain, circles, document, findings)
    else if (kind === 'unknown') reportUnknown(chain, document, findings)
    else if (fields['abstract'] !== true) {
      const tell = tellOf(findings, (path) => placeOf(document, chain, path), told)
      const bad = new Set(chain.flatMap((each) => [...(wrong.get(each) ?? [])]))
      const merged = inherit(chain.flatMap((each) => own.get(each) ?? []))
      const input = complete(merged, bad, (path, why) => {
        findings.mistake(`${wordsOf(document, chain, path)} ${why}.`)
      })
      if (input !== undefined) found.push({ name, input, tell })
    }
  }
  reportBases(own, document, findings)
  return found
}

type Report = (path: Path, why: string) => void

function readOwn(value: unknown, report: Report): (Own & { readonly wrong: ReadonlySet<string> }) | undefined {
  // `linux:` with nothing behind it: every default.
  const given = value ?? {}
  if (!isRecord(given)) {
    report([], 'must be a map')
    return undefined
  }
  const from = typeof given['from'] === 'string' ? given['from'] : undefined
  const wrong = new Set<string>()
  const said = from === undefined ? given : withoutNothing(given)
  if (Value.Check(TemplateInput, said)) return { from, fields: given, wrong }
  reportShape(
    TemplateInput,
    said,
    [],
    (path, why) => {
      wrong.add(path[0] ?? '')
      report(path, path.at(-1) === '<<' ? `${why}: say from, which reaches into maps, too` : why)
    },
    'part',
  )
  return { from, fields: without(given, wrong), wrong }
}

function complete(
  merged: Readonly<Record<string, unknown>>,
  wrong: ReadonlySet<string>,
  report: Report,
): TemplateInput | undefined {
  if (wrong.size === 0 && Value.Check(TemplateInput, merged)) return merged
  const bad = new Set(wrong)
  reportShape(TemplateInput, merged, [], (path, why) => {
    const [field = ''] = path
    // What is missing may have stood in the part that was left out.
    if (!wrong.has(field)) report(path, why)
    bad.add(field)
  })
  const unsure = [...bad].flatMap((field) => (Object.hasOwn(JUDGED_WITH, field) ? (JUDGED_WITH[field] ?? []) : []))
  const rest = without(merged, [...bad].filter((field) => !isWhole(field, merged)).concat(unsure))
  if (Value.Check(TemplateInput, rest)) return rest
  report([], 'has a value of the wrong kind')
  return undefined
}

/** Wrong in one of a chain, and good as another one says it. */
function isWhole(field: string, merged: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(merged, field) && Value.Check(TemplateInput, { [field]: merged[field] })
}

function reportCircle(
  chain: readonly string[],
  circles: Set<string>,
  document: TemplateDocument,
  findings: Findings,
): void {
  const last = chain.at(-1) ?? ''
  const circle = chain.slice(chain.indexOf(last))
  if (circle.some((each) => circles.has(each))) return
  for (const each of circle) circles.add(each)
  findings.mistake(`${wordsOf(document, [last], ['from'])}: goes round in a circle: ${circle.join(' -> ')}.`)
}

function reportUnknown(chain: readonly string[], document: TemplateDocument, findings: Findings): void {
  const missing = chain.at(-1) ?? ''
  // It is there, and what is wrong with it was said.
  if (document.templates.has(missing)) return
  const names = [...document.templates.keys()]
  findings.mistake(
    `${wordsOf(document, chain.slice(-2, -1), ['from'])}: there is no template ${JSON.stringify(missing)}${hint(missing, names)} (${chain.slice(-2).join(' -> ')}).`,
  )
}

/** Bases that serve nobody. */
function reportBases(own: ReadonlyMap<string, Own>, document: TemplateDocument, findings: Findings): void {
  const abstract = [...own].filter(([, { fields }]) => fields['abstract'] === true).map(([name]) => name)
  if (abstract.length > 0 && abstract.length === document.templates.size) {
    findings.mistake(`${document.place(['templates'])}: all templates are abstract, so no agent can be made.`)
    return
  }
  const bases = new Set([...own.values()].map(({ from }) => from))
  for (const name of abstract.filter((each) => !bases.has(each))) {
    findings.warn(`${wordsOf(document, [name], ['abstract'])}: is true, and no template says from: ${name}.`)
  }
}

/** The place where the first of a chain that says it has it. */
function placeOf(document: TemplateDocument, chain: readonly string[], path: Path): Place {
  const [name = ''] = chain
  const shown = ['templates', name, ...path].map(shownName).join('.')
  for (let depth = path.length; depth > 0; depth--) {
    const written = path.slice(0, depth)
    const owner = chain.find((each) => document.has(['templates', each, ...written]))
    if (owner === undefined) continue
    const place = document.place(['templates', owner, ...written])
    const inherited = owner === name ? '' : ` (from ${owner})`
    return { words: `${place}: ${shown}${inherited}`, key: `${place} ${path.join('.')}` }
  }
  const place = document.place(['templates', name])
  return { words: `${place}: ${shown}`, key: `${place} ${path.join('.')}` }
}

function wordsOf(document: TemplateDocument, chain: readonly string[], path: Path): string {
  return placeOf(document, chain, path).words
}
