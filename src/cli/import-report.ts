import type { Imported } from '../config/import/import-configuration.ts'
import { notesOf, type ReportLine } from '../config/import/report.ts'
import { table } from './table.ts'
import { type Paper, PIPE } from './terminal/paper.ts'

/** What became of every field, one line each, by cloud and template; then what people must look at. */
export function importReport({ lines, sidecars }: Imported, paper: Paper = PIPE): string {
  const places = [...new Set(lines.map(({ where }) => where))]
  const parts = places.map((place) => {
    const rows = lines.filter(({ where }) => where === place)
    return `${place}\n${table(HEADS, rows.map(toRow), paper)}\n`
  })
  const count = (outcome: ReportLine['outcome']): number => lines.filter((line) => line.outcome === outcome).length
  const missing = sidecars.map(({ number, variables }) => {
    const names = variables.filter(({ value }) => value === undefined).map(({ name }) => name)
    return `${fileOf(number, 'sidecar.env')}: fill in ${names.join(', ')}`
  })
  const templates = sidecars.reduce((sum, { templateNames }) => sum + templateNames.length, 0)
  return [
    ...parts,
    'To look at:',
    ...[...missing, ...notesOf(lines)].map((note) => `- ${note}`),
    '',
    `Templates: ${templates}. Taken: ${count('taken')}, changed: ${count('changed')}, without an equal: ${count('no equal')}.`,
  ].join('\n')
}

const HEADS = ['field', 'was', 'outcome', 'here']

function toRow({ field, was, outcome, words }: ReportLine): readonly string[] {
  return [field, was, outcome, words]
}

/** The first sidecar's files lie in the folder itself, the others' in folders with their numbers. */
export function fileOf(number: number, name: string): string {
  return number === 1 ? name : `${number}/${name}`
}
