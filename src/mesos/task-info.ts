import type { LaunchUri } from '../core/launch.ts'
import type { TaskLaunch } from '../loop/ports.ts'
import { JAR_FILE, SECRET_FILE, SECRET_VARIABLE } from './agent-arguments.ts'
import { commandText } from './command.ts'
import { toContainer } from './container-info.ts'
import { shareOut } from './host-ports.ts'
import type { WireCommand, WireResource, WireTaskInfo, WireUri } from './protocol.ts'
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
  const { container, killGraceSeconds, secretVia } = template.launch
  const ports = shareOut(template, portsOf(resources))
  return {
    name: agentId,
    task_id: { value: agentId },
    agent_id: { value: mesosAgentId },
    resources,
    command: toCommand(launch, ports.all, user),
    ...(container !== undefined && { container: toContainer(container, secretVia, agentId, ports.mappings) }),
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
  const { commandStyle, environment, uris } = template.launch
  const hasSecret = agent.secret !== ''
  const variables = Object.entries({
    ...portVariables(ports),
    // A POSIX shell exports them itself, and in its text fewer can read them.
    ...(commandStyle === 'windows' && environment),
    ...(hasSecret && secretUrl === undefined && { [SECRET_VARIABLE]: agent.secret }),
  }).map(([name, value]) => ({ name, value }))
  return {
    ...whatRuns(launch),
    user: template.launch.user ?? user,
    uris: [
      fetched(agent.jarUrl, JAR_FILE),
      ...(hasSecret && secretUrl !== undefined ? [fetched(secretUrl, SECRET_FILE)] : []),
      ...uris.map(toUri),
    ],
    ...(variables.length > 0 && { environment: { variables } }),
  }
}

/** By the shell of the host, or in a container as its template says. */
function whatRuns(launch: TaskLaunch): Pick<WireCommand, 'shell' | 'value' | 'arguments'> {
  const text = commandText(launch)
  const { container, commandStyle } = launch.template.launch
  if (container?.shell !== undefined) {
    // Under Docker these are behind the image; Mesos wants the name of the program among its arguments.
    const argv = container.type === 'DOCKER' ? [text] : [container.shell, text]
    return { shell: false, value: container.shell, arguments: argv }
  }
  // Without a value they are what the entrypoint of the image is given.
  if (container?.entrypoint === 'keep') return { shell: false, arguments: [...SHELLS[commandStyle], text] }
  return { shell: true, value: text }
}

const SHELLS = { linux: ['/bin/sh', '-c'], windows: ['cmd', '/c'] } as const

/** Under the names that Marathon gives them. */
function portVariables(ports: readonly number[]): Readonly<Record<string, string>> {
  const [first] = ports
  if (first === undefined) return {}
  const numbered = ports.map((port, index) => [`PORT${index}`, String(port)] as const)
  return { PORT: String(first), PORTS: ports.join(','), ...Object.fromEntries(numbered) }
}

/** Not cached: Mesos never looks again whether a cached file has changed. */
function fetched(value: string, outputFile: string): WireUri {
  return { value, executable: false, extract: false, cache: false, output_file: outputFile }
}

function toUri(uri: LaunchUri): WireUri {
  const { value, executable, extract, cache, outputFile } = uri
  return { value, executable, extract, cache, ...(outputFile !== undefined && { output_file: outputFile }) }
}
