import { type Asked, type Choice, Chooser } from './choice.ts'
import type { Wish } from './demand.ts'
import type { QueueItem } from './jenkins-reading.ts'
import { atoms, type Expression, isConjunction } from './label-expression.ts'
import { isIn, LabelIndex } from './label-index.ts'
import type { Instant, Mode, TemplateName } from './model.ts'
import type { PassedOver } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import { classify, type SupplyClass, type Taken, take } from './supply-classes.ts'
import type { Template } from './template.ts'
import { isVariant } from './variant.ts'

/** How one item of demand is met by what is there, or by which templates it could be. */
export type Allotment =
  | ({ readonly kind: 'idle' | 'starting' } & Taken)
  | { readonly kind: 'new'; readonly candidates: readonly Template[] }
  | { readonly kind: 'vetoed' }
  | { readonly kind: 'unserved' }

/** A wish that an executor can meet. */
export type ExecutorWish = Extract<Wish, { kind: 'any' | 'label' | 'template' }>

interface Route {
  readonly classes: readonly SupplyClass[]
  /** Those of agents, by template. */
  readonly classesOf: ReadonlyMap<TemplateName, readonly SupplyClass[]>
  /** In the order in which they are asked for an agent. */
  readonly templates: readonly Template[]
}

interface TemplateChoice {
  readonly template: Template
  readonly labels: ReadonlySet<string>
}

/** Whoever serves the item has all labels that it names: the same number of them. */
const PLAIN: Asked = { labels: undefined, isLabelless: false }
const LABELLESS: Asked = { labels: undefined, isLabelless: true }

export interface Supplied {
  readonly supply: readonly SupplyNode[]
  readonly templates: readonly Template[]
  /** For labels that name an image. */
  readonly variants: readonly Template[]
  readonly passedOver: Readonly<Record<string, PassedOver>>
  readonly now: Instant
}

/** An item that stayed buildable this long beside an idle executor is not going to be taken by it. */
const VETO_MS = 15_000

/**
 * Gives executors that are there, then executors that are coming, to items in the order in which they are asked for.
 * What is left over afterwards is idle.
 */
export class Allocator {
  /** As items choose whose label says that each must have all of it. */
  readonly #classes: readonly SupplyClass[]
  /** The same; variants are the last of them. */
  readonly #templates: readonly TemplateChoice[]
  readonly #chooser = new Chooser()
  /** Items with the same `why` share one wish. */
  readonly #routes = new Map<ExecutorWish, Route>()
  /** The label sets of the classes, then of the templates. */
  readonly #labels: LabelIndex
  /** Those of variants. */
  readonly #variants: bigint
  /** Different expressions mostly match the same. */
  readonly #routesByMatches = new Map<bigint, Route>()
  readonly #passedBefore: Readonly<Record<string, PassedOver>>
  readonly #now: Instant
  readonly #nominated = new Map<string, number>()
  readonly #passed: Record<string, PassedOver> = {}

  constructor({ supply, templates, variants, passedOver, now }: Supplied) {
    const byName = new Map(templates.map((template) => [template.name, template]))
    this.#classes = this.#chooser.order(classify(supply, byName), PLAIN)
    this.#templates = [templates, variants].flatMap((all) => this.#chooser.order(all.map(toChoice), PLAIN))
    this.#labels = new LabelIndex([...this.#classes, ...this.#templates].map(({ labels }) => labels))
    const others = BigInt(this.#classes.length + templates.length)
    this.#variants = ((1n << BigInt(variants.length)) - 1n) << others
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

  /** Executors of a template's agents that nothing was given; those of other images are nobody's reserve. */
  left(template: Template): { readonly idle: number; readonly starting: number } {
    let idle = 0
    let starting = 0
    for (const supply of this.#classes) {
      if (supply.sample.template !== template.name || supply.sample.custom) continue
      for (const slot of supply.idle) idle += slot.left
      for (const slot of supply.starting) starting += slot.left
    }
    return { idle, starting }
  }

  #route(wish: ExecutorWish): Route {
    const known = this.#routes.get(wish)
    if (known !== undefined) return known
    const route = wish.kind === 'label' ? this.#routeOfLabel(wish.expression) : this.#routeOf(wish)
    this.#routes.set(wish, route)
    return route
  }

  #routeOfLabel(expression: Expression): Route {
    const matches = this.#withoutUnasked(this.#labels.matching(expression), expression)
    // Of labels that all must be there each template has the same number: which is not asked for then.
    const isPlain = isConjunction(expression)
    const key = isPlain ? matches : (this.#labels.named(expression) << this.#size) | matches
    const known = this.#routesByMatches.get(key)
    if (known !== undefined) return known
    const route = this.#toRoute(
      this.#classes.filter((_, index) => isIn(matches, index)),
      this.#templates.filter((_, index) => isIn(matches, this.#classes.length + index)),
      isPlain && (matches & this.#variants) === 0n ? PLAIN : { labels: atoms(expression), isLabelless: false },
    )
    this.#routesByMatches.set(key, route)
    return route
  }

  /** `!gpu` is true of an image that another job named; only who names it gets an agent with it. */
  #withoutUnasked(matches: bigint, expression: Expression): bigint {
    let variants = matches & this.#variants
    if (variants === 0n) return matches
    const named = atoms(expression)
    this.#templates.forEach(({ labels }, index) => {
      const bit = 1n << BigInt(this.#classes.length + index)
      if ((variants & bit) !== 0n && [...labels].some((label) => named.has(label))) variants ^= bit
    })
    return matches ^ variants
  }

  get #size(): bigint {
    return BigInt(this.#classes.length + this.#templates.length)
  }

  #routeOf(wish: Exclude<ExecutorWish, { kind: 'label' }>): Route {
    const takes = predicate(wish)
    return this.#toRoute(
      this.#classes.filter(({ sample }) => takes(sample.mode, sample)),
      this.#templates.filter(({ template }) => takes(template.mode, template)),
      wish.kind === 'any' ? LABELLESS : PLAIN,
    )
  }

  /**
   * Nodes of others come first: they cost nothing. Then agents in the order in which their templates are asked for new
   * ones, so that looking again gives every item what it was given before.
   */
  #toRoute(classes: readonly SupplyClass[], templates: readonly TemplateChoice[], asked: Asked): Route {
    const foreign = classes.filter(({ sample }) => sample.agentId === undefined)
    const agents = classes.filter(({ sample }) => sample.agentId !== undefined)
    // Those for whom all is asked are in order already.
    const order = <C extends Choice>(choices: readonly C[]): readonly C[] =>
      asked === PLAIN ? choices : this.#chooser.order(choices, asked)
    const ordered = order(agents)
    return {
      classes: [...foreign, ...ordered],
      classesOf: byTemplate(ordered),
      templates: order(templates).map(({ template }) => template),
    }
  }
}

function toChoice(template: Template): TemplateChoice {
  return { template, labels: new Set(template.labels) }
}

function byTemplate(classes: readonly SupplyClass[]): Route['classesOf'] {
  const classesOf = new Map<TemplateName, SupplyClass[]>()
  for (const supply of classes) {
    const { template } = supply.sample
    if (template === undefined) continue
    const before = classesOf.get(template)
    if (before === undefined) classesOf.set(template, [supply])
    else before.push(supply)
  }
  return classesOf
}

type Taker = (mode: Mode, whose: SupplyNode | Template) => boolean

function predicate(wish: Exclude<ExecutorWish, { kind: 'label' }>): Taker {
  switch (wish.kind) {
    case 'any':
      // "Reserved for jobs with matching label expression": the idle nodes of others do not take it.
      return (mode, whose) => mode === 'NORMAL' && !(wish.exclusiveIdle && isForeign(whose))
    case 'template':
      return (_mode, whose) =>
        'agentId' in whose
          ? whose.template === wish.template && !whose.custom
          : whose.name === wish.template && !isVariant(whose)
  }
}

function isForeign(whose: SupplyNode | Template): boolean {
  return 'agentId' in whose && whose.agentId === undefined
}
