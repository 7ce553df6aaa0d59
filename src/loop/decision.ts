import type { Plan, Snapshot, TemplateExplanation } from '../core/snapshot.ts'
import { describe } from './act.ts'

/** Actions, and templates, that one record names. */
const MOST = 20

type Counts = Readonly<Record<string, number>>

/** What a plan was made of, in figures. */
export interface Inputs {
  /** Items by what they wait for. */
  readonly queue: Counts
  readonly nodes: number | undefined
  readonly offers: number
  /** Agents by state. */
  readonly agents: Counts
  /** Demand and supply of the templates of which they changed. */
  readonly templates: Readonly<Record<string, Counts>>
}

export interface Decision {
  readonly inputs: Inputs
  readonly actions: readonly string[]
  /** That are not named. */
  readonly moreActions: number
}

/** Makes the record of a plan that differs from the one before. */
export class DecisionWriter {
  #actions = ''
  #templates: ReadonlyMap<string, string> = new Map()

  /** @returns `undefined` where nothing is done, or the same as before */
  write(snapshot: Snapshot, plan: Plan, kinds: (kind: string) => boolean): Decision | undefined {
    const actions = plan.actions.filter(({ kind }) => kinds(kind)).map(describe)
    const key = actions.join('\n')
    if (key === this.#actions) return undefined
    this.#actions = key
    if (actions.length === 0) return undefined
    return {
      inputs: {
        queue: countBy(plan.explanation.items.map(({ state }) => state)),
        nodes: snapshot.jenkins?.nodes.length,
        offers: snapshot.offers.length,
        agents: countBy(snapshot.records.map(({ state }) => state)),
        templates: this.#changed(plan.explanation.templates),
      },
      actions: actions.slice(0, MOST),
      moreActions: Math.max(0, actions.length - MOST),
    }
  }

  #changed(templates: readonly TemplateExplanation[]): Inputs['templates'] {
    const before = this.#templates
    const figures = templates.map((template) => [template.template, figuresOf(template)] as const)
    this.#templates = new Map(figures.map(([name, counts]) => [name, JSON.stringify(counts)]))
    const changed = figures.filter(([name, counts]) => before.get(name) !== JSON.stringify(counts))
    return Object.fromEntries(changed.slice(0, MOST))
  }
}

function figuresOf(template: TemplateExplanation): Counts {
  const { demand, idleExecutors, busyExecutors, startingExecutors, agents, wanted } = template
  return { demand, idleExecutors, busyExecutors, startingExecutors, agents, wanted }
}

function countBy(values: readonly string[]): Counts {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
