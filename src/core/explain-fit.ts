import { brokenRule, isPassing, type Rule } from './constraints.ts'
import { mostOf, reportHosts, type SeenHost } from './explain-hosts.ts'
import type { TemplateReport } from './explain-types.ts'
import { Needs } from './needs.ts'
import { pack } from './packing.ts'
import { fromMilli, show, showScalar } from './resources.ts'
import type { TemplateExplanation } from './snapshot.ts'
import { canNeverFit, type HostOffer, type MatchContext, type Need, refusals } from './stages.ts'
import { executorsFor, resourcesOf, type Template } from './template.ts'

/** More agents than these are not counted out. */
const MOST_AGENTS = 1_000

/** What a template asks of the hosts that are known, and whether they have it. */
export function explainFit(
  template: Template,
  told: TemplateExplanation,
  hosts: readonly SeenHost[],
  context: MatchContext,
): TemplateReport {
  const need = needOf(template)
  // As if none of our agents were anywhere; a host that is avoided after a failure is avoided for minutes only.
  const { standings: _, reserved: __, agentsOn: ___, ...rest } = context
  const always: MatchContext = { ...rest, hostBackoff: {}, avoidedBy: {} }
  const possible = hosts.filter(({ empty }) => !canNeverFit(empty, need, always))
  const fitNow = countFitting(
    need,
    template,
    hosts.map(({ now }) => now),
    context,
  )
  const fitAtMost = countFitting(
    need,
    template,
    hosts.map(({ empty }) => empty),
    always,
  )
  return {
    ...told,
    needs: show(need.resources),
    hosts: reportHosts(need, hosts, context),
    possibleHosts: possible.length,
    fitNow,
    fitAtMost,
    findings: findingsOf(template, need, hosts, possible.length, fitAtMost, always),
  }
}

/** What each of these hosts says against the smallest agent of a template, in words; nothing where it fits. */
export function explainHosts(
  template: Template,
  hosts: readonly SeenHost[],
  context: MatchContext,
): ReadonlyMap<string, readonly string[]> {
  const need = needOf(template)
  return new Map(hosts.map(({ now }) => [now.hostname, refusals(now, need, context).map(({ words }) => words)]))
}

/** Its smallest agent. */
function needOf(template: Template): Need {
  return new Needs().of(template, resourcesOf(template, executorsFor(template, 1)))
}

function countFitting(need: Need, { maxAgents }: Template, hosts: readonly HostOffer[], context: MatchContext): number {
  const copies = Array.from({ length: Math.min(maxAgents, MOST_AGENTS) }, () => need)
  return pack(copies, hosts, context).placed.length
}

function findingsOf(
  template: Template,
  need: Need,
  hosts: readonly SeenHost[],
  possible: number,
  fitAtMost: number,
  context: MatchContext,
): readonly string[] {
  if (hosts.length === 0) return [`no host has offered to role ${template.role} yet`]
  const findings = [...scalarFindings(need, hosts), ...ruleFindings(need, hosts)]
  findings.push(...stageFindings(need, hosts, context, findings.length > 0))
  if (possible === 0 && findings.length === 0) findings.push(`none of the ${count(hosts.length)} can ever run it`)
  const { maxAgents } = template
  if (fitAtMost > 0 && fitAtMost < Math.min(maxAgents, MOST_AGENTS)) {
    findings.push(`the cap of ${maxAgents} agents is above what ${count(hosts.length)} can hold now: ${fitAtMost}`)
  }
  return findings
}

/** Scalars of which no host has enough, whatever else runs there of ours. */
function scalarFindings(need: Need, hosts: readonly SeenHost[]): readonly string[] {
  return Object.entries(need.resources).flatMap(([name, milli]) => {
    const most = mostOf(name, hosts)
    if (milli <= most) return []
    const wanted = name === 'gpus' ? `${fromMilli(milli)} GPUs` : showScalar(name, milli)
    return [`no host has ${wanted}: the most is ${fromMilli(most)}`]
  })
}

/** Rules that hold on no host, wherever agents are. */
function ruleFindings(need: Need, hosts: readonly SeenHost[]): readonly string[] {
  return (need.rules ?? []).flatMap((rule) => {
    const isBroken = ({ empty }: SeenHost): boolean =>
      brokenRule(empty, [rule], () => undefined) !== undefined && !isPassing(empty, rule)
    return hosts.every(isBroken) ? [nowhere(rule)] : []
  })
}

function nowhere({ constraint: { field, operator, value }, counts }: Rule): string {
  const what = field === 'hostname' || field.startsWith('@') ? field : `the attribute ${field}`
  if (counts || value === undefined) return `no host has ${what}, which the rule ${operator} is about`
  switch (operator) {
    case 'LIKE':
      return `no host has ${field} like ${value}`
    case 'UNLIKE':
      return `every host has ${field} like ${value}, which the rule UNLIKE forbids`
    default:
      return `no host has ${field}=${value}`
  }
}

/** Stages beside resources that refuse every host. */
function stageFindings(
  need: Need,
  hosts: readonly SeenHost[],
  context: MatchContext,
  hasRuleFindings: boolean,
): readonly string[] {
  const counts = new Map<string, { hosts: number; words: string }>()
  for (const { empty } of hosts) {
    for (const { stage, words } of refusals(empty, need, context)) {
      if (stage === 'resources' || (stage === 'constraints' && hasRuleFindings)) continue
      const before = counts.get(stage)
      counts.set(stage, { hosts: (before?.hosts ?? 0) + 1, words: before?.words ?? words })
    }
  }
  return [...counts].flatMap(([stage, { hosts: refusing, words }]) =>
    refusing === hosts.length ? [`${stage} refuses every one of ${count(refusing)}: ${words}`] : [],
  )
}

function count(hosts: number): string {
  return `${hosts} known host${hosts === 1 ? '' : 's'}`
}
