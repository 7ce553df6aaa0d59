import type { Caps, Instant } from '../core/model.ts'
import { toMilli } from '../core/resources.ts'
import { readTokens } from './access-tokens.ts'
import type {
  AgentHttpConfig,
  Config,
  ConfigReading,
  Fallback,
  JenkinsConfig,
  MesosConfig,
  StateConfig,
} from './config.ts'
import { readCredentials } from './credentials.ts'
import { crossCheck } from './cross-checks.ts'
import { crossCheckSecurity } from './cross-checks-security.ts'
import { isZooKeeper, readEnsemble } from './ensembles.ts'
import { type EnvReading, given, type ReadFile, readEnv, type Variables } from './env.ts'
import { Findings } from './findings.ts'
import { derive, withDerived } from './pod.ts'
import { readPlugin } from './read-plugin.ts'
import { resolveReferences } from './references.ts'
import { isRole } from './roles.ts'
import type { SettingName } from './settings.ts'
import { readStateUrl } from './state-url.ts'
import { readTemplates } from './templates.ts'
import { readServerTls, readTls, type TlsSource } from './tls-files.ts'
import { toldAddresses } from './told-addresses.ts'
import { readHttpUrl, readMasters } from './urls.ts'

const DEFAULT_FOLDER = '.state'

/**
 * The whole configuration, or every mistake in it at once. Never throws for what is in the variables or files, and
 * no message holds a secret's value.
 * @param now without it the dates of certificates are not looked at
 */
export function readConfig(variables: Variables, readFile: ReadFile, now?: Instant): ConfigReading {
  const findings = new Findings()
  const resolved = resolveReferences(variables, findings)
  const derived = derive(resolved.variables)
  const plugin = readPlugin(withDerived(resolved.variables, derived), readFile, findings)
  const env = readEnv(plugin.variables, readFile, findings)
  const bad = new Set<SettingName>([...env.bad, ...resolved.bad])
  const reading: EnvReading = { ...env, bad }
  const tls = { reading, readFile, now, findings }
  const jenkins = { ...readJenkins(reading, bad, findings), tls: readTls('JENKINS', tls) }
  const mesos = {
    ...readMesos(reading, bad, findings),
    credentials: readCredentials(reading, readFile, findings),
    tls: readTls('MESOS', tls),
  }
  const zookeeperTls = readTls('ZOOKEEPER', tls)
  const state = readState(reading, bad, findings)
  const agentHttp = readAgentHttp(reading, bad, mesos, findings)
  const fallback = readFallback(tls, bad, variables)
  const named = readTemplates(
    reading,
    {
      role: mesos.roles[0] ?? '*',
      connectTimeoutSeconds: env.env.CONNECT_TIMEOUT_SECONDS,
      jenkinsEmbedded: jenkins.kind === 'embedded',
    },
    readFile,
    findings,
    plugin.templates,
  )
  const caps = readCaps(reading)
  const checked = { jenkins, mesos, zookeeperTls, state, http: fallback.http, agentHttp, caps }
  crossCheck(checked, named, reading, findings)
  crossCheckSecurity(checked, reading, findings)
  const { mistakes, warnings, files } = findings
  if (mistakes.length > 0) return deepFreeze({ ok: false, mistakes, warnings, files, fallback })
  const bothEmbedded = jenkins.kind === 'embedded' && mesos.kind === 'embedded'
  const config: Config = {
    jenkins,
    mesos,
    zookeeperTls,
    state,
    stateFolder: state.kind === 'file' ? state.folder : DEFAULT_FOLDER,
    templates: named.map(({ template }) => template),
    caps,
    launchRate: { burst: env.env.LAUNCH_BURST, perSecond: env.env.LAUNCH_RATE_PER_SECOND },
    ...fallback,
    agentHttp,
    told: toldAddresses(variables, resolved, derived, { jenkins, agentHttp }),
    // What a demo leaves running would be processes that nobody knows of.
    shutdownPolicy: env.env.SHUTDOWN_POLICY ?? (bothEmbedded ? 'kill' : 'leave'),
    dryRun: env.env.DRY_RUN,
  }
  return deepFreeze({ ok: true, config, warnings, files })
}

function readJenkins(
  { env, secrets }: EnvReading,
  bad: Set<SettingName>,
  findings: Findings,
): Omit<JenkinsConfig, 'tls'> {
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

function readMesos(
  { env }: EnvReading,
  bad: Set<SettingName>,
  findings: Findings,
): Omit<MesosConfig, 'credentials' | 'tls'> {
  const common = {
    masters: [],
    ensemble: undefined,
    scheme: (env.MESOS_TLS ?? env.MESOS_CA_FILE !== undefined) ? 'https' : 'http',
    roles: readRoles(env.MESOS_ROLES, bad, findings),
    user: env.MESOS_USER,
    frameworkName: env.MESOS_FRAMEWORK_NAME,
    failoverTimeoutSeconds: env.MESOS_FAILOVER_TIMEOUT_SECONDS,
  } as const
  if (env.MESOS_MASTER === 'embedded') return { kind: 'embedded', ...common, scheme: 'http' }
  if (isZooKeeper(env.MESOS_MASTER)) {
    const ensemble = readEnsemble('MESOS_MASTER', env.MESOS_MASTER, findings)
    if (ensemble === undefined) bad.add('MESOS_MASTER')
    return { kind: 'zookeeper', ...common, ensemble }
  }
  const masters = readMasters('MESOS_MASTER', env.MESOS_MASTER, findings)
  if (masters === undefined) bad.add('MESOS_MASTER')
  const https = env.MESOS_TLS ?? (masters?.some((master) => master.startsWith('https:')) || false)
  return { kind: 'masters', ...common, masters: masters ?? [], scheme: https ? 'https' : 'http' }
}

function readRoles(text: string, bad: Set<SettingName>, findings: Findings): readonly string[] {
  const roles = [...new Set(text.split(',').map((role) => role.trim()))].filter((role) => role !== '')
  if (roles.length > 0 && roles.every(isRole)) return roles
  findings.mistake('MESOS_ROLES must be * or names of roles with commas between them, such as jenkins,ci/builds.')
  bad.add('MESOS_ROLES')
  return ['*']
}

function readState({ env }: EnvReading, bad: Set<SettingName>, findings: Findings): StateConfig {
  const state = readStateUrl('STATE_URL', env.STATE_URL, findings)
  if (state !== undefined) return state
  bad.add('STATE_URL')
  return { kind: 'file', folder: DEFAULT_FOLDER }
}

function readAgentHttp(
  { env }: EnvReading,
  bad: Set<SettingName>,
  mesos: Pick<MesosConfig, 'kind'>,
  findings: Findings,
): AgentHttpConfig {
  const given = env.SIDECAR_URL
  const sidecarUrl = given === undefined ? undefined : readHttpUrl('SIDECAR_URL', given, findings)
  if (given !== undefined && sidecarUrl === undefined) bad.add('SIDECAR_URL')
  const host = env.AGENT_HTTP_HOST ?? (mesos.kind === 'embedded' ? '127.0.0.1' : '0.0.0.0')
  return { host, port: env.AGENT_HTTP_PORT, sidecarUrl }
}

function readFallback(source: TlsSource, bad: Set<SettingName>, variables: Variables): Fallback {
  const { reading, findings } = source
  const { env } = reading
  const publicUrl = env.PUBLIC_URL === undefined ? undefined : readHttpUrl('PUBLIC_URL', env.PUBLIC_URL, findings)
  if (env.PUBLIC_URL !== undefined && publicUrl === undefined) bad.add('PUBLIC_URL')
  return {
    http: {
      host: env.HTTP_HOST,
      port: env.HTTP_PORT,
      tokens: readTokens(reading, findings),
      publicUrl,
      tls: readServerTls(source),
    },
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
