import { amount, type Resources } from './resources.ts'
import { executorsFor, resourcesOf, type Template } from './template.ts'

/** What may serve an item: a template, or agents of one that are there, with the labels that they have. */
export interface Choice {
  readonly labels: ReadonlySet<string>
  /** `undefined`: its template is gone. */
  readonly template: Template | undefined
}

/** How an item looks at templates. */
export interface Asked {
  /** Labels that it names; `undefined`: those are the same number for every template that serves it. */
  readonly labels: ReadonlySet<string> | undefined
  /** It has no label: the default template comes first. */
  readonly isLabelless: boolean
}

/**
 * Which of several templates an item is served by, whatever their order in the configuration: the highest priority;
 * then the best fit, which has the fewest labels beyond those that were asked for, and is given the least for one
 * executor; then by name. For items without a label the default template comes before all.
 */
export class Chooser {
  /** What an agent that serves one item is given. */
  readonly #sizes = new Map<Template, readonly number[]>()

  order<C extends Choice>(choices: readonly C[], asked: Asked): C[] {
    if (choices.length < 2) return [...choices]
    const extra = new Map(choices.map((choice) => [choice, beyond(choice.labels, asked.labels)]))
    return choices.toSorted((a, b) => {
      const first = asked.isLabelless ? Number(isDefault(b)) - Number(isDefault(a)) : 0
      return (
        first ||
        compare(priority(b), priority(a)) ||
        (extra.get(a) ?? 0) - (extra.get(b) ?? 0) ||
        this.#compareSizes(a.template, b.template) ||
        compare(a.template?.name ?? '', b.template?.name ?? '') ||
        compare(a.template?.revision ?? '', b.template?.revision ?? '')
      )
    })
  }

  #compareSizes(a: Template | undefined, b: Template | undefined): number {
    const left = this.#sizeOf(a)
    const right = this.#sizeOf(b)
    const at = left.findIndex((value, index) => value !== right[index])
    return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0)
  }

  #sizeOf(template: Template | undefined): readonly number[] {
    if (template === undefined) return []
    let size = this.#sizes.get(template)
    if (size === undefined) {
      size = sizeOf(resourcesOf(template, executorsFor(template, 1)))
      this.#sizes.set(template, size)
    }
    return size
  }
}

const ORDINARY = ['mem', 'cpus', 'disk', 'ports'] as const

/** What only some hosts have counts most, then memory. */
function sizeOf(resources: Resources): readonly number[] {
  let special = 0
  for (const [name, milli] of Object.entries(resources)) {
    if (!(ORDINARY as readonly string[]).includes(name)) special += milli
  }
  return [special, ...ORDINARY.map((name) => amount(resources, name))]
}

function beyond(labels: ReadonlySet<string>, asked: ReadonlySet<string> | undefined): number {
  if (asked === undefined) return labels.size
  let extra = 0
  for (const label of labels) if (!asked.has(label)) extra += 1
  return extra
}

function isDefault({ template }: Choice): boolean {
  return template?.isDefault ?? false
}

function priority({ template }: Choice): number {
  return template?.priority ?? Number.NEGATIVE_INFINITY
}

function compare<T extends string | number>(a: T, b: T): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
