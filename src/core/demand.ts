import type { JenkinsReading, QueueItem } from './jenkins-reading.ts'
import { type Expression, parseLabelExpression } from './label-expression.ts'
import { isAnchor } from './markers.ts'
import type { AgentRecord, Instant, TemplateName } from './model.ts'
import { readReason } from './queue-reason.ts'
import type { Template } from './template.ts'
import { isVariant } from './variant.ts'

/** What one queue item wants, as far as Jenkins lets us see. */
export type Wish =
  /** Not demand: it waits for something that no agent changes. */
  | { readonly kind: 'none'; readonly words: string }
  /** Any executor of a node in NORMAL mode. */
  | { readonly kind: 'any'; readonly exclusiveIdle: boolean }
  | { readonly kind: 'label'; readonly text: string; readonly expression: Expression }
  /** Its label matches the anchor of this template and no other node. */
  | { readonly kind: 'template'; readonly template: TemplateName }
  /** It wants this very node. */
  | { readonly kind: 'tied'; readonly node: string; readonly ours: boolean }
  | { readonly kind: 'unreadable'; readonly words: string }
  | { readonly kind: 'notUnderstood'; readonly words: string }

export interface DemandContext {
  readonly anchors: ReadonlyMap<string, Template>
  readonly nodes: ReadonlySet<string>
  readonly agents: ReadonlyMap<string, AgentRecord>
  readonly templates: readonly Template[]
  readonly now: Instant
}

/** `stuck` with plain wording means an unreadable label only in an item's first minutes; later it means nothing. */
const STUCK_MEANS_LABEL_MS = 9 * 60_000

/** @param foreign anchors of other sidecars: for us, nodes of others */
export function demandContext(
  reading: JenkinsReading,
  anchors: ReadonlyMap<string, Template>,
  records: readonly AgentRecord[],
  templates: readonly Template[],
  now: Instant,
  foreign: ReadonlySet<string> = new Set(),
): DemandContext {
  return {
    anchors,
    nodes: new Set(
      reading.nodes.filter((node) => !isAnchor(node.description) || foreign.has(node.name)).map((n) => n.name),
    ),
    agents: new Map(records.map((record) => [record.agentId, record])),
    templates,
    now,
  }
}

/** Reads wishes, each `why` only once: a full queue has few different ones. */
export function wishReader(context: DemandContext): (item: QueueItem) => Wish {
  const known = new Map<string, Wish>()
  return (item) => {
    const early = notDemand(item)
    if (early !== undefined) return { kind: 'none', words: early }
    if (isLabelHidden(item, context.now)) return { kind: 'unreadable', words: 'its label cannot be read yet' }
    const why = item.why ?? ''
    const before = known.get(why)
    if (before !== undefined) return before
    const wish = readWish(item.why, context)
    known.set(why, wish)
    return wish
  }
}

function notDemand(item: QueueItem): string | undefined {
  if (item.pending) return 'is about to start'
  if (item.blocked) return item.why ?? 'is blocked by another build'
  return item.buildable ? undefined : (item.why ?? 'is not buildable yet')
}

function isLabelHidden(item: QueueItem, now: Instant): boolean {
  if (!item.stuck || readReason(item.why).kind !== 'noLabel') return false
  const since = item.queuedSince ?? item.buildableSince
  return since !== undefined && now - since < STUCK_MEANS_LABEL_MS
}

function readWish(why: string | undefined, context: DemandContext): Wish {
  const reason = readReason(why)
  switch (reason.kind) {
    case 'noLabel':
      return { kind: 'any', exclusiveIdle: false }
    case 'reservedOnly':
      return { kind: 'any', exclusiveIdle: true }
    case 'label':
      return labelWish(reason.expression)
    case 'nodeOffline':
      return nodeWish(reason.node, context)
    case 'nodeOrLabel':
      return nodeOrLabelWish(reason.name, context)
    case 'veto':
      if (reason.label !== undefined) return labelWish(reason.label)
      return reason.labelless
        ? { kind: 'any', exclusiveIdle: false }
        : { kind: 'unreadable', words: `${reason.reasons.join('; ')}: its label cannot be read` }
    case 'slotInUse':
      return { kind: 'none', words: 'is being given an executor' }
    case 'quietPeriod':
    case 'blocked':
      return { kind: 'none', words: why ?? '' }
    case 'shuttingDown':
      return { kind: 'none', words: 'Jenkins is about to shut down: nothing starts' }
    case 'gone':
      return { kind: 'unreadable', words: 'Jenkins does not say why it waits' }
    case 'notUnderstood':
      return {
        kind: 'notUnderstood',
        words: `Jenkins says why it waits in words that are not understood: ${reason.text}`,
      }
  }
}

/** Of a label expression as Jenkins or a person writes it. */
export function labelWish(text: string): Wish {
  return { kind: 'label', text, expression: expressionOf(text) }
}

/** Jenkins takes an expression that it cannot parse as one label with that very name. */
export function expressionOf(text: string): Expression {
  const parsed = parseLabelExpression(text)
  return parsed.ok ? parsed.expression : { kind: 'atom', label: text }
}

function nodeWish(name: string, context: DemandContext): Wish {
  const anchor = context.anchors.get(name)
  if (anchor !== undefined) return templateWish(anchor)
  const agent = context.agents.get(name)
  if (agent !== undefined) return agentWish(agent, context)
  if (context.nodes.has(name)) return { kind: 'tied', node: name, ours: false }
  return { kind: 'unreadable', words: `it waits for the node ${name}, which is gone` }
}

/** Variants of a template have its name, and one label that tells them apart. */
function templateWish({ name, labels, revision }: Pick<Template, 'name' | 'labels' | 'revision'>): Wish {
  const [label] = labels
  return isVariant({ revision }) && label !== undefined ? labelWish(label) : { kind: 'template', template: name }
}

/**
 * One of our agents is named. With an anchor of the same labels beside it Jenkins would have named the label, so the
 * item wants that very agent. Without one (its template changed) the agent is the only node with the item's label.
 */
function agentWish(agent: AgentRecord, context: DemandContext): Wish {
  const labels = new Set(agent.labels)
  const anchored = [...context.anchors.values()].some(
    (template) => template.labels.length === labels.size && template.labels.every((label) => labels.has(label)),
  )
  if (anchored) return { kind: 'tied', node: agent.agentId, ours: true }
  const template = context.templates.find(({ name }) => name === agent.template)
  return template === undefined
    ? { kind: 'tied', node: agent.agentId, ours: true }
    : templateWish({ name: template.name, labels: agent.labels, revision: agent.revision })
}

/** A node's own name is a label too: were X a label of any template, at least two nodes had it and X were no node. */
function nodeOrLabelWish(name: string, context: DemandContext): Wish {
  const isTemplateLabel = context.templates.some((template) => template.labels.includes(name))
  const isNode = context.anchors.has(name) || context.agents.has(name) || context.nodes.has(name)
  return isNode && !isTemplateLabel ? nodeWish(name, context) : labelWish(name)
}
