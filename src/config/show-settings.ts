import { showEnsemble } from '../core/ensemble.ts'
import type { Config } from './config.ts'
import { given, type Variables } from './env.ts'
import { Findings } from './findings.ts'
import { hideInText } from './hide.ts'
import { type Derived, derive } from './pod.ts'
import { resolveReferences } from './references.ts'
import { IN_FILES, SECRETS, SETTINGS } from './settings.ts'

/** A setting in effect, as people may see it. */
export interface ShownSetting {
  readonly name: string
  /** As given, or the default; `undefined`: none. */
  readonly value: string | undefined
  readonly source: 'environment' | 'file' | 'default' | 'import' | 'pod'
  readonly secret: boolean
  readonly description: string
}

const SET = 'set, not shown'

/** Every setting, in the order of the manual. Of what holds a secret only that it is set; addresses without passwords. */
export function showSettings(variables: Variables, config: Config): readonly ShownSetting[] {
  const resolved = resolveReferences(variables, new Findings())
  const derived: Readonly<Record<string, Derived | undefined>> = derive(resolved.variables)
  const imports = given(variables, 'JENKINS_CONFIG_XML') !== undefined
  const imported = imports ? importedIn(config) : {}
  return SETTINGS.filter(({ name }) => !isFileOf(name)).map(({ name, default: words, description }) => {
    const secret = (SECRETS as readonly string[]).includes(name)
    const text = given(resolved.variables, name)
    const show = (value: string): string => (secret ? SET : (addressOf(name, config) ?? shown(name, value)))
    const shared = { name, secret, description }
    if (text !== undefined) return { ...shared, value: show(text), source: 'environment' }
    if (given(variables, `${name}_FILE`) !== undefined && isInFile(name)) {
      return { ...shared, value: show(''), source: 'file' }
    }
    const byMarathon = derived[name]
    if (byMarathon !== undefined) return { ...shared, value: show(byMarathon.value), source: 'pod' }
    const fromPlugin = imported[name]
    if (fromPlugin !== undefined) return { ...shared, value: show(fromPlugin), source: 'import' }
    return { ...shared, value: words === '' ? undefined : words, source: 'default' }
  })
}

function shown(name: string, value: string): string {
  // They stand in the list of templates, without their secrets.
  return name === 'TEMPLATES' ? 'set, see the templates' : hideInText(value)
}

/** What may hold a password is never shown as it was given. */
function addressOf(name: string, { mesos, state }: Config): string | undefined {
  if (name === 'MESOS_MASTER') {
    if (mesos.kind === 'embedded') return 'embedded'
    return mesos.ensemble === undefined ? mesos.masters.join(',') : showEnsemble(mesos.ensemble)
  }
  if (name === 'STATE_URL') return state.kind === 'file' ? `file:${state.folder}` : showEnsemble(state.ensemble)
  return undefined
}

/** What the Mesos plugin's configuration stands for where no variable says otherwise. */
function importedIn({ jenkins, mesos, agentHttp }: Config): Readonly<Record<string, string | undefined>> {
  const { credentials, roles } = mesos
  const isBasic = credentials.kind === 'basic'
  return {
    JENKINS_URL: jenkins.url,
    MESOS_MASTER: mesos.kind === 'embedded' ? undefined : SET,
    MESOS_ROLES: roles.join(','),
    MESOS_USER: mesos.user,
    MESOS_FRAMEWORK_NAME: mesos.frameworkName,
    MESOS_PRINCIPAL: isBasic ? credentials.principal : undefined,
    MESOS_SECRET: isBasic ? SET : undefined,
    SIDECAR_URL: agentHttp.sidecarUrl,
  }
}

function isInFile(name: string): boolean {
  return (IN_FILES as readonly string[]).includes(name)
}

function isFileOf(name: string): boolean {
  return name.endsWith('_FILE') && isInFile(name.slice(0, -'_FILE'.length))
}
