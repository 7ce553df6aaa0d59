import type { Container, PortMapping, Template } from './model.ts'
import type { Resources } from './resources.ts'

/**
 * What an agent of this template with so many executors is given. The Mesos plugin's formula:
 * CPU `agent + n * perExecutor`; memory the same times its factor, in whole MiB, rounded up.
 */
export function resourcesOf(template: Template, executors: number): Resources {
  const { cpus, memMib, diskMib, scalars } = template
  const ports = portCount(template)
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

const NONE: readonly never[] = []

/** Ports of the container that Mesos makes reachable on the host. Where it has the host's own network there are none. */
export function mappingsOf(container: Container | undefined): readonly PortMapping[] {
  return container !== undefined && isApart(container) ? container.portMappings : NONE
}

/** It has a network of its own, in which nobody reaches it but by ports of the host. */
export function isApart({ type, network, networkNames }: Container): boolean {
  return type === 'DOCKER' ? network === 'BRIDGE' || network === 'USER' : networkNames.length > 0
}

/** Host ports that its agents must have by number. */
export function fixedPorts({ launch }: Pick<Template, 'launch'>): readonly number[] {
  const mappings = mappingsOf(launch.container)
  if (mappings.length === 0) return NONE
  return [...new Set(mappings.map(({ hostPort }) => hostPort).filter((port) => port !== 0))]
}

/** Host ports of one agent: those that it is just given, those that are mapped, and one for all that are fixed to it. */
function portCount(template: Template): number {
  const open = mappingsOf(template.launch.container).filter(({ hostPort }) => hostPort === 0)
  return template.ports + open.length + fixedPorts(template).length
}

/** 640 * 1.1 is 704.0000000000001 in binary: cut the noise before rounding up. */
function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

/** Executors of one agent that is to serve so many items: `max(min, min(excess, max))`. */
export function executorsFor(template: Template, excess: number): number {
  return Math.max(template.executors.min, Math.min(excess, template.executors.max))
}
