import type { Config, ConfigReading } from '../../../src/config/config.ts'
import { type Imported, importConfiguration } from '../../../src/config/import/import-configuration.ts'
import type { ReportLine } from '../../../src/config/import/report.ts'
import { readConfig } from '../../../src/config/read-config.ts'
import type { Template } from '../../../src/core/template.ts'
import type { Fields } from './plugin-xml.ts'

/** What people fill in. */
const FILLED_IN = { JENKINS_USER: 'sidecar', JENKINS_TOKEN: 'token-1' }

/** As the program reads what was imported, with what is left to fill in. */
export function readImported(
  imported: Imported,
  filledIn: Readonly<Record<string, string>> = {},
  number = 1,
): ConfigReading {
  const sidecar = imported.sidecars[number - 1]
  if (sidecar === undefined) throw new Error(`no sidecar ${number}`)
  const given = sidecar.variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]))
  return readConfig({ ...Object.fromEntries(given), ...FILLED_IN, ...filledIn }, (path) => {
    if (path === 'templates.yaml') return sidecar.templates
    throw new Error(`ENOENT: ${path}`)
  })
}

export function configOf(text: string, filledIn: Readonly<Record<string, string>> = {}, number = 1): Config {
  const reading = readImported(importConfiguration(text), filledIn, number)
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config
}

export function templateOf(text: string): Template {
  const [template] = configOf(text).templates
  if (template === undefined) throw new Error('no template')
  return template
}

/** The lines of a field, by its name in the plugin. */
export function linesOf(text: string, field: string): readonly ReportLine[] {
  return importConfiguration(text).lines.filter((line) => line.field === field)
}

export function allLines(text: string): readonly ReportLine[] {
  return importConfiguration(text).lines
}

/** Fields, what they become, and a piece of the report's words with its outcome. */
export type Row = readonly [
  what: string,
  fields: Fields,
  expected: object,
  field: string,
  outcome: string,
  words: string,
]
