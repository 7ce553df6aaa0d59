import { fixedPorts, isApart, mappingsOf, type Template } from '../core/template.ts'
import type { WirePortMapping } from './protocol.ts'

/** What becomes of the host ports of an agent. */
export interface HostPorts {
  /** In the order in which the agent is told of them: those that are just given, then those that are mapped. */
  readonly all: readonly number[]
  readonly mappings: readonly WirePortMapping[]
}

/** @param taken the host ports that the task has */
export function shareOut(template: Template, taken: readonly number[]): HostPorts {
  const { container } = template.launch
  const fixed = fixedPorts(template)
  const open = taken.filter((port) => !fixed.includes(port))
  const wanted = mappingsOf(container)
  const toMap = wanted.filter(({ hostPort }) => hostPort === 0).length
  const given = open.splice(0, Math.max(0, open.length - toMap))
  const chosen = wanted.flatMap(({ containerPort, hostPort, protocol }) => {
    const port = hostPort === 0 ? open.shift() : hostPort
    return port === undefined ? [] : [{ host_port: port, container_port: containerPort, protocol }]
  })
  // In a network of its own nobody would reach them; inside they have the numbers that PORT tells.
  const apart = container !== undefined && isApart(container)
  const same = apart ? given.map((port) => ({ host_port: port, container_port: port })) : []
  return {
    all: [...new Set([...given, ...chosen.map((mapping) => mapping.host_port)])],
    mappings: [...same, ...chosen],
  }
}
