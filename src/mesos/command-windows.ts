import { PREFLIGHT_STATUS } from '../core/preflight.ts'
import type { TaskLaunch } from '../loop/ports.ts'
import { type Dialect, expandCommand, JAR_FILE, jvmArguments, SECRET_FILE, SECRET_VARIABLE } from './agent-arguments.ts'

/**
 * The command of an agent's task for `cmd /c`, which takes one line. The environment of the template comes by Mesos:
 * cmd would read signs in its values.
 *
 * The secret is a file, never an argument. It stays there: Windows opens no file that has no name, and an agent there
 * has no descriptor to read it from.
 */
export function windowsText(launch: TaskLaunch): string {
  const { preflight } = launch.template.launch
  return [
    // In parentheses, as all that follows an `if` or `for` on the line would belong to it.
    '(if defined MESOS_SANDBOX cd /d "%MESOS_SANDBOX%")',
    cleanUp(launch),
    '(if not defined HOME set "HOME=%MESOS_SANDBOX%")',
    ...(preflight ? preflightSteps(launch) : []),
    ...secretSteps(launch),
    expandCommand(launch, DIALECT),
  ].join(' & ')
}

/** The variables of the Mesos agent must not reach builds, those of the template must. */
function cleanUp({ template }: TaskLaunch): string {
  const given = Object.keys(template.launch.environment).filter((name) => /^(?:MESOS|LIBPROCESS)_/i.test(name))
  const others = ['MESOS_SANDBOX', ...given].map((name) => `if /i not "%V"=="${name}" `).join('')
  return `(for /f "delims==" %V in ('set LIBPROCESS_ 2^>nul ^& set MESOS_ 2^>nul') do @(${others}set "%V="))`
}

function preflightSteps(launch: TaskLaunch): readonly string[] {
  const program = /^\s*([A-Za-z0-9_.:\\/-]+|"[^"%]+")(?=\s|$)/.exec(launch.template.launch.command)?.[1]
  if (program === undefined) return []
  const name = program.replaceAll('"', '')
  const isJava = /(?:^|[\\/])java(?:\.exe)?$/i.test(name)
  const remedy = `install ${isJava ? 'a JRE' : 'it'} or set agentCommand`
  // `path` says where it was looked for: in `echo` the signs in its value would be read.
  const missing = `(${say(`no ${name} on this host: ${remedy}`)} & path 1>&2 & exit ${PREFLIGHT_STATUS.missing})`
  // `where` finds names, and takes no path.
  const found = /[\\/]/.test(name)
    ? `(if not exist "${name}" ${missing})`
    : `(where ${program} >nul 2>nul || ${missing})`
  if (!isJava) return [found]
  const remark = say('java does not start on this host: see above, and correct jvmArgs, heapMib or memMib')
  const starts = `${program} ${jvmArguments(launch, DIALECT)} -version <nul`
  return [found, `(${starts} || (${remark} & exit ${PREFLIGHT_STATUS.broken}))`]
}

/** On standard error, which Mesos keeps with the sandbox. */
function say(text: string): string {
  return `echo jenkins-mesos-sidecar: ${text.replaceAll(SIGNS, '^$&')} 1>&2`
}

function secretSteps(launch: TaskLaunch): readonly string[] {
  if (launch.agent.secret === '' || launch.secretUrl !== undefined) return []
  // The file first: a digit before the sign would be read as the number of a descriptor.
  return [`(>${SECRET_FILE} echo %${SECRET_VARIABLE}%)`, `set "${SECRET_VARIABLE}="`]
}

const DIALECT: Dialect = {
  quote,
  jar: `"%MESOS_SANDBOX%\\${JAR_FILE}"`,
  // The task is in its sandbox; the agent program reads lines from there as arguments.
  secret: `@${SECRET_FILE}`,
  workDir: (remoteFs) => {
    if (/^(?:[A-Za-z]:|[\\/])/.test(remoteFs)) return quote(remoteFs)
    if (remoteFs === '' || remoteFs === '.') return '"%MESOS_SANDBOX%"'
    return `"%MESOS_SANDBOX%"\\${quote(remoteFs)}`
  },
}

/** What cmd reads outside of quotes. */
const SIGNS = /[()%!^"<>&|]/g

/**
 * As one word, for cmd and for the program: the program's rules first (a quote is written `\"`, and backslashes before
 * it count), then cmd's for all of it, so that cmd sees no quotes at all. A variable is not put in either: `^%` ends
 * its name, and what has no value stays on the line.
 */
function quote(text: string): string {
  if (/^[A-Za-z0-9_@+:./\\-]+$/.test(text) && !text.endsWith('\\')) return text
  const line = text.replaceAll(/[\r\n]+/g, ' ')
  const word = `"${line.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
  return word.replaceAll(/[()%!^"<>&|;, *?=]/g, '^$&')
}
