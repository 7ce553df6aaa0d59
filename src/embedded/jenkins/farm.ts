import type { Instant } from '../../core/model.ts'
import { Computer, nodeMatches } from './computer.ts'
import { labelOf } from './labels.ts'
import type { NodeState } from './model.ts'

/** A node and, unless it is a ghost, its computer. */
export interface Place {
  readonly node: NodeState
  readonly computer: Computer | undefined
}

/** The nodes of the controller, the built-in one first, and the computers of those that have executors. */
export class Farm {
  readonly builtIn: Computer
  readonly nodes = new Map<string, NodeState>()
  readonly #computers = new Map<string, Computer>()
  #sorted: readonly Place[] | undefined

  constructor(builtInExecutors: number, now: Instant) {
    this.builtIn = new Computer(builtInNode(builtInExecutors), true, now)
  }

  /** As `/computer` lists them: the built-in node, then by name. */
  get computers(): readonly Computer[] {
    return this.#places().flatMap(({ computer }) => (computer === undefined ? [] : [computer]))
  }

  /** By the name in addresses: `(built-in)`, once `(master)`, or the node's name. */
  computer(name: string): Computer | undefined {
    return name === '(built-in)' || name === '(master)' ? this.builtIn : this.#computers.get(name)
  }

  add(node: NodeState, now: Instant): void {
    this.nodes.set(node.name, node)
    this.#sorted = undefined
    this.refresh(node.name, now)
  }

  /** Gives a node its computer, or takes it away, after its executors changed. */
  refresh(name: string, now: Instant): void {
    const node = this.nodes.get(name)
    if (node === undefined) return
    this.#sorted = undefined
    if (node.executors <= 0) this.#computers.delete(name)
    else if (!this.#computers.has(name)) this.#computers.set(name, new Computer(node, false, now))
  }

  remove(name: string): void {
    this.nodes.delete(name)
    this.#sorted = undefined
    this.#computers.delete(name)
  }

  /** The nodes that a label expression holds for, ghosts included. */
  nodesOf(expression: string): readonly Place[] {
    const label = labelOf(expression)
    return this.#places().filter(({ node, computer }) => nodeMatches(node, computer?.builtIn ?? false, label))
  }

  labelIsOffline(label: string): boolean {
    return !this.nodesOf(label).some(({ computer }) => computer?.online ?? false)
  }

  #places(): readonly Place[] {
    this.#sorted ??= [
      { node: this.builtIn.node, computer: this.builtIn },
      ...[...this.nodes.values()]
        .sort((one, other) => (one.name < other.name ? -1 : 1))
        .map((node) => ({ node, computer: this.#computers.get(node.name) })),
    ]
    return this.#sorted
  }
}

function builtInNode(executors: number): NodeState {
  return {
    name: '',
    description: "the Jenkins controller's built-in node",
    remoteFs: null,
    executors,
    mode: 'NORMAL',
    labelString: '',
    inbound: false,
    webSocket: false,
    workDirDisabled: false,
    retention: null,
    environment: [],
    temporarilyOffline: null,
  }
}
