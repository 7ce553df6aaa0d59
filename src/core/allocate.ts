import type { Wish } from './demand.ts'
import type { Expression } from './label-expression.ts'
import { isIn, LabelIndex } from './label-index.ts'
import type { Instant, Mode, QueueItem, Template, TemplateName } from './model.ts'
import type { PassedOver } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'

/** How one item of demand is met by what is there, or by which templates it could be. */
export type Allotment =
  | ({ readonly kind: 'idle' | 'starting' } & Taken)
  | { readonly kind: 'new'; readonly candidates: readonly Template[] }
  | { readonly kind: 'vetoed' }
  | { readonly kind: 'unserved' }

/** One executor of this node; `template` where the node is an agent of ours. */
interface Taken {
  readonly node: string
  readonly template: TemplateName | undefined
}

/** A wish that an executor can meet. */
export type ExecutorWish = Extract<Wish, { kind: 'any' | 'label' | 'template' }>

/** Executors that differ in nothing that a wish can ask for. */
interface SupplyClass {
  readonly sample: SupplyNode
  readonly labels: ReadonlySet<string>
  readonly idle: Slot[]
  readonly starting: Slot[]
}

interface Slot {
  readonly node: string
  left: number
}

interface Route {
  readonly classes: readonly SupplyClass[]
  /** Those of agents, by template. */
  readonly classesOf: ReadonlyMap<TemplateName, readonly SupplyClass[]>
  readonly templates: readonly Template[]
}

/** An item that stayed buildable this long beside an idle executor is not going to be taken by it. */
const VETO_MS = 15_000

/**
 * Gives executors that are there, then executors that are coming, to items in the order in which they are asked for.
 * What is left over afterwards is idle.
 */
export class Allocator {
  readonly #classes: readonly SupplyClass[]
  readonly #templates: readonly Template[]
  /** Items with the same `why` share one wish. */
  readonly #routes = new Map<ExecutorWish, Route>()
  /** The label sets of the classes, then of the templates. */
  readonly #labels: LabelIndex
  /** Different expressions mostly match the same. */
  readonly #routesByMatches = new Map<bigint, Route>()
  readonly #passedBefore: Readonly<Record<string, PassedOver>>
  readonly #now: Instant
  readonly #nominated = new Map<string, number>()
  readonly #passed: Record<string, PassedOver> = {}

  constructor(
    supply: readonly SupplyNode[],
    templates: readonly Template[],
    passedOver: Readonly<Record<string, PassedOver>>,
    now: Instant,
  ) {
    this.#classes = classify(supply)
    this.#templates = templates.toSorted((a, b) => a.labels.length - b.labels.length || compare(a.name, b.name))
    this.#labels = new LabelIndex([
      ...this.#classes.map(({ labels }) => labels),
      ...this.#templates.map(({ labels }) => new Set(labels)),
    ])
    this.#passedBefore = passedOver
    this.#now = now
  }

  /**
   * What the item was given in the round before, if that is still to be had. Asked for all items before any is allotted
   * something new: else an item that several templates serve takes what another was launched for.
   */
  keep(item: QueueItem, wish: ExecutorWish, template: TemplateName): Allotment | undefined {
    return this.#there(item, this.#route(wish).classesOf.get(template) ?? [])
  }

  allot(item: QueueItem, wish: ExecutorWish): Allotment {
    const route = this.#route(wish)
    const there = this.#there(item, route.classes)
    if (there !== undefined) return there
    const tired = this.#tired(item)
    if (route.templates.length === 0) return { kind: tired === undefined ? 'unserved' : 'vetoed' }
    if (tired?.grantedAt !== undefined) return { kind: 'vetoed' }
    return { kind: 'new', candidates: route.templates }
  }

  /** An executor that is there or coming. */
  #there(item: QueueItem, classes: readonly SupplyClass[]): Allotment | undefined {
    const tired = this.#tired(item)
    if (tired === undefined) {
      const idle = take(classes, (supply) => supply.idle)
      if (idle !== undefined) {
        this.#nominated.set(idle.node, (this.#nominated.get(idle.node) ?? 0) + 1)
        this.#passed[item.id] = this.#passedBefore[item.id] ?? { since: this.#now, grantedAt: undefined }
        return { kind: 'idle', ...idle }
      }
    } else this.#passed[item.id] = tired
    const starting = take(classes, (supply) => supply.starting)
    return starting === undefined ? undefined : { kind: 'starting', ...starting }
  }

  /** It stayed in the queue too long beside an idle executor. */
  #tired(item: QueueItem): PassedOver | undefined {
    const passed = this.#passedBefore[item.id]
    return passed !== undefined && this.#now - passed.since >= VETO_MS ? passed : undefined
  }

  /** An item that was passed over is to get an agent of its own: only once. */
  grant(item: QueueItem): void {
    const passed = this.#passed[item.id]
    if (passed !== undefined) this.#passed[item.id] = { ...passed, grantedAt: this.#now }
  }

  get passedOver(): Readonly<Record<string, PassedOver>> {
    return this.#passed
  }

  /** Idle executors spoken for, by node name. */
  get nominated(): ReadonlyMap<string, number> {
    return this.#nominated
  }

  /** Executors of a template's agents that nothing was given. */
  left(template: Template): { readonly idle: number; readonly starting: number } {
    let idle = 0
    let starting = 0
    for (const supply of this.#classes) {
      if (supply.sample.template !== template.name) continue
      for (const slot of supply.idle) idle += slot.left
      for (const slot of supply.starting) starting += slot.left
    }
    return { idle, starting }
  }

  #route(wish: ExecutorWish): Route {
    const known = this.#routes.get(wish)
    if (known !== undefined) return known
    const route = wish.kind === 'label' ? this.#routeOfLabel(wish.expression) : this.#routeOf(predicate(wish))
    this.#routes.set(wish, route)
    return route
  }

  #routeOfLabel(expression: Expression): Route {
    const matches = this.#labels.matching(expression)
    const known = this.#routesByMatches.get(matches)
    if (known !== undefined) return known
    const route = toRoute(
      this.#classes.filter((_, index) => isIn(matches, index)),
      this.#templates.filter((_, index) => isIn(matches, this.#classes.length + index)),
    )
    this.#routesByMatches.set(matches, route)
    return route
  }

  #routeOf(takes: Taker): Route {
    return toRoute(
      this.#classes.filter(({ sample }) => takes(sample.mode, sample)),
      this.#templates.filter((template) => takes(template.mode, template)),
    )
  }
}

function toRoute(classes: readonly SupplyClass[], templates: readonly Template[]): Route {
  const classesOf = new Map<TemplateName, SupplyClass[]>()
  for (const supply of classes) {
    const { template } = supply.sample
    if (template === undefined) continue
    const before = classesOf.get(template)
    if (before === undefined) classesOf.set(template, [supply])
    else before.push(supply)
  }
  return { classes, classesOf, templates }
}

type Taker = (mode: Mode, whose: SupplyNode | Template) => boolean

function predicate(wish: Exclude<ExecutorWish, { kind: 'label' }>): Taker {
  switch (wish.kind) {
    case 'any':
      // "Reserved for jobs with matching label expression": the idle nodes of others do not take it.
      return (mode, whose) => mode === 'NORMAL' && !(wish.exclusiveIdle && isForeign(whose))
    case 'template':
      return (_mode, whose) => ('agentId' in whose ? whose.template : whose.name) === wish.template
  }
}

function isForeign(whose: SupplyNode | Template): boolean {
  return 'agentId' in whose && whose.agentId === undefined
}

/** Agents of one template and label set are one class; nodes of others stay apart, as their own names are labels. */
function classify(supply: readonly SupplyNode[]): readonly SupplyClass[] {
  const classes = new Map<string, SupplyClass>()
  for (const node of supply) {
    const key = classKey(node)
    let found = classes.get(key)
    if (found === undefined) {
      const labels = node.agentId === undefined ? node.labels : without(node.labels, node.name)
      found = { sample: node, labels, idle: [], starting: [] }
      classes.set(key, found)
    }
    if (node.idle > 0) found.idle.push({ node: node.name, left: node.idle })
    if (node.starting > 0) found.starting.push({ node: node.name, left: node.starting })
  }
  // Nodes of others first: they cost nothing. Then agents in the order in which their templates are asked for new ones,
  // so that looking again gives every item what it was given before.
  return [...classes.values()].sort(
    (a, b) =>
      Number(a.sample.agentId !== undefined) - Number(b.sample.agentId !== undefined) ||
      a.labels.size - b.labels.size ||
      compare(a.sample.template ?? '', b.sample.template ?? ''),
  )
}

/** Labels have no blanks in them. Agents of one template have theirs in one order. */
function classKey(node: SupplyNode): string {
  if (node.agentId === undefined) return `node ${node.name}`
  let key = `agents ${node.template ?? ''} ${node.mode}`
  for (const label of node.labels) if (label !== node.name) key += ` ${label}`
  return key
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function without(labels: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const rest = new Set(labels)
  rest.delete(name)
  return rest
}

function take(classes: readonly SupplyClass[], slotsOf: (supply: SupplyClass) => Slot[]): Taken | undefined {
  for (const supply of classes) {
    const slots = slotsOf(supply)
    const slot = slots.at(-1)
    if (slot === undefined) continue
    slot.left -= 1
    if (slot.left === 0) slots.pop()
    return { node: slot.node, template: supply.sample.template }
  }
  return undefined
}
