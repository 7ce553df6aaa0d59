import { messageOf } from '../core/code-of.ts'
import { given, type ReadFile, type Variables } from './env.ts'
import type { Findings } from './findings.ts'
import { type Imported, type ImportedSidecar, importConfiguration } from './import/import-configuration.ts'
import { notesOf } from './import/report.ts'
import { sameMaster } from './import/sidecars.ts'
import type { VariableName } from './import/variables.ts'

/** What the plugin's configuration may stand for. All else in a `sidecar.env` is for people. */
const TAKEN: readonly VariableName[] = [
  'JENKINS_URL',
  'MESOS_MASTER',
  'MESOS_ROLES',
  'MESOS_USER',
  'MESOS_FRAMEWORK_NAME',
  'MESOS_PRINCIPAL',
  'MESOS_SECRET',
  'SIDECAR_URL',
]
/** One login: from the variables or from the plugin, never a part of each. */
const LOGIN: readonly string[] = ['MESOS_PRINCIPAL', 'MESOS_SECRET', 'DCOS_SERVICE_ACCOUNT_CREDENTIAL']

export interface PluginReading {
  /** Those that were given, and for others what the plugin says. */
  readonly variables: Variables
  /** As YAML; `undefined` where there is none to read, or none that can be read. */
  readonly templates: string | undefined
}

/** JENKINS_CONFIG_XML: the Mesos plugin's configuration as templates, and as defaults of variables. */
export function readPlugin(variables: Variables, readFile: ReadFile, findings: Findings): PluginReading {
  const path = given(variables, 'JENKINS_CONFIG_XML')
  if (path === undefined) return { variables, templates: undefined }
  findings.file(path)
  let imported: Imported
  try {
    imported = importConfiguration(readFile(path))
  } catch (thrown) {
    // In a new pod Jenkins has yet to write it: it is read again when it is there.
    findings.mistake(`JENKINS_CONFIG_XML cannot be used: ${messageOf(thrown).replace(/\.$/, '')}.`)
    return { variables, templates: undefined }
  }
  const sidecar = choose(imported.sidecars, variables, findings)
  for (const note of notesOf(imported.lines)) findings.warn(`JENKINS_CONFIG_XML: ${note.replace(/\.$/, '')}.`)
  return { variables: withDefaults(variables, sidecar, findings), templates: sidecar.templates }
}

function choose(sidecars: readonly ImportedSidecar[], variables: Variables, findings: Findings): ImportedSidecar {
  const [first] = sidecars
  if (first === undefined) throw new Error('an import without a sidecar')
  if (sidecars.length === 1) return first
  const wanted = given(variables, 'MESOS_MASTER')
  const masterOf = ({ variables: each }: ImportedSidecar): string | undefined =>
    each.find(({ name }) => name === 'MESOS_MASTER')?.value
  const chosen = sidecars.find(
    (each) => wanted !== undefined && sameMaster(masterOf(each) ?? '') === sameMaster(wanted),
  )
  findings.warn(
    `JENKINS_CONFIG_XML has Mesos clouds of ${sidecars.length} masters, and a sidecar serves one: ` +
      `cloud templates ${(chosen ?? first).templateNames.join(', ')} are used. Start another one with MESOS_MASTER of the others.`,
  )
  return chosen ?? first
}

function withDefaults(variables: Variables, sidecar: ImportedSidecar, findings: Findings): Variables {
  const isGiven = (name: string): boolean =>
    given(variables, name) !== undefined || given(variables, `${name}_FILE`) !== undefined
  const hasLogin = LOGIN.some(isGiven)
  const defaults: Record<string, string> = {}
  for (const { name, value, isElseEmbedded } of sidecar.variables) {
    if (!TAKEN.includes(name) || isGiven(name) || (hasLogin && LOGIN.includes(name))) continue
    if (value !== undefined) defaults[name] = value
    else if (isElseEmbedded) {
      findings.mistake(`${name} is missing: the plugin's configuration does not say it. Set it.`)
    }
  }
  return { ...variables, ...defaults }
}
