import type { EndedTasks } from './ended.ts'
import type { Report, Rule } from './rule.ts'
import { type Scene, type SeenCaps, templateOf } from './scene.ts'
import type { WireRequest } from './wire.ts'

const UNREACHABLE = 'TASK_UNREACHABLE'

/**
 * Invariant 3: node, task and record of one name are one agent, and there are never more than the caps allow. An
 * agent that was given up while its host was cut off does not count: it is killed when it comes back.
 */
export class CapRule implements Rule {
  /** The most agents that there were at once, by template. */
  readonly peak = new Map<string, number>()
  /** The most that all agents had at once, in thousandths; `agents` in whole ones. Counted where a total cap is set. */
  readonly peakInAll = new Map<string, number>()
  readonly #caps: SeenCaps
  readonly #ended: EndedTasks
  readonly #report: Report
  readonly #given = new Map<string, Readonly<Record<string, number>>>()
  /** Nodes that a network made when their agents were given up already: they have no task, and go as orphans. */
  readonly #late = new Set<string>()
  readonly #givenUp = new Set<string>()
  #unreachable: readonly string[] = []
  #broken = ''

  constructor(caps: SeenCaps, ended: EndedTasks, report: Report) {
    this.#caps = caps
    this.#ended = ended
    this.#report = report
  }

  readonly request = ({ action, node, call }: WireRequest, scene: () => Scene): void => {
    if (action === 'doCreateItem' && node !== undefined && scene().record(node) === undefined) this.#late.add(node)
    for (const { launch } of call?.accept?.operations ?? []) {
      for (const { task_id, resources } of launch?.task_infos ?? []) {
        const amounts = resources.map(({ name, scalar }) => [name, Math.round((scalar?.value ?? 0) * 1000)] as const)
        this.#given.set(task_id.value, Object.fromEntries(amounts))
      }
    }
  }

  readonly look = (scene: Scene): void => {
    this.#followGivenUp(scene)
    const { records } = scene
    const names = new Set(records.map(({ agentId }) => agentId))
    for (const name of scene.nodes) if (!this.#late.has(name)) names.add(name)
    for (const { taskId } of scene.tasks) {
      if (!this.#givenUp.has(taskId) && !this.#ended.has(taskId)) names.add(taskId)
    }
    const counts = new Map<string, number>()
    for (const name of names) counts.set(templateOf(name), (counts.get(templateOf(name)) ?? 0) + 1)
    const broken: string[] = []
    for (const [template, count] of counts) {
      if (count > (this.peak.get(template) ?? 0)) this.peak.set(template, count)
      const most = this.#caps.agents.get(template)
      if (most !== undefined && count > most) broken.push(`${count} agents of ${template}, the cap is ${most}`)
    }
    for (const { name, resource, most } of this.#caps.inAll) {
      const count = resource === 'agents' ? names.size : this.#sum(names, scene, resource)
      if (count > (this.peakInAll.get(resource) ?? 0)) this.peakInAll.set(resource, count)
      const allowed = resource === 'agents' ? most : most * 1000
      if (count > allowed) broken.push(`${count} of ${resource} in all, ${name} allows ${allowed}`)
    }
    for (const { name, template, resource, most } of this.#caps.ofTemplates) {
      const own = new Set([...names].filter((agent) => templateOf(agent) === template))
      const count = this.#sum(own, scene, resource)
      if (count > most * 1000) broken.push(`${count} of ${resource} of ${template}, ${name} allows ${most * 1000}`)
    }
    const words = broken.join('; ')
    if (words !== this.#broken && words !== '') this.#report(3, `${words}: ${[...names].sort().join(' ')}`)
    this.#broken = words
  }

  #sum(names: ReadonlySet<string>, scene: Scene, resource: string): number {
    let sum = 0
    for (const name of names) sum += (this.#given.get(name) ?? scene.record(name)?.resources ?? {})[resource] ?? 0
    return sum
  }

  /** Its record went while Mesos could not reach it. A new master may not know the task at all, until its host is back. */
  #followGivenUp(scene: Scene): void {
    for (const name of this.#unreachable) if (scene.record(name) === undefined) this.#givenUp.add(name)
    this.#unreachable = [
      ...scene.tasks
        .filter(({ taskId, state }) => state === UNREACHABLE && scene.record(taskId) !== undefined)
        .map(({ taskId }) => taskId),
      ...scene.records.filter(({ taskState }) => taskState === UNREACHABLE).map(({ agentId }) => agentId),
    ]
  }
}
