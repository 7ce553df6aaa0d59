import type { TemplateName } from './model.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'

/** Executors that differ in nothing that a wish can ask for. */
export interface SupplyClass {
  readonly sample: SupplyNode
  readonly labels: ReadonlySet<string>
  /** Of its agents, as it is now. */
  readonly template: Template | undefined
  readonly idle: Slot[]
  readonly starting: Slot[]
}

interface Slot {
  readonly node: string
  left: number
}

/** One executor of this node; `template` where the node is an agent of ours. */
export interface Taken {
  readonly node: string
  readonly template: TemplateName | undefined
}

/** Agents of one template and label set are one class; nodes of others stay apart, as their own names are labels. */
export function classify(
  supply: readonly SupplyNode[],
  templates: ReadonlyMap<TemplateName, Template>,
): readonly SupplyClass[] {
  const classes = new Map<string, SupplyClass>()
  for (const node of supply) {
    const key = classKey(node)
    let found = classes.get(key)
    if (found === undefined) {
      const labels = node.agentId === undefined ? node.labels : without(node.labels, node.name)
      const template = node.template && templates.get(node.template)
      found = { sample: node, labels, template, idle: [], starting: [] }
      classes.set(key, found)
    }
    if (node.idle > 0) found.idle.push({ node: node.name, left: node.idle })
    if (node.starting > 0) found.starting.push({ node: node.name, left: node.starting })
  }
  return [...classes.values()]
}

/** Labels have no blanks in them. Agents of one template have theirs in one order. */
function classKey(node: SupplyNode): string {
  if (node.agentId === undefined) return `node ${node.name}`
  let key = `agents ${node.template ?? ''} ${node.mode}`
  for (const label of node.labels) if (label !== node.name) key += ` ${label}`
  return key
}

function without(labels: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const rest = new Set(labels)
  rest.delete(name)
  return rest
}

/** An executor of the first of these that has one left. */
export function take(classes: readonly SupplyClass[], slotsOf: (supply: SupplyClass) => Slot[]): Taken | undefined {
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
