import type { Instant } from '../../core/model.ts'
import { type Label, splitLabels } from './labels.ts'
import type { NodeState } from './model.ts'

export interface Running {
  readonly job: string
  readonly number: number
}

/** A node with at least one executor, and what runs there. A node without executors has none of this: a ghost. */
export class Computer {
  readonly node: NodeState
  readonly builtIn: boolean
  /** Its agent is connected; always so for the built-in node. */
  connected: boolean
  /** The agent was there and is gone since then. */
  brokenAt: Instant | null = null
  /** When the monitors last looked: at the last connection. */
  monitoredAt: Instant | null
  acceptingTasks = true
  readonly createdAt: Instant
  readonly #running: (Running | null)[] = []
  /** Counted along: both are asked for far more often than a build begins or ends. */
  #busy = 0
  #used = 0

  constructor(node: NodeState, builtIn: boolean, now: Instant) {
    this.node = node
    this.builtIn = builtIn
    this.connected = builtIn
    this.createdAt = now
    this.monitoredAt = builtIn ? now : null
  }

  get displayName(): string {
    return this.builtIn ? 'Built-In Node' : this.node.name
  }

  get labels(): ReadonlySet<string> {
    return labelsOf(this.node, this.builtIn)
  }

  get online(): boolean {
    return this.connected && this.node.temporarilyOffline === null
  }

  /** One entry an executor; `null` is an idle one. Executors taken away by a change stay until their build ends. */
  get executors(): readonly (Running | null)[] {
    return Array.from({ length: this.#size }, (_, number) => this.#running[number] ?? null)
  }

  get busy(): number {
    return this.#busy
  }

  get idleExecutors(): number {
    return this.#size - this.#busy
  }

  get #size(): number {
    return Math.max(0, this.node.executors, this.#used)
  }

  /** @returns the executor's number */
  occupy(running: Running): number {
    const number = this.executors.indexOf(null)
    if (number < 0) throw new Error(`${this.displayName} has no idle executor for ${running.job} #${running.number}`)
    this.#running[number] = running
    this.#count()
    return number
  }

  release(executor: number): void {
    this.#running[executor] = null
    this.#count()
  }

  #count(): void {
    this.#busy = this.#running.filter((one) => one != null).length
    this.#used = this.#running.findLastIndex((one) => one != null) + 1
  }
}

const KNOWN = new WeakMap<NodeState, { readonly labelString: string; readonly labels: ReadonlySet<string> }>()

/** A node carries its own name as a label. */
function labelsOf(node: NodeState, builtIn: boolean): ReadonlySet<string> {
  const known = KNOWN.get(node)
  if (known?.labelString === node.labelString) return known.labels
  const labels = new Set([...splitLabels(node.labelString), builtIn ? 'built-in' : node.name])
  KNOWN.set(node, { labelString: node.labelString, labels })
  return labels
}

export function nodeMatches(node: NodeState, builtIn: boolean, label: Label): boolean {
  return label.matches(labelsOf(node, builtIn))
}
