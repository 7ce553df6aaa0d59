import { labelWish, type Wish } from './demand.ts'
import type { JenkinsNode, JenkinsReading, QueueItem } from './jenkins-reading.ts'
import { matches } from './label-expression.ts'

/**
 * Wishes as far as they can be read while anchors are missing. With no node at all Jenkins drops the label, and with
 * exactly one that has it, it names that node in its place: then a freestyle job may still tell it, and else it is not
 * known, which is not the same as having none.
 */
export function unanchored(read: (item: QueueItem) => Wish, reading: JenkinsReading): (item: QueueItem) => Wish {
  const nodes = new Map(reading.nodes.map((node) => [node.name, node]))
  const isEmpty = !reading.nodes.some(({ builtIn }) => !builtIn)
  const told = new Map<string, Wish>()
  const ofJob = ({ labelExpression: text }: QueueItem, node: JenkinsNode | undefined): Wish | undefined => {
    if (text === undefined || text === '') return undefined
    const wish = told.get(text) ?? labelWish(text)
    told.set(text, wish)
    if (node === undefined || wish.kind !== 'label') return wish
    // A parameter may have given the item another label than its job has.
    return matches(wish.expression, new Set([...(node.labels ?? []), node.name])) ? wish : undefined
  }
  return (item) => {
    const wish = read(item)
    if (isEmpty && (wish.kind === 'any' || wish.kind === 'unreadable')) return ofJob(item, undefined) ?? NO_NODES
    if (wish.kind !== 'tied') return wish
    return ofJob(item, nodes.get(wish.node)) ?? oneNode(wish.node)
  }
}

const NO_NODES: Wish = {
  kind: 'unreadable',
  words: 'its label cannot be read: there is no anchor, and Jenkins tells no label while it has no node',
}

function oneNode(node: string): Wish {
  const words = `its label cannot be read: there is no anchor, and Jenkins names ${node} in its place, the one node that has it`
  return { kind: 'unreadable', words }
}
