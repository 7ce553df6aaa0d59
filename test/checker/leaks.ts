import type { BuildLedger } from './builds.ts'
import type { EndedTasks } from './ended.ts'
import type { Report, Rule } from './rule.ts'
import type { Scene } from './scene.ts'
import type { WireRequest } from './wire.ts'

/** A node without an owner is seen at each poll; then two sweeps and 120 s. */
const NODE_MS = 300_000
/** Of a task nobody may know until the next full reconciliation, which comes each 15 minutes. */
const TASK_MS = 1_380_000

/**
 * Invariant 2: every task and every node has a record, or goes. Only calm time counts, and for a node only that
 * without a build. Whoever makes a node or launches a task has stored its record before.
 */
export class Leaks implements Rule {
  readonly #builds: BuildLedger
  readonly #ended: EndedTasks
  readonly #report: Report
  readonly #calm: () => boolean
  /** A request may arrive long after it was sent, when its sender has given it up already. */
  readonly #everStored = new Set<string>()
  readonly #alone = new Map<string, number>()
  #last: number | undefined

  constructor(builds: BuildLedger, ended: EndedTasks, calm: () => boolean, report: Report) {
    this.#builds = builds
    this.#ended = ended
    this.#calm = calm
    this.#report = report
  }

  readonly committed = (stored: ReadonlyMap<string, object>): void => {
    for (const key of stored.keys()) this.#everStored.add(key)
  }

  readonly request = ({ action, node, call }: WireRequest, scene: () => Scene): void => {
    const wasStored = (name: string): boolean =>
      this.#everStored.has(`agent/${name}`) || scene().stored.has(`agent/${name}`)
    if (action === 'doCreateItem' && node?.startsWith('mesos-') === true && !wasStored(node))
      this.#report(2, `node ${node} is made, and no record was stored`)
    for (const { launch } of call?.accept?.operations ?? []) {
      for (const { task_id } of launch?.task_infos ?? []) {
        if (!wasStored(task_id.value)) this.#report(2, `task ${task_id.value} is launched, and no record was stored`)
      }
    }
  }

  readonly look = (scene: Scene): void => {
    this.committed(scene.stored) // by somebody who died before the answer came
    const passed = scene.now - (this.#last ?? scene.now)
    this.#last = scene.now
    const now = new Map<string, number>()
    const add = (what: string, name: string, limitMs: number): void => {
      if (scene.record(name) !== undefined) return
      const key = `${what} ${name}`
      const busy = what === 'node' && this.#builds.running().has(name)
      const before = this.#alone.get(key) ?? 0
      const alone = before + (this.#calm() && !busy ? passed : 0)
      now.set(key, alone)
      if (alone > limitMs && before <= limitMs)
        this.#report(2, `${key} has no record, and is still there after ${alone / 1000} s of calm`)
    }
    for (const name of scene.nodes) add('node', name, NODE_MS)
    const reached = new Set(scene.mesos.hosts.filter(({ connected }) => connected).map(({ hostname }) => hostname))
    for (const { taskId, hostname, state } of scene.tasks) {
      if (state !== 'TASK_UNREACHABLE' && reached.has(hostname) && !this.#ended.has(taskId))
        add('task', taskId, TASK_MS)
    }
    this.#alone.clear()
    for (const [key, alone] of now) this.#alone.set(key, alone)
  }
}
