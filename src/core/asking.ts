import type { ExecutorWish } from './allocate.ts'
import type { Blocked, Candidate } from './blocked.ts'
import type { QueueItem } from './jenkins-reading.ts'
import type { Squeezed } from './make-room.ts'
import type { ScaleUp } from './scale-up.ts'
import type { Template } from './template.ts'
import { inTurns } from './turns.ts'
import type { Unplaceable } from './unplaceable.ts'

const NOTHING: readonly Blocked[] = []

/** An item that nothing is there for, and how far its templates have been asked. */
export class Asking {
  readonly item: QueueItem
  readonly wish: ExecutorWish
  /** Who may serve it, in the order in which they are asked; those that no known host can run come last. */
  readonly templates: readonly Template[]
  /** Why the first of them cannot, one after the other. */
  blocked: readonly Blocked[] = NOTHING
  /** Which of them it is, or, where nobody can, which the person who waits is told of. */
  answer: number | undefined

  constructor(item: QueueItem, wish: ExecutorWish, templates: readonly Template[]) {
    this.item = item
    this.wish = wish
    this.templates = templates
  }
}

/**
 * Asks for agents. Where not all can be had, templates of higher priority come first, and within one priority labels
 * take turns, the oldest item of each first. An item whose template is capped, backed off or paused asks the next one.
 * Where launches only come one after the other it waits for its own: that one works. Templates that no known host can
 * run come after all others, whatever their priority: what they want would take the room under the caps for nothing.
 *
 * @param all the oldest first
 */
export function askAll(all: readonly Asking[], scaleUp: ScaleUp, unplaceable: Pick<Unplaceable, 'has'>): void {
  const levelOf: LevelOf = (template) =>
    template === undefined
      ? Number.NEGATIVE_INFINITY
      : template.priority - (unplaceable.has(template) ? BELOW_ALL_OTHERS : 0)

  const passed: Passed = new Map()
  let pending = all
  while (pending.length > 0) {
    const level = pending.reduce((most, asking) => Math.max(most, levelOf(next(asking))), Number.NEGATIVE_INFINITY)
    const turn = pending.filter((asking) => levelOf(next(asking)) === level)
    for (const asking of inTurns(turn, labelOf)) askAt(level, asking, scaleUp, passed, levelOf)
    pending = pending.filter(({ answer }) => answer === undefined)
  }
}

/** More than priorities can differ by. */
const BELOW_ALL_OTHERS = 10_000

type LevelOf = (template: Template | undefined) => number

/** The template that it asks next. */
function next({ templates, blocked }: Asking): Template | undefined {
  return templates[blocked.length]
}

/** Puts templates that no known host can run behind the others. Many items have the same list, and go on having it. */
export function placeableFirst(
  unplaceable: Pick<Unplaceable, 'has'>,
): (templates: readonly Template[]) => readonly Template[] {
  const known = new Map<readonly Template[], readonly Template[]>()
  return (templates) => {
    if (templates.length < 2) return templates
    let ordered = known.get(templates)
    if (ordered === undefined) {
      const isLast = (template: Template): boolean => unplaceable.has(template)
      ordered = templates.some(isLast)
        ? [...templates.filter((template) => !isLast(template)), ...templates.filter(isLast)]
        : templates
      known.set(templates, ordered)
    }
    return ordered
  }
}

/** Wishes without a text of their own are few, and each is one object. */
function labelOf({ wish }: Asking): unknown {
  return wish.kind === 'label' ? wish.text : wish
}

/** Those that cannot, by list of templates: what cannot have an agent now cannot have one in the whole round. */
type Passed = Map<readonly Template[], readonly Blocked[]>

/** Without an answer: templates of this priority cannot, and there are others. */
function askAt(level: number, asking: Asking, scaleUp: ScaleUp, passed: Passed, levelOf: LevelOf): void {
  const { templates, item } = asking
  asking.blocked = passed.get(templates) ?? NOTHING
  for (;;) {
    const at = asking.blocked.length
    const template = templates[at]
    if (template === undefined) {
      asking.answer = 0
      return
    }
    if (levelOf(template) !== level) return
    const blocked = scaleUp.want(template, `${item.job} waits`, item)
    if (blocked === undefined) {
      asking.answer = at
      return
    }
    asking.blocked = [...asking.blocked, blocked]
    passed.set(templates, asking.blocked)
  }
}

/** Templates of items that nobody can serve now, where a cap stands in the way of agents that a host could run. */
export function squeezedOf(all: readonly Asking[], unplaceable: Pick<Unplaceable, 'has'>): readonly Squeezed[] {
  const squeezed = new Map<Template, Squeezed>()
  for (const { templates, blocked, answer = 0 } of all) {
    if (blocked[answer] === undefined) continue
    blocked.forEach(({ scope, missing }, at) => {
      const template = templates[at]
      if (template === undefined || scope === undefined || squeezed.has(template)) return
      if (unplaceable.has(template)) return
      squeezed.set(template, { template, scope, missing })
    })
  }
  return [...squeezed.values()]
}

/** Makes lists of candidates. Many items have the same. */
export class Candidates {
  readonly #known = new Map<readonly Template[], Pick<Asking, 'blocked'> & { readonly list: readonly Candidate[] }>()

  of({ templates, blocked }: Asking): readonly Candidate[] {
    const known = this.#known.get(templates)
    if (known?.blocked === blocked) return known.list
    const list = templates.map((template, at) => ({ template, blocked: blocked[at] }))
    this.#known.set(templates, { blocked, list })
    return list
  }
}
