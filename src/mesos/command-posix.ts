import { PREFLIGHT_STATUS } from '../core/preflight.ts'
import type { TaskLaunch } from '../loop/ports.ts'
import { type Dialect, expandCommand, JAR_FILE, jvmArguments, SECRET_FILE, SECRET_VARIABLE } from './agent-arguments.ts'

/**
 * The shell text of an agent's task, for any POSIX shell.
 *
 * The secret is never an argument: it is a file that the shell opens as standard input and unlinks before the agent
 * starts. Standard input, because an agent re-executes itself when its controller restarts, and keeps only descriptors
 * 0 to 2; a file, because it reads the secret again then.
 */
export function posixText(launch: TaskLaunch): string {
  const template = launch.template.launch
  const exported = Object.entries(template.environment)
  const plain = exported.filter(([name]) => IDENTIFIER.test(name))
  // A shell cannot export names such as `build.type`; env can.
  const odd = exported.filter(([name]) => !IDENTIFIER.test(name))
  const env = odd.length === 0 ? '' : `env ${odd.map(([name, value]) => quote(`${name}=${value}`)).join(' ')} `
  return [
    ...CLEAN_UP,
    ...plain.map(([name, value]) => `export ${name}=${quote(value)}`),
    ...(template.preflight ? preflightLines(launch) : []),
    ...secretLines(launch),
    `exec ${env}${expandCommand(launch, DIALECT)}`,
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

/** The first word of a command, quotes and all, unless that is an assignment or more than a name. */
const PROGRAM = /^\s*((?:"[^"`(]*"|[^\s"'`=;&|()<>])+)(?=\s|$)/

/**
 * Java is what hosts and images lack most, in any version or in one that this Jenkins takes. Without these lines the
 * agent would end with a status of a shell or of Java that says nothing.
 */
function preflightLines(launch: TaskLaunch): readonly string[] {
  const { command, container } = launch.template.launch
  const program = PROGRAM.exec(command)?.[1]
  if (program === undefined) return []
  const name = program.replaceAll('"', '')
  const isJava = /(?:^|\/)java$/.test(name)
  const where = container === undefined ? 'on this host' : 'in this image'
  const missing = [
    `command -v ${program} >/dev/null 2>&1 || {`,
    `  ${say(`no ${name} ${where} (PATH=`, '"$PATH"', `): install ${isJava ? 'a JRE' : 'it'} or set agentCommand`)}`,
    `  exit ${PREFLIGHT_STATUS.missing}`,
    '}',
  ]
  if (!isJava) return missing
  const java = `${program} ${jvmArguments(launch, DIALECT)}`
  const starts = [
    `said=$(${java} -version 2>&1 </dev/null) || {`,
    `  printf '%s\\n' "$said" >&2`,
    `  ${say(`java does not start ${where}: see above, and correct jvmArgs, heapMib or memMib of the template`)}`,
    `  exit ${PREFLIGHT_STATUS.broken}`,
    '}',
  ]
  // No version of the agent program connects anywhere with this; the oldest says that it is no option.
  const reads = [
    `said=$(${java} -jar ${DIALECT.jar} -help 2>&1 </dev/null)`,
    'case $said in',
    '  *UnsupportedClassVersionError*)',
    `    printf '%s\\n' "$said" >&2`,
    `    ${say(`java ${where} is too old for the agent.jar of this Jenkins: install a newer one`)}`,
    `    exit ${PREFLIGHT_STATUS.tooOld}`,
    '    ;;',
    'esac',
  ]
  return [...missing, ...starts, ...(command.includes('-jar {jar}') ? reads : []), 'unset said']
}

/** One line on standard error, which Mesos keeps with the sandbox. */
function say(text: string, ...more: readonly string[]): string {
  const [variable = '', rest = ''] = more
  return `printf '%s\\n' ${quote(`jenkins-mesos-sidecar: ${text}`)}${variable}${rest === '' ? '' : quote(rest)} >&2`
}

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

const DIALECT: Dialect = {
  quote,
  jar: `"$MESOS_SANDBOX/${JAR_FILE}"`,
  secret: '@/dev/fd/0',
  workDir: (remoteFs) => {
    if (remoteFs.startsWith('/')) return quote(remoteFs)
    return remoteFs === '' || remoteFs === '.' ? '"$MESOS_SANDBOX"' : `"$MESOS_SANDBOX"/${quote(remoteFs)}`
  },
}

/** As one word for a POSIX shell, whatever is in it (but NUL, which no argument can hold). */
function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
