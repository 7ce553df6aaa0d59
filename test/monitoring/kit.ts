import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { CATALOGUE, defineMetrics } from '../../src/metrics/definitions.ts'
import { PREFIX } from '../../src/metrics/spec.ts'

export const KIT = 'docker/monitoring'

export interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

/** Names of files of the kit that end so. */
export function filesOf(ending: string): readonly string[] {
  return readdirSync(KIT)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(KIT, name))
}

function rulesOf(file: string): readonly Rule[] {
  const { groups } = parse(readFileSync(file, 'utf8')) as RuleFile
  return groups.flatMap(({ rules }) => rules)
}

export const RULES: readonly Rule[] = filesOf('.rules.yml').flatMap(rulesOf)

/** Every series that a query may name: ours, those of Node and of the process, and what the rules record. */
export function knownSeries(): ReadonlySet<string> {
  const known = new Set(['up'])
  for (const { record } of RULES) if (record !== undefined) known.add(record)
  for (const { name } of defineMetrics().registry.getMetricsAsArray()) known.add(name)
  for (const { name, type } of Object.values(CATALOGUE)) {
    if (type !== 'histogram') continue
    known.delete(PREFIX + name)
    for (const part of ['bucket', 'sum', 'count']) known.add(`${PREFIX}${name}_${part}`)
  }
  return known
}

/** What a query names. */
export function seriesIn(expr: string): readonly string[] {
  const bare = expr.replaceAll(/\{[^}]*\}/g, ' ').replaceAll(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, ' ')
  const words = [...bare.matchAll(/[a-z_][\w:]*(?!\w*\s*\()/gi)].map(([word]) => word)
  return words.filter((word) => /^(up|[a-z]+:.*|jenkins_mesos_\w+|process_\w+|nodejs_\w+)$/.test(word))
}
