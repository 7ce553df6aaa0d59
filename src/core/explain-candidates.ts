import type { Candidate, CandidateOutcome, WishExplanation } from './explain-types.ts'
import { matches, parseLabelExpression } from './label-expression.ts'
import type { Template, TemplateName } from './model.ts'
import { missingLabels } from './near-labels.ts'
import type { ItemExplanation, ItemState } from './snapshot.ts'

/** What stands in the way of a template as a whole; `undefined`: nothing. */
export interface Gate {
  readonly outcome: Extract<CandidateOutcome, 'capped' | 'backed_off' | 'paused' | 'rate_limited'>
  readonly words: string
}

type WishFacts = Pick<ItemExplanation, 'wish' | 'label' | 'template' | 'state' | 'words'>

/** A page of a hundred templates helps nobody. */
const MOST_CANDIDATES = 20

/** States in which the template of an item serves it. */
const SERVING: ReadonlySet<ItemState> = new Set(['served', 'starting', 'waiting_offer'])
const BLOCKED: ReadonlySet<ItemState> = new Set(['capped', 'backed_off', 'paused', 'rate_limited'])

/** `undefined`: it asks for nothing that a template could give. Items with the same key have the same candidates. */
export function wishKey({ wish, label, template, state }: WishFacts): string | undefined {
  const served = template ?? ''
  switch (wish) {
    case 'any':
      return `no label, ${state} ${served}`.trimEnd()
    case 'label':
      return `${label ?? ''}, ${state} ${served}`.trimEnd()
    case 'template':
      return `anchor, ${state} ${served}`.trimEnd()
    default:
      return undefined
  }
}

/**
 * Every template with what it was for this wish.
 * @param templates in the order in which they are asked
 */
export function explainWish(
  item: WishFacts,
  templates: readonly Template[],
  gateOf: (template: TemplateName) => Gate | undefined,
): WishExplanation {
  const refusal = refuserOf(item)
  const matching: Candidate[] = []
  const others: Candidate[] = []
  let chosen = false
  for (const template of templates) {
    const { name } = template
    const refused = refusal(template)
    if (refused !== undefined) {
      others.push({ template: name, ...refused })
    } else if (name === item.template && SERVING.has(item.state)) {
      chosen = true
      matching.push({ template: name, outcome: 'serves', words: `template ${name} serves it` })
    } else if (name === item.template && isGateState(item.state)) {
      matching.push({ template: name, outcome: item.state, words: item.words })
    } else {
      matching.push({ template: name, ...passedOver(name, chosen, gateOf(name)) })
    }
  }
  const all = [...matching, ...others]
  const known = new Set(templates.flatMap(({ labels }) => labels))
  const expression = item.wish === 'label' ? expressionOf(item.label ?? '') : undefined
  return {
    candidates: all.slice(0, MOST_CANDIDATES),
    more: Math.max(0, all.length - MOST_CANDIDATES),
    missing: expression === undefined ? [] : missingLabels(expression, known),
  }
}

function isGateState(state: ItemState): state is Gate['outcome'] {
  return BLOCKED.has(state)
}

function passedOver(name: TemplateName, chosen: boolean, gate: Gate | undefined): Omit<Candidate, 'template'> {
  if (gate !== undefined) return gate
  return {
    outcome: 'not_needed',
    words: chosen ? 'another template comes first' : `nothing stands in the way of template ${name}`,
  }
}

type Refuser = (template: Template) => Omit<Candidate, 'template'> | undefined

function refuserOf(item: WishFacts): Refuser {
  if (item.wish === 'any') {
    return ({ mode }) =>
      mode === 'NORMAL'
        ? undefined
        : { outcome: 'mode', words: 'it is in mode EXCLUSIVE, and takes only jobs that name its labels' }
  }
  if (item.wish === 'template') {
    return ({ name }) =>
      name === item.template ? undefined : { outcome: 'labels', words: 'Jenkins names the anchor of another template' }
  }
  const expression = expressionOf(item.label ?? '')
  return ({ labels }) =>
    matches(expression, new Set(labels))
      ? undefined
      : { outcome: 'labels', words: `its labels (${labels.join(' ')}) do not match ${item.label ?? ''}` }
}

function expressionOf(text: string): Parameters<typeof matches>[0] {
  const parsed = parseLabelExpression(text)
  return parsed.ok ? parsed.expression : { kind: 'atom', label: text }
}
