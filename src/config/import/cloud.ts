import { Findings } from '../findings.ts'
import { isRole } from '../roles.ts'
import { readHttpUrl } from '../urls.ts'
import type { Draft } from './draft.ts'
import { readMaster } from './master.ts'
import { isPlaceholder } from './placeholders.ts'
import type { RawCloud } from './read-clouds.ts'
import { hidePasswords, type Report } from './report.ts'
import { Section } from './section.ts'
import { readFirstTemplate } from './template-first.ts'
import { readSecondTemplate } from './template-second.ts'

/** A Mesos cloud, read: settings that a sidecar has once, and templates. `undefined`: a person must say it. */
export interface Cloud {
  readonly where: string
  readonly generation: '1.x' | '2.x'
  /** As MESOS_MASTER takes it. */
  readonly master: string | undefined
  readonly frameworkName: string | undefined
  readonly role: string
  readonly user: string | undefined
  readonly jenkinsUrl: string | undefined
  readonly login: Login
  readonly drafts: readonly Draft[]
}

export type Login =
  | { readonly kind: 'none' }
  /** A credential of Jenkins, which nobody can read from outside. */
  | { readonly kind: 'stored'; readonly id: string }
  | { readonly kind: 'plain'; readonly principal: string; readonly secret: string }

/** @param number counted from 1 over the Mesos clouds of the file */
export function readCloud(raw: RawCloud, number: number, report: Report): Cloud {
  const where = `cloud ${number}`
  const section = new Section(raw.field, where, report)
  const isFirst = raw.generation === '1.x'
  const written = section.text('master') ?? section.text('mesosMasterUrl')
  const master = written === undefined ? undefined : readMaster(written)
  for (const name of ['master', 'mesosMasterUrl']) {
    if (written === undefined || master === undefined) {
      section.lost(name, 'it is no address of a Mesos master: MESOS_MASTER must be filled in')
    } else if (master === written) section.taken(name, 'MESOS_MASTER')
    else
      section.changed(name, `MESOS_MASTER=${hidePasswords(master)}: the HTTP API is used, there is no native library`)
  }
  const frameworkName = section.text('frameworkName')
  section.taken('frameworkName', 'MESOS_FRAMEWORK_NAME')
  const role = readRole(section)
  const user = readUser(section, isFirst)
  const login = readLogin(section)
  const jenkinsUrl = readJenkinsUrl(section, raw.jenkinsUrl)
  tellNeedless(section)
  readDecline(section)
  const list = isFirst ? 'slaveInfos' : 'mesosAgentSpecTemplates'
  const read = isFirst ? readFirstTemplate : readSecondTemplate
  const infos = section.items(list)
  section.rest()
  if (isFirst) tellCommand(section)
  const drafts = infos.map((field, index) => {
    const label = (field.children.find(({ name }) => name === 'labelString' || name === 'label')?.text ?? '').slice(
      0,
      60,
    )
    return read(field, `${where}, template ${index + 1}${label === '' ? '' : ` (${label})`}`, report)
  })
  return { where, generation: raw.generation, master, frameworkName, role, user, jenkinsUrl, login, drafts }
}

/** @param location where Jenkins itself says that it is reached */
function readJenkinsUrl(section: Section, location: string | undefined): string | undefined {
  const name = 'jenkinsURL'
  const own = section.text(name)
  const text = own ?? location
  const url = text === undefined || isPlaceholder(text) ? undefined : readHttpUrl('', text, new Findings())
  if (url !== undefined && own !== undefined) section.taken(name, 'JENKINS_URL')
  else if (url !== undefined) section.item(name, text ?? '', 'taken', 'JENKINS_URL, from unclassified.location.url')
  else if (text === undefined) section.item(name, '', 'no equal', 'it is empty: JENKINS_URL must be filled in')
  else section.lost(name, 'it is no address that can be called: JENKINS_URL must be filled in')
  return url === undefined ? undefined : text
}

function readRole(section: Section): string {
  const role = section.text('role') ?? '*'
  if (isRole(role) && !isPlaceholder(role)) {
    section.taken('role', role === '*' ? 'MESOS_ROLES=*, the default' : 'MESOS_ROLES')
    return role
  }
  section.lost('role', 'it is no name of a role of Mesos: * is taken; set MESOS_ROLES')
  return '*'
}

function readUser(section: Section, isFirst: boolean): string | undefined {
  const user = section.text('agentUser') ?? section.text('slavesUser')
  for (const name of ['agentUser', 'slavesUser']) {
    if (user !== undefined && isPlaceholder(user))
      section.lost(name, 'only Jenkins knows it: MESOS_USER must be filled in')
    else if (user !== undefined) section.taken(name, 'MESOS_USER')
    else if (isFirst) section.lost(name, 'empty was the user of the Jenkins process: MESOS_USER must be filled in')
    else section.changed(name, 'MESOS_USER=nobody, as the plugin took it')
  }
  if (user !== undefined && isPlaceholder(user)) return undefined
  return user ?? (isFirst ? undefined : 'nobody')
}

function readLogin(section: Section): Login {
  const id = section.text('credentialsId')
  const principal = section.text('principal')
  const secret = section.text('secret')
  // Jenkins encrypts what it calls a secret.
  const isPlain = secret !== undefined && !/^\{[A-Za-z0-9+/=]+\}$/.test(secret)
  section.taken('principal', 'MESOS_PRINCIPAL')
  section.hidden(
    'secret',
    isPlain ? 'taken' : 'no equal',
    isPlain ? 'MESOS_SECRET' : 'it is encrypted: MESOS_SECRET_FILE must be filled in',
  )
  if (id !== undefined) {
    section.lost(
      'credentialsId',
      'only Jenkins can read it: MESOS_PRINCIPAL (its user) and MESOS_SECRET_FILE (its password) must be filled in',
    )
    return { kind: 'stored', id }
  }
  section.taken('credentialsId', 'no login')
  if (principal === undefined) return { kind: 'none' }
  return isPlain ? { kind: 'plain', principal, secret } : { kind: 'stored', id: principal }
}

const NEEDLESS: Readonly<Record<string, string>> = {
  nativeLibraryPath: 'there is no native code, Mesos is called over HTTP',
  name: 'clouds have no names here',
  description: 'a text that nothing used',
  cloudID: 'the framework has an id of its own, kept in STATE_URL',
  frameworkId: 'it belongs to the framework of the plugin; this one gets an id of its own, kept in STATE_URL',
  checkpoint: 'it is always on: agents outlive a restart of a Mesos agent',
  onDemandRegistration: 'it stays registered, and takes no offers while nothing waits',
  nfsRemoteFSRoot: 'workspaces are shared or not as the hosts have it; a folder in the sandbox never is',
  enableMetricsHealthcheck: 'GET /health/ready says it, apart from the health of Jenkins',
}

function tellNeedless(section: Section): void {
  for (const [name, words] of Object.entries(NEEDLESS)) section.needless(name, words)
}

/** Written as milliseconds once, and taken as seconds ever since. */
function readDecline(section: Section): void {
  const name = 'declineOfferDuration'
  const now =
    'No setting is needed: hosts short of room are refused for 5 s, hosts that can never serve for 300 s, and no offers come while nothing waits'
  const value = Number(section.text(name) ?? '600')
  if (!(value >= 1000)) {
    section.needless(name, now)
    return
  }
  const days = Math.round((value / 86_400) * 10) / 10
  section.changed(
    name,
    `${value} ms / 1000 = ${value / 1000} s were meant; the plugin took it for seconds and refused hosts for ${days} days. ${now}`,
  )
}

/** What stood in the plugin itself, and is another thing now. */
function tellCommand(section: Section): void {
  section.note(
    'slave.jar is agent.jar now, and -jnlpUrl is -url, -name and -webSocket where Jenkins knows them; -server and -DHUDSON_HOME are not passed on',
  )
}
