import type { Caps } from '../core/model.ts'
import { toMilli } from '../core/resources.ts'
import type { AgentHttpConfig, Config, ConfigReading, Fallback, JenkinsConfig, MesosConfig } from './config.ts'
import { crossCheck } from './cross-checks.ts'
import { type EnvReading, given, type ReadFile, readEnv, type Variables } from './env.ts'
import { Findings } from './findings.ts'
import type { SettingName } from './settings.ts'
import { readTemplates } from './templates.ts'
import { readHttpUrl, readMasters } from './urls.ts'

/**
 * The whole configuration, or every mistake in it at once. Never throws for what is in the variables or files, and
 * no message holds a secret's value.
 */
export function readConfig(variables: Variables, readFile: ReadFile): ConfigReading {
  const findings = new Findings()
  const env = readEnv(variables, readFile, findings)
  const bad = new Set<SettingName>(env.bad)
  const reading: EnvReading = { ...env, bad }
  const jenkins = readJenkins(reading, bad, findings)
  const mesos = readMesos(reading, bad, findings)
  const stateFolder = readStateFolder(env.env.STATE_URL, findings)
  const agentHttp = readAgentHttp(reading, bad, mesos, findings)
  const fallback = readFallback(reading, variables)
  const named = readTemplates(
    reading,
    {
      role: mesos.roles[0] ?? '*',
      connectTimeoutSeconds: env.env.CONNECT_TIMEOUT_SECONDS,
      jenkinsEmbedded: jenkins.kind === 'embedded',
    },
    readFile,
    findings,
  )
  crossCheck({ jenkins, mesos, http: fallback.http, agentHttp }, named, reading, findings)
  const { mistakes, warnings, files } = findings
  if (mistakes.length > 0) return deepFreeze({ ok: false, mistakes, warnings, files, fallback })
  const bothEmbedded = jenkins.kind === 'embedded' && mesos.kind === 'embedded'
  const config: Config = {
    jenkins,
    mesos,
    stateUrl: env.env.STATE_URL,
    stateFolder,
    templates: named.map(({ template }) => template),
    caps: readCaps(reading),
    ...fallback,
    agentHttp,
    // What a demo leaves running would be processes that nobody knows of.
    shutdownPolicy: env.env.SHUTDOWN_POLICY ?? (bothEmbedded ? 'kill' : 'leave'),
    dryRun: env.env.DRY_RUN,
  }
  return deepFreeze({ ok: true, config, warnings, files })
}

function readJenkins({ env, secrets }: EnvReading, bad: Set<SettingName>, findings: Findings): JenkinsConfig {
  const embedded = env.JENKINS_URL === 'embedded'
  const common = { user: env.JENKINS_USER, token: secrets.JENKINS_TOKEN, pollIntervalMs: env.POLL_INTERVAL_MS }
  const readUrl = (name: 'JENKINS_URL' | 'JENKINS_AGENT_URL', text: string | undefined): string | undefined => {
    if (text === undefined) return undefined
    const url = readHttpUrl(name, text, findings)
    if (url === undefined) bad.add(name)
    return url
  }
  const agentUrl = readUrl('JENKINS_AGENT_URL', env.JENKINS_AGENT_URL)
  if (embedded) return { kind: 'embedded', url: undefined, agentUrl, ...common }
  return { kind: 'url', url: readUrl('JENKINS_URL', env.JENKINS_URL), agentUrl, ...common }
}

function readMesos({ env }: EnvReading, bad: Set<SettingName>, findings: Findings): MesosConfig {
  const common = {
    roles: readRoles(env.MESOS_ROLES, bad, findings),
    user: env.MESOS_USER,
    frameworkName: env.MESOS_FRAMEWORK_NAME,
    failoverTimeoutSeconds: env.MESOS_FAILOVER_TIMEOUT_SECONDS,
  }
  if (env.MESOS_MASTER === 'embedded') return { kind: 'embedded', masters: [], ...common }
  if (/^zk:/i.test(env.MESOS_MASTER)) {
    findings.mistake(
      'MESOS_MASTER=zk://… is not supported yet in this version: give the masters themselves, http://a:5050,b:5050.',
    )
    bad.add('MESOS_MASTER')
    return { kind: 'masters', masters: [], ...common }
  }
  const masters = readMasters('MESOS_MASTER', env.MESOS_MASTER, findings)
  if (masters === undefined) bad.add('MESOS_MASTER')
  return { kind: 'masters', masters: masters ?? [], ...common }
}

/** Mesos' own rules for the name of a role. */
function readRoles(text: string, bad: Set<SettingName>, findings: Findings): readonly string[] {
  const roles = [...new Set(text.split(',').map((role) => role.trim()))].filter((role) => role !== '')
  if (roles.length > 0 && roles.every(isRole)) return roles
  findings.mistake('MESOS_ROLES must be * or names of roles with commas between them, such as jenkins,ci/builds.')
  bad.add('MESOS_ROLES')
  return ['*']
}

function isRole(role: string): boolean {
  return (
    role === '*' ||
    role.split('/').every((part) => /^[^\s\p{Cc}*/-][^\s\p{Cc}*/]*$/u.test(part) && !/^\.\.?$/.test(part))
  )
}

function readStateFolder(url: string, findings: Findings): string {
  const folder = /^file:(?:\/\/(?=\/))?(.+)$/s.exec(url)?.[1]
  if (/^zk:/i.test(url)) {
    findings.mistake('STATE_URL=zk://… is not supported yet in this version: give a folder, file:/var/lib/sidecar.')
  } else if (folder === undefined || folder.startsWith('//') || folder.includes('\0')) {
    findings.mistake('STATE_URL must be file: and a folder, such as file:.state or file:/var/lib/sidecar.')
  } else return folder
  return '.state'
}

function readAgentHttp(
  { env }: EnvReading,
  bad: Set<SettingName>,
  mesos: MesosConfig,
  findings: Findings,
): AgentHttpConfig {
  const given = env.SIDECAR_URL
  const sidecarUrl = given === undefined ? undefined : readHttpUrl('SIDECAR_URL', given, findings)
  if (given !== undefined && sidecarUrl === undefined) bad.add('SIDECAR_URL')
  const host = env.AGENT_HTTP_HOST ?? (mesos.kind === 'embedded' ? '127.0.0.1' : '0.0.0.0')
  return { host, port: env.AGENT_HTTP_PORT, sidecarUrl }
}

function readFallback({ env, secrets }: EnvReading, variables: Variables): Fallback {
  return {
    http: { host: env.HTTP_HOST, port: env.HTTP_PORT, apiToken: secrets.API_TOKEN },
    // A container that ends badly takes the whole pod with it, Jenkins included.
    stay: env.STAY ?? given(variables, 'MARATHON_APP_ID') !== undefined,
    logLevel: env.LOG_LEVEL,
  }
}

function readCaps({ env }: EnvReading): Caps {
  return {
    maxAgents: env.MAX_AGENTS,
    maxCpus: env.MAX_CPUS === undefined ? undefined : toMilli(env.MAX_CPUS),
    maxMem: env.MAX_MEM_MIB === undefined ? undefined : toMilli(env.MAX_MEM_MIB),
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const each of Object.values(value)) deepFreeze(each)
  }
  return value
}
