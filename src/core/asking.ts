import type { ExecutorWish } from './allocate.ts'
import type { Blocked, Candidate } from './blocked.ts'
import type { QueueItem, Template } from './model.ts'
import type { ScaleUp } from './scale-up.ts'
import { inTurns } from './turns.ts'

/** An item that nothing is there for, and who may serve it, in the order in which they are asked. */
export interface Asking {
  readonly item: QueueItem
  readonly wish: ExecutorWish
  readonly templates: readonly Template[]
}

export interface Asked {
  /** Who serves it; where nobody can now, who it is told of. */
  readonly template: Template | undefined
  /** What stands in the way of that one; `undefined`: it gives one executor more. */
  readonly blocked: Blocked | undefined
  readonly candidates: readonly Candidate[]
}

interface Pending {
  readonly asking: Asking
  readonly blocked: Blocked[]
}

/**
 * Asks for agents. Where not all can be had, templates of higher priority come first, and within one priority labels
 * take turns, the oldest item of each first. An item whose template is capped, backed off or paused asks the next one;
 * where launches only come one after the other it waits: its template works.
 *
 * @param all the oldest first
 */
export function askAll(all: readonly Asking[], scaleUp: ScaleUp): ReadonlyMap<Asking, Asked> {
  const outcome = new Map<Asking, Asked>()
  let pending: readonly Pending[] = all.map((asking) => ({ asking, blocked: [] }))
  while (pending.length > 0) {
    const level = Math.max(...new Set(pending.map(levelOf)))
    const turn = pending.filter((one) => levelOf(one) === level)
    for (const one of inTurns(turn, labelOf)) {
      const asked = askAt(level, one, scaleUp)
      if (asked !== undefined) outcome.set(one.asking, asked)
    }
    pending = pending.filter(({ asking }) => !outcome.has(asking))
  }
  return outcome
}

/** The priority of the template that is next. */
function levelOf({ asking, blocked }: Pending): number {
  return asking.templates[blocked.length]?.priority ?? Number.NEGATIVE_INFINITY
}

function labelOf({ asking: { wish } }: Pending): string {
  switch (wish.kind) {
    case 'label':
      return `label ${wish.text}`
    case 'template':
      return `template ${wish.template}`
    case 'any':
      return 'any'
  }
}

/** `undefined`: templates of this priority cannot, and there are others. */
function askAt(level: number, { asking, blocked }: Pending, scaleUp: ScaleUp): Asked | undefined {
  const { templates, item } = asking
  for (;;) {
    const template = templates[blocked.length]
    if (template === undefined) return told(templates, blocked, 0)
    if (template.priority !== level) return undefined
    const found = scaleUp.want(template, `${item.job} waits`)
    if (found === undefined) return told(templates, blocked, blocked.length)
    blocked.push(found)
  }
}

function told(templates: readonly Template[], blocked: readonly Blocked[], at: number): Asked {
  return {
    template: templates[at],
    blocked: blocked[at],
    candidates: templates.map((template, index) => ({ template, blocked: blocked[index] })),
  }
}
