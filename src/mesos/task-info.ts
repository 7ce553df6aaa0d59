import type { Container, LaunchUri, Volume } from '../core/model.ts'
import type { TaskLaunch } from '../loop/ports.ts'
import { commandText, JAR_FILE, SECRET_FILE, SECRET_VARIABLE } from './command.ts'
import type { WireCommand, WireContainer, WireResource, WireTaskInfo, WireUri, WireVolume } from './protocol.ts'
import { portsOf } from './take-resources.ts'

/**
 * The task of one agent. Its secret is in the URI's answer, or where there is none in the command's environment.
 * @param user runs it where the template names none. Said in each task: a framework keeps the user that it was first
 *   registered with, whatever its later subscriptions say.
 */
export function toTaskInfo(
  launch: TaskLaunch,
  mesosAgentId: string,
  resources: readonly WireResource[],
  user: string,
): WireTaskInfo {
  const { agentId, template } = launch
  const { container, killGraceSeconds } = template.launch
  const ports = portsOf(resources)
  return {
    name: agentId,
    task_id: { value: agentId },
    agent_id: { value: mesosAgentId },
    resources,
    command: toCommand(launch, ports, user),
    ...(container !== undefined && { container: toContainer(container, ports) }),
    // Here and not in KILL: command tasks take no notice of a grace period that comes with a KILL.
    kill_policy: { grace_period: { nanoseconds: killGraceSeconds * 1_000_000_000 } },
    labels: {
      labels: [
        { key: 'template', value: template.name },
        { key: 'agentId', value: agentId },
      ],
    },
  }
}

function toCommand(launch: TaskLaunch, ports: readonly number[], user: string): WireCommand {
  const { agent, secretUrl, template } = launch
  const { uris } = template.launch
  const hasSecret = agent.secret !== ''
  const variables = [
    ...portVariables(ports),
    ...(hasSecret && secretUrl === undefined ? [{ name: SECRET_VARIABLE, value: agent.secret }] : []),
  ]
  return {
    shell: true,
    value: commandText(launch),
    user: template.launch.user ?? user,
    uris: [
      fetched(agent.jarUrl, JAR_FILE),
      ...(hasSecret && secretUrl !== undefined ? [fetched(secretUrl, SECRET_FILE)] : []),
      ...uris.map(toUri),
    ],
    ...(variables.length > 0 && { environment: { variables } }),
  }
}

/** Under the names that Marathon gives them. */
function portVariables(ports: readonly number[]): readonly { readonly name: string; readonly value: string }[] {
  const [first] = ports
  if (first === undefined) return []
  return [
    { name: 'PORT', value: String(first) },
    { name: 'PORTS', value: ports.join(',') },
    ...ports.map((port, index) => ({ name: `PORT${index}`, value: String(port) })),
  ]
}

/** Not cached: Mesos never looks again whether a cached file has changed. */
function fetched(value: string, outputFile: string): WireUri {
  return { value, executable: false, extract: false, cache: false, output_file: outputFile }
}

function toUri(uri: LaunchUri): WireUri {
  const { value, executable, extract, cache, outputFile } = uri
  return { value, executable, extract, cache, ...(outputFile !== undefined && { output_file: outputFile }) }
}

/** A Mesos container shares the host's network: other networks there need a CNI network's name. */
function toContainer(container: Container, ports: readonly number[]): WireContainer {
  const { type, image, forcePull, network, privileged, parameters } = container
  const volumes = container.volumes.map(toVolume)
  if (type === 'MESOS') {
    return { type, mesos: { image: { type: 'DOCKER', docker: { name: image }, cached: !forcePull } }, volumes }
  }
  // Behind a bridge nobody would reach them; inside they have the numbers that PORT tells.
  const mapped = network === 'BRIDGE' ? ports : []
  return {
    type,
    docker: {
      image,
      network,
      privileged,
      parameters,
      ...(mapped.length > 0 && { port_mappings: mapped.map((port) => ({ host_port: port, container_port: port })) }),
      force_pull_image: forcePull,
    },
    volumes,
  }
}

function toVolume(volume: Volume): WireVolume {
  const hostPath = volume.kind === 'host' ? volume.hostPath : volume.kind === 'sandbox' ? volume.path : ''
  return { mode: volume.readOnly ? 'RO' : 'RW', container_path: volume.containerPath, host_path: hostPath }
}
