import type { DemandPlan } from './demand-plan.ts'
import { jobOfItem } from './job-hosts.ts'
import type { TemplateName } from './model.ts'
import type { Want } from './scale-up.ts'
import type { Memory } from './snapshot.ts'

/** Hosts where the workspaces of the jobs may be that an agent is wanted for. */
export class Favourites {
  readonly #jobs = new Map<TemplateName, string[]>()
  readonly #taken = new Map<TemplateName, number>()
  readonly #hosts: Memory['jobHosts']

  constructor({ drafts }: DemandPlan, { jobHosts }: Memory) {
    this.#hosts = jobHosts
    for (const { item, state, template } of drafts) {
      const job = state === 'waiting_offer' ? jobOfItem(item) : undefined
      if (template === undefined || job === undefined) continue
      const jobs = this.#jobs.get(template)
      if (jobs === undefined) this.#jobs.set(template, [job])
      else jobs.push(job)
    }
  }

  /** Agents are wanted in the order in which the items wait, one executor an item. */
  next({ template, executors }: Want): readonly string[] {
    const from = this.#taken.get(template.name) ?? 0
    this.#taken.set(template.name, from + executors)
    const jobs = this.#jobs.get(template.name)?.slice(from, from + executors) ?? []
    return [...new Set(jobs.flatMap((job) => this.#hosts[job] ?? []))]
  }
}
