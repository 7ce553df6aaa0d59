import type { TaskLaunch } from '../loop/ports.ts'

/** The variable that carries the secret where no URI does. */
export const SECRET_VARIABLE = 'JENKINS_SECRET'
export const SECRET_FILE = '.secret'
export const JAR_FILE = 'agent.jar'

/**
 * An agent that could not reach its controller for this long ends itself, so that one that nobody owns any more does
 * not run for ever. A day is longer than a controller's maintenance and shorter than a weekend of idle machines.
 */
const NO_RECONNECT_AFTER = '1d'

/** How a shell writes what the agent program is given. */
export interface Dialect {
  /** As one word, whatever is in it. */
  readonly quote: (text: string) => string
  readonly jar: string
  /** The file with the secret, for the agent program to read. */
  readonly secret: string
  /** Relative paths begin at the sandbox. */
  readonly workDir: (remoteFs: string) => string
}

/** The command of the template, with what only the launch knows. */
export function expandCommand(launch: TaskLaunch, dialect: Dialect): string {
  const { command } = launch.template.launch
  const values: Readonly<Record<string, string>> = {
    '{jar}': dialect.jar,
    '{jvmArgs}': jvmArguments(launch, dialect),
    '{connection}': connectionArguments(launch, dialect).join(' '),
  }
  return command.replace(/\{\w+\}/g, (placeholder) => values[placeholder] ?? placeholder)
}

/** The heap first: who sets it in `jvmArgs`, too, has the last word. */
export function jvmArguments({ template }: TaskLaunch, { quote }: Dialect): string {
  const { heapMib, jvmArgs } = template.launch
  return [`-Xmx${heapMib}m`, ...jvmArgs.map(quote)].join(' ')
}

function connectionArguments(launch: TaskLaunch, { quote, secret, workDir }: Dialect): readonly string[] {
  const { agent, agentId, template } = launch
  const { agentArgs, remoteFs } = template.launch
  const own = agentArgs.map(quote)
  const login = agent.secret === '' ? [] : ['-secret', secret]
  // The agent program takes one of these, once.
  const endsItself = agentArgs.some((argument) => /^--?noReconnect/.test(argument))
  const ending = agent.noReconnectAfter && !endsItself ? ['-noReconnectAfter', NO_RECONNECT_AFTER] : []
  if (agent.connection === 'jnlpUrl') return ['-jnlpUrl', quote(agent.jnlpUrl), ...login, ...ending, ...own]
  const webSocket = agent.connection === 'websocket' ? ['-webSocket'] : []
  const identity = ['-url', quote(agent.url), '-name', quote(agentId)]
  return [...identity, ...login, ...webSocket, '-workDir', workDir(remoteFs), ...ending, ...own]
}
