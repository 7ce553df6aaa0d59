import { naiveAllows, type Spot } from './naive-constraints.ts'
import type { Report, Rule } from './rule.ts'
import { type Scene, type SeenPromises, type SeenTask, templateOf } from './scene.ts'

/** These look at how agents were placed before, and not at how they stand now. */
const OF_ITS_TIME = 'GROUP_BY'

/** The rules on hosts hold for every pair of agents of a template that have a record and a task. */
export class Placed implements Rule {
  readonly #promises: SeenPromises
  readonly #report: Report
  readonly #told = new Set<string>()
  readonly #ruled: boolean

  constructor(promises: SeenPromises, report: Report) {
    this.#promises = promises
    this.#report = report
    this.#ruled = [...promises.templates.values()].some(({ constraints }) => constraints.length > 0)
  }

  readonly look = (scene: Scene): void => {
    if (!this.#ruled) return
    const placed = scene.tasks.filter(({ taskId }) => scene.record(taskId) !== undefined)
    for (const task of placed) {
      if (!this.#told.has(task.taskId)) this.#judge(task, placed)
    }
  }

  #judge(task: SeenTask, placed: readonly SeenTask[]): void {
    const template = templateOf(task.taskId)
    const spots = placed
      .filter((other) => other !== task && templateOf(other.taskId) === template)
      .map(({ hostname }) => this.#spot(hostname))
    for (const rule of this.#promises.templates.get(template)?.constraints ?? []) {
      if (rule.operator === OF_ITS_TIME || naiveAllows(rule, this.#spot(task.hostname), spots)) continue
      this.#told.add(task.taskId)
      const words = `${rule.field} ${rule.operator} ${rule.value ?? ''}`.trim()
      this.#report(0, `${task.taskId} is on ${task.hostname} against the rule ${words}`)
    }
  }

  #spot(hostname: string): Spot {
    const attributes = Object.entries(this.#promises.attributesOf(hostname))
    return {
      hostname,
      region: undefined,
      zone: undefined,
      attributes: attributes.map(([name, value]) => ({ name, type: 'TEXT', value })),
    }
  }
}
