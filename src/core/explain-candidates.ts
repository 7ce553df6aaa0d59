import type { Candidate as Asked } from './blocked.ts'
import { Chooser } from './choice.ts'
import { expressionOf } from './demand.ts'
import type { Candidate, CandidateOutcome, WishExplanation } from './explain-types.ts'
import { atoms, type Expression, matches } from './label-expression.ts'
import type { TemplateName } from './model.ts'
import { missingLabels } from './near-labels.ts'
import type { ItemExplanation, ItemState } from './snapshot.ts'
import type { Template } from './template.ts'

/** What stands in the way of a template; `undefined`: nothing. */
export interface Gate {
  readonly outcome: Extract<CandidateOutcome, 'capped' | 'backed_off' | 'paused' | 'rate_limited'>
  readonly words: string
}

type WishFacts = Pick<ItemExplanation, 'wish' | 'label' | 'template' | 'state' | 'words'>

/** A page of a hundred templates helps nobody. */
const MOST_CANDIDATES = 20

/** States in which the template of an item serves it. */
const SERVING: ReadonlySet<ItemState> = new Set(['served', 'starting', 'waiting_offer', 'rate_limited'])

/**
 * Items with the same key have the same candidates. `undefined`: it asks for nothing that a template could give.
 * @param asked who was asked for an agent, the first first
 */
export function wishKey({ wish, label, template, state }: WishFacts, asked: readonly Asked[]): string | undefined {
  const what = wish === 'label' ? `label ${label ?? ''}` : WISHES[wish]
  if (what === undefined) return undefined
  const blocked = asked.flatMap((one) => (one.blocked === undefined ? [] : `${one.template.name} ${one.blocked.kind}`))
  return [what, state, ...(template === undefined ? [] : [template]), ...blocked].join(', ')
}

const WISHES: Readonly<Partial<Record<ItemExplanation['wish'], string>>> = {
  any: 'no label',
  template: 'the label of an anchor',
}

/**
 * Every template with what it was for this wish, those that match first and in the order in which they are asked.
 * @param gateOf what stood in the way of a template at the end of the round, for items that asked for no agent
 */
export function explainWish(
  item: WishFacts,
  asked: readonly Asked[],
  templates: readonly Template[],
  gateOf: (template: TemplateName) => Gate | undefined,
): WishExplanation {
  const expression = item.wish === 'label' ? expressionOf(item.label ?? '') : undefined
  const blocked = new Map(asked.map((one) => [one.template.name, one.blocked]))
  const matching: Candidate[] = []
  const others: Candidate[] = []
  for (const template of inOrder(templates, asked, item, expression)) {
    const { name } = template
    const refused = blocked.has(name) || name === item.template ? undefined : refusal(template, item, expression)
    if (refused !== undefined) {
      others.push({ template: name, ...refused })
      continue
    }
    const reason = blocked.get(name)
    const gate = reason === undefined ? undefined : { outcome: reason.kind, words: reason.words }
    matching.push({ template: name, ...outcomeOf(name, item, gate ?? (blocked.has(name) ? undefined : gateOf(name))) })
  }
  const all = [...matching, ...others]
  const known = new Set(templates.flatMap(({ labels }) => labels))
  return {
    candidates: all.slice(0, MOST_CANDIDATES),
    more: Math.max(0, all.length - MOST_CANDIDATES),
    missing: expression === undefined ? [] : missingLabels(expression, known),
  }
}

/** Those that were asked as they were asked, then the others as they would be. */
function inOrder(
  templates: readonly Template[],
  asked: readonly Asked[],
  item: WishFacts,
  expression: Expression | undefined,
): readonly Template[] {
  const rank = new Map(asked.map(({ template }, index) => [template.name, index]))
  const choices = templates.map((template) => ({ template, labels: new Set(template.labels) }))
  const labels = expression === undefined ? undefined : atoms(expression)
  return new Chooser()
    .order(choices, { labels, isLabelless: item.wish === 'any' })
    .map(({ template }) => template)
    .toSorted((a, b) => (rank.get(a.name) ?? asked.length) - (rank.get(b.name) ?? asked.length))
}

function outcomeOf(name: TemplateName, item: WishFacts, gate: Gate | undefined): Omit<Candidate, 'template'> {
  if (name === item.template && SERVING.has(item.state))
    return { outcome: 'serves', words: `template ${name} serves it` }
  if (gate !== undefined) return gate
  return item.template === undefined
    ? { outcome: 'not_needed', words: `template ${name} could serve it` }
    : { outcome: 'not_needed', words: `template ${item.template} comes first` }
}

function refusal(
  { mode, labels, name }: Template,
  item: WishFacts,
  expression: Expression | undefined,
): Omit<Candidate, 'template'> | undefined {
  if (expression !== undefined) {
    if (matches(expression, new Set(labels))) return undefined
    return { outcome: 'labels', words: `its labels (${labels.join(' ')}) do not match ${item.label ?? ''}` }
  }
  if (item.wish === 'any') {
    if (mode === 'NORMAL') return undefined
    return { outcome: 'mode', words: 'it is in mode EXCLUSIVE, and takes only jobs that name its labels' }
  }
  return { outcome: 'labels', words: `Jenkins names the anchor of another template than ${name}` }
}
