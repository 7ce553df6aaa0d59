import { Explainer } from '../core/explain-report.ts'
import type { HostsReport, TemplateReport } from '../core/explain-types.ts'
import type { Instant } from '../core/model.ts'
import type { Plan, Snapshot } from '../core/snapshot.ts'
import { table } from './table.ts'
import type { Paper } from './terminal/paper.ts'

/** Builds and agents that are shown one by one. */
const MOST_ROWS = 100
/** Hosts that are named for each template. */
const MOST_HOSTS = 3

/** What `plan` says of builds, templates and agents: tables, and a sentence for each finding. */
export function explanationLines(plan: Plan, snapshot: Snapshot, now: Instant, paper: Paper): readonly string[] {
  const { records, jenkins: reading } = snapshot
  const { items, wishes, templates, agents } = new Explainer({ snapshot, plan, records, reading, now }).report()
  const waiting = items.map((item) => [item.job, item.state, item.template ?? '', item.words])
  const passed = Object.entries(wishes).flatMap(([wish, { candidates }]) =>
    candidates
      .filter(({ outcome }) => outcome !== 'serves' && outcome !== 'not_needed' && outcome !== 'labels')
      .map(({ template, words }) => `- ${wish}: template ${template} was passed over: ${words}`),
  )
  const fits = templates.map((template) => [template.template, template.needs, fitWords(template), template.words])
  const kept = agents.map(({ agentId, keep, words, goesAt }) => [agentId, keep, goesWords(goesAt, now), words])
  return [
    ...section(['job', 'state', 'template', 'why'], waiting, 'builds', paper),
    ...(passed.length === 0 ? [] : ['', ...passed.slice(0, MOST_ROWS)]),
    ...section(['template', 'an agent needs', 'room', 'says'], fits, 'templates', paper),
    ...templates.flatMap(({ template, hosts, demand, findings }) => [
      ...findings.map((finding) => `template ${template}: ${finding}`),
      ...(demand > 0 ? hostLines(template, hosts) : []),
    ]),
    ...section(['agent', 'state', 'goes', 'why'], kept, 'agents', paper),
  ]
}

function fitWords({ fitNow, hosts, possibleHosts }: TemplateReport): string {
  if (hosts.known === 0) return 'no host seen'
  const more = possibleHosts > hosts.fitting ? `; ${possibleHosts} could with more room` : ''
  return `${fitNow} now, on ${hosts.fitting} of ${hosts.known} hosts${more}`
}

function hostLines(template: string, { nearest, others }: HostsReport): readonly string[] {
  const shown = nearest.slice(0, MOST_HOSTS).map(({ refusals }) => refusals.map(({ words }) => words).join('; '))
  const more = nearest.length - shown.length + Object.values(others).reduce((sum, hosts) => sum + hosts, 0)
  if (shown.length === 0) return []
  return [`template ${template} is refused: ${shown.join('; ')}${more > 0 ? `; and ${more} more hosts` : ''}`]
}

function goesWords(goesAt: Instant | undefined, now: Instant): string {
  if (goesAt === undefined) return 'not by time'
  return goesAt <= now ? 'now' : `in ${Math.ceil((goesAt - now) / 1000)} s`
}

function section(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  what: string,
  paper: Paper,
): readonly string[] {
  if (rows.length === 0) return []
  const more = rows.length - MOST_ROWS
  return ['', table(heads, rows.slice(0, MOST_ROWS), paper), ...(more > 0 ? [`and ${more} more ${what}`] : [])]
}
