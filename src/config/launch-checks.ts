import { hint } from '../core/nearest.ts'
import type { NamedTemplate } from './templates.ts'

/** The program of an agent: its command, arguments, variables and files. */
export function checkLaunch(named: NamedTemplate): void {
  checkCommand(named)
  checkJvmArgs(named)
  checkAgentArgs(named)
  checkUris(named)
  checkWindows(named)
  const { input, tell } = named
  for (const field of ['jvmArgs', 'agentArgs'] as const) {
    const value = input[field]
    if (typeof value !== 'string' || !/["']/.test(value)) continue
    tell.warn([field], 'is cut at every space, and quotes hold no words together: write a list')
  }
  const variables = [
    ...Object.keys(input.environment ?? {}).map((name) => ['environment', name]),
    ...Object.keys(input.nodeProperties?.environment ?? {}).map((name) => ['nodeProperties', 'environment', name]),
  ]
  for (const path of variables) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(path.at(-1) ?? '')) tell.mistake(path, 'is no name for a variable')
  }
}

const PLACEHOLDERS: readonly string[] = ['jvmArgs', 'jar', 'connection']

function checkCommand({ template: { launch }, tell }: NamedTemplate): void {
  const path = ['agentCommand']
  // `${NAME}` is the shell's.
  const used = [...launch.command.matchAll(/(?<!\$)\{([a-zA-Z]+)\}/g)].map(([, name = '']) => name)
  for (const name of new Set(used)) {
    if (PLACEHOLDERS.includes(name)) continue
    const known = PLACEHOLDERS.map((each) => `{${each}}`).join(', ')
    tell.mistake(path, `{${name}} is not known${hint(name, PLACEHOLDERS)}; known are ${known}`)
  }
  if (!used.includes('connection')) {
    tell.mistake(path, '{connection} is missing: an agent cannot connect without it')
  }
}

function checkJvmArgs({ template: { launch }, tell }: NamedTemplate): void {
  const path = ['jvmArgs']
  const gone = launch.jvmArgs.find((arg) => /^-XX:[+-]?(UseConcMarkSweepGC|UseParNewGC|CMS)/.test(arg))
  if (gone !== undefined) tell.warn(path, `with ${gone} Java 14 and later do not start: leave it out`)
  if (launch.jvmArgs.some((arg) => arg.startsWith('-Xmx'))) {
    tell.warn(path, `holds an -Xmx, which wins over the heap of ${launch.heapMib} MiB: use heapMib`)
  }
}

/** What the sidecar says to agent.jar itself. */
const OWN_ARGUMENTS: Readonly<Record<string, string>> = {
  '-secret': 'is given by the sidecar, where nobody sees it',
  '-url': 'is given by the sidecar: see JENKINS_AGENT_URL',
  '-jnlpUrl': 'is given by the sidecar: use connection: jnlpUrl',
  '-name': 'is given by the sidecar',
  '-workDir': 'is given by the sidecar: use remoteFs',
  '-webSocket': 'is given by the sidecar: use connection: websocket',
}

function checkAgentArgs({ template: { launch }, tell }: NamedTemplate): void {
  for (const argument of launch.agentArgs) {
    const why = Object.hasOwn(OWN_ARGUMENTS, argument) ? OWN_ARGUMENTS[argument] : undefined
    if (why !== undefined) tell.mistake(['agentArgs'], `${argument} ${why}`)
  }
}

/** As the sidecar names them. */
const OWN_FILES: readonly string[] = ['agent.jar', '.secret']

function checkUris({ input, template: { launch }, tell }: NamedTemplate): void {
  for (const [index, { value, extract, executable, outputFile }] of launch.uris.entries()) {
    const at = ['uris', String(index)]
    // As text or as a map.
    const path = typeof input.uris?.[index] === 'string' ? at : [...at, 'value']
    if (/^[a-z][a-z0-9+.-]*:\/\/[^/@]+:[^/@]+@/i.test(value)) {
      tell.warn(path, 'holds a password, which everybody sees who may read the API of Mesos')
    }
    if (extract && executable) tell.mistake(at, 'cannot be extract and executable: Mesos would not unpack it')
    if (outputFile === undefined) continue
    if (outputFile.startsWith('/') || outputFile.split('/').includes('..')) {
      tell.mistake([...at, 'outputFile'], 'must be within the sandbox: no / at its begin, and no ..')
    }
    if (OWN_FILES.includes(outputFile))
      tell.mistake([...at, 'outputFile'], 'is a file of the sidecar: take another name')
  }
}

function checkWindows({ template: { launch }, tell }: NamedTemplate): void {
  const { commandStyle, secretVia, container } = launch
  if (commandStyle !== 'windows') return
  if (secretVia !== 'environment') {
    tell.mistake(['commandStyle'], 'windows needs secretVia: environment, as its shell cannot hide a file')
  }
  if (container?.type === 'MESOS') tell.mistake(['container', 'type'], 'MESOS is not there on Windows: use DOCKER')
  if (container?.privileged === true) tell.mistake(['container', 'privileged'], 'is not there on Windows')
  if (container?.type === 'DOCKER' && container.network === 'HOST') {
    tell.mistake(['container', 'network'], 'HOST is not there on Windows')
  }
}
