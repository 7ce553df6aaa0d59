import type { ExecutorWish } from './allocate.ts'
import type { Blocked, Candidate } from './blocked.ts'
import type { QueueItem } from './jenkins-reading.ts'
import type { Squeezed } from './make-room.ts'
import type { ScaleUp } from './scale-up.ts'
import type { Template } from './template.ts'
import { inTurns } from './turns.ts'

const NOTHING: readonly Blocked[] = []

/** An item that nothing is there for, and how far its templates have been asked. */
export class Asking {
  readonly item: QueueItem
  readonly wish: ExecutorWish
  /** Who may serve it, in the order in which they are asked. */
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
 * Where launches only come one after the other it waits for its own: that one works.
 *
 * @param all the oldest first
 */
export function askAll(all: readonly Asking[], scaleUp: ScaleUp): void {
  const passed: Passed = new Map()
  let pending = all
  while (pending.length > 0) {
    const level = highest(pending)
    const turn = pending.filter((asking) => levelOf(asking) === level)
    for (const asking of inTurns(turn, labelOf)) askAt(level, asking, scaleUp, passed)
    pending = pending.filter(({ answer }) => answer === undefined)
  }
}

function highest(pending: readonly Asking[]): number {
  let level = Number.NEGATIVE_INFINITY
  for (const asking of pending) level = Math.max(level, levelOf(asking))
  return level
}

/** The priority of the template that is next. */
function levelOf({ templates, blocked }: Asking): number {
  return templates[blocked.length]?.priority ?? Number.NEGATIVE_INFINITY
}

/** Wishes without a text of their own are few, and each is one object. */
function labelOf({ wish }: Asking): unknown {
  return wish.kind === 'label' ? wish.text : wish
}

/** Those that cannot, by list of templates: what cannot have an agent now cannot have one in the whole round. */
type Passed = Map<readonly Template[], readonly Blocked[]>

/** Without an answer: templates of this priority cannot, and there are others. */
function askAt(level: number, asking: Asking, scaleUp: ScaleUp, passed: Passed): void {
  const { templates, item } = asking
  asking.blocked = passed.get(templates) ?? NOTHING
  for (;;) {
    const at = asking.blocked.length
    const template = templates[at]
    if (template === undefined) {
      asking.answer = 0
      return
    }
    if (template.priority !== level) return
    const blocked = scaleUp.want(template, `${item.job} waits`, item)
    if (blocked === undefined) {
      asking.answer = at
      return
    }
    asking.blocked = [...asking.blocked, blocked]
    passed.set(templates, asking.blocked)
  }
}

/** Templates of items that nobody can serve now, where a cap stands in the way. */
export function squeezedOf(all: readonly Asking[]): readonly Squeezed[] {
  const squeezed = new Map<Template, Squeezed>()
  for (const { templates, blocked, answer = 0 } of all) {
    if (blocked[answer] === undefined) continue
    blocked.forEach(({ scope, missing }, at) => {
      const template = templates[at]
      if (template === undefined || scope === undefined || squeezed.has(template)) return
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
