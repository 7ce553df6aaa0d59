import type { Launch } from '../core/model.ts'
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

/**
 * The shell text of an agent's task, for any POSIX shell.
 *
 * The secret is never an argument: it is a file that the shell opens as standard input and unlinks before the agent
 * starts. Standard input, because an agent re-executes itself when its controller restarts, and keeps only descriptors
 * 0 to 2; a file, because it reads the secret again then.
 */
export function commandText(launch: TaskLaunch): string {
  const template = launch.template.launch
  const exported = Object.entries(template.environment)
  const plain = exported.filter(([name]) => IDENTIFIER.test(name))
  // A shell cannot export names such as `build.type`; env can.
  const odd = exported.filter(([name]) => !IDENTIFIER.test(name))
  const env = odd.length === 0 ? '' : `env ${odd.map(([name, value]) => quote(`${name}=${value}`)).join(' ')} `
  return [
    ...CLEAN_UP,
    ...plain.map(([name, value]) => `export ${name}=${quote(value)}`),
    ...secretLines(launch),
    `exec ${env}${expand(template, launch)}`,
  ].join('\n')
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * The variables of the Mesos agent must not reach builds: with LIBPROCESS_IP and _PORT every Mesos program in a build
 * would listen where the task's own executor does. Then what a login would set. A container need not start in its
 * sandbox.
 */
const CLEAN_UP = [
  ': "${MESOS_SANDBOX:=$PWD}"',
  'export MESOS_SANDBOX',
  'cd "$MESOS_SANDBOX" || exit 1',
  'set -f',
  "IFS='\n'",
  'for entry in $(env); do',
  '  name=${entry%%=*}',
  '  case $name in',
  '    MESOS_SANDBOX | *[!A-Za-z0-9_]*) ;;',
  '    LIBPROCESS_* | MESOS_*) unset "$name" ;;',
  '  esac',
  'done',
  'unset IFS entry name',
  'set +f',
  'export HOME="$MESOS_SANDBOX" LANG=C.UTF-8',
  'USER=$(id -un 2>/dev/null || id -u)',
  'export USER',
]

function secretLines(launch: TaskLaunch): readonly string[] {
  if (launch.agent.secret === '') return []
  if (launch.secretUrl !== undefined) return [`exec 0<${SECRET_FILE} || exit 1`, `rm -f ${SECRET_FILE}`]
  // The image's user may be another one than the sandbox's owner, hence the second place.
  return [
    `secret=${SECRET_FILE}`,
    `(umask 077 && printf %s "$${SECRET_VARIABLE}" >"$secret") 2>/dev/null ||`,
    `  { secret=$(mktemp) && printf %s "$${SECRET_VARIABLE}" >"$secret"; } || exit 1`,
    `unset ${SECRET_VARIABLE}`,
    'exec 0<"$secret" || exit 1',
    'rm -f "$secret"',
    'unset secret',
  ]
}

function expand(template: Launch, launch: TaskLaunch): string {
  const values: Readonly<Record<string, string>> = {
    '{jar}': `"$MESOS_SANDBOX/${JAR_FILE}"`,
    '{jvmArgs}': [`-Xmx${template.heapMib}m`, ...template.jvmArgs.map(quote)].join(' '),
    '{connection}': connectionArguments(template, launch).join(' '),
  }
  return template.command.replace(/\{\w+\}/g, (placeholder) => values[placeholder] ?? placeholder)
}

function connectionArguments(template: Launch, launch: TaskLaunch): readonly string[] {
  const { agent } = launch
  const secret = agent.secret === '' ? [] : ['-secret', '@/dev/fd/0']
  const ending = agent.noReconnectAfter ? ['-noReconnectAfter', NO_RECONNECT_AFTER] : []
  if (agent.connection === 'jnlpUrl') return ['-jnlpUrl', quote(agent.jnlpUrl), ...secret, ...ending]
  const webSocket = agent.connection === 'websocket' ? ['-webSocket'] : []
  const identity = ['-url', quote(agent.url), '-name', quote(launch.agentId)]
  return [...identity, ...secret, ...webSocket, '-workDir', workDir(template.remoteFs), ...ending]
}

/** Relative paths begin at the sandbox. */
function workDir(remoteFs: string): string {
  if (remoteFs.startsWith('/')) return quote(remoteFs)
  return remoteFs === '' || remoteFs === '.' ? '"$MESOS_SANDBOX"' : `"$MESOS_SANDBOX"/${quote(remoteFs)}`
}

/** As one word for a POSIX shell, whatever is in it (but NUL, which no argument can hold). */
function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
