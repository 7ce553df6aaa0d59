import type { ReceivedTask } from './received.ts'

/** Why Docker's executor cannot make a `docker run` of the task, in its words; `undefined` where it can. */
export function dockerRunError({ container, command, resources = [] }: ReceivedTask): string | undefined {
  const docker = container?.docker
  if (container === undefined || docker === undefined) return undefined
  const { network = 'HOST', port_mappings: mappings = [] } = docker
  const { hostname, network_infos: networks = [] } = container
  if (network === 'USER') {
    if (networks.length === 0) return 'No network info found in container info'
    if (networks.length > 1) return 'Only a single network can be defined in Docker run'
    if (networks[0]?.name === undefined) return 'No network name found in network info'
  }
  if (hostname !== undefined && network === 'HOST') return 'Unable to set hostname with host network mode'
  if (mappings.length > 0) {
    if (network === 'HOST' || network === 'NONE') {
      return 'Port mappings are only supported for bridge and user-defined networks'
    }
    const ranges = resources.filter(({ name }) => name === 'ports').flatMap(({ ranges: own }) => own?.range ?? [])
    if (ranges.length === 0) return 'Port mappings require port resources'
    const lacking = mappings.find(
      ({ host_port: port }) => !ranges.some(({ begin, end }) => begin <= port && port <= end),
    )
    if (lacking !== undefined) return `Port [${lacking.host_port}] not included in resources`
  }
  return (command?.shell ?? true) && command?.value === undefined
    ? 'Shell specified but no command value provided'
    : undefined
}
