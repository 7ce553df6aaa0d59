import type { Template } from './model.ts'
import type { Resources } from './resources.ts'

/**
 * What an agent of this template with so many executors is given. The Mesos plugin's formula:
 * CPU `agent + n * perExecutor`; memory the same times its factor, in whole MiB, rounded up.
 */
export function resourcesOf(template: Template, executors: number): Resources {
  const { cpus, memMib, diskMib, scalars, ports } = template
  const mem = Math.ceil(round6((memMib.agent + executors * memMib.perExecutor) * memMib.factor))
  const resources: Record<string, number> = {
    ...scalars,
    cpus: cpus.agent + executors * cpus.perExecutor,
    mem: mem * 1000,
  }
  if (diskMib > 0) resources['disk'] = Math.round(diskMib * 1000)
  if (ports > 0) resources['ports'] = ports * 1000
  return resources
}

/** 640 * 1.1 is 704.0000000000001 in binary: cut the noise before rounding up. */
function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

/** Executors of one agent that is to serve so many items: `max(min, min(excess, max))`. */
export function executorsFor(template: Template, excess: number): number {
  return Math.max(template.executors.min, Math.min(excess, template.executors.max))
}
