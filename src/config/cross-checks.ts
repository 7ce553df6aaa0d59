import type { Template } from '../core/model.ts'
import type { Config } from './config.ts'
import type { EnvReading } from './env.ts'
import type { Findings } from './findings.ts'
import { hint } from './nearest.ts'
import type { NamedTemplate } from './templates.ts'
import { isLoopback, isLoopbackUrl } from './urls.ts'

const PLACEHOLDERS: readonly string[] = ['jvmArgs', 'jar', 'connection']

type Checked = Pick<Config, 'jenkins' | 'mesos' | 'http' | 'agentHttp'>

/** What holds between settings. A setting with a mistake of its own is not complained about again. */
export function crossCheck(
  config: Checked,
  templates: readonly NamedTemplate[],
  reading: EnvReading,
  findings: Findings,
): void {
  checkJenkins(config, reading, findings)
  checkListeners(config, findings)
  for (const { where, template } of templates) {
    checkLabels(where, template, findings)
    checkCounts(where, template, findings)
    checkScalars(where, template, findings)
    checkCommand(where, template, findings)
    checkContainer(where, template, findings)
    checkMesos(where, template, config, reading, findings)
  }
  const needsUser = config.mesos.kind !== 'embedded' && config.mesos.user === undefined
  if (needsUser && !reading.bad.has('MESOS_USER')) {
    findings.mistake('MESOS_USER is missing: set it to the user that agents run as on the hosts, such as jenkins.')
  }
}

function checkJenkins({ jenkins, mesos }: Checked, { bad }: EnvReading, findings: Findings): void {
  if (jenkins.kind === 'embedded' || bad.has('JENKINS_USER') || bad.has('JENKINS_TOKEN')) return
  if (jenkins.user !== undefined && jenkins.token === undefined) {
    findings.mistake('JENKINS_TOKEN (or JENKINS_TOKEN_FILE) is missing: JENKINS_USER needs its API token.')
  } else if (jenkins.user === undefined && jenkins.token !== undefined) {
    findings.mistake('JENKINS_USER is missing: JENKINS_TOKEN is the API token of a user.')
  } else if (jenkins.user === undefined) {
    findings.warn('JENKINS_USER and JENKINS_TOKEN are not given: Jenkins is called without a login.')
  }
  const reached = jenkins.agentUrl ?? jenkins.url
  if (mesos.kind !== 'embedded' && reached !== undefined && isLoopbackUrl(reached)) {
    const name = jenkins.agentUrl === undefined ? 'JENKINS_URL' : 'JENKINS_AGENT_URL'
    findings.warn(
      `${name} is an address of this machine only: agents on other hosts cannot connect to it. ` +
        'Set JENKINS_AGENT_URL to one that they reach.',
    )
  }
}

function checkListeners({ http, agentHttp, mesos }: Checked, findings: Findings): void {
  if (!isLoopback(http.host) && http.apiToken === undefined) {
    findings.warn(
      'API_TOKEN is not given although HTTP_HOST lets other machines in: anybody there can use the API. Set API_TOKEN, or HTTP_HOST=127.0.0.1.',
    )
  }
  const everywhere = (host: string): boolean => host === '0.0.0.0' || host === '::'
  const overlap = http.host === agentHttp.host || everywhere(http.host) || everywhere(agentHttp.host)
  if (http.port !== 0 && http.port === agentHttp.port && overlap) {
    findings.mistake('HTTP_PORT and AGENT_HTTP_PORT are the same: nothing else may be on the port of the secrets.')
  }
  if (mesos.kind !== 'embedded' && agentHttp.sidecarUrl !== undefined && isLoopbackUrl(agentHttp.sidecarUrl)) {
    findings.warn(
      'SIDECAR_URL is an address of this machine only: other hosts cannot fetch the secrets of agents there.',
    )
  }
}

function checkLabels(where: string, { labels, mode }: Template, findings: Findings): void {
  for (const label of labels) {
    // What Jenkins' label expressions use as signs; a label with one would have to be quoted everywhere.
    if (!/^[^\s&|!<>()"\\]+$/.test(label)) {
      findings.mistake(
        `${where}.labels: ${JSON.stringify(label)} must be without spaces and any of & | ! < > ( ) " \\.`,
      )
    }
  }
  if (labels.length === 0 && mode === 'EXCLUSIVE') {
    findings.mistake(`${where}: without labels and with mode EXCLUSIVE no build can run there; add a label.`)
  }
}

function checkCounts(where: string, template: Template, findings: Findings): void {
  const { executors, oneShot, minIdle, maxAgents, cpus } = template
  if (executors.min > executors.max) findings.mistake(`${where}.executors: min must not be more than max.`)
  if (oneShot && (executors.min !== 1 || executors.max !== 1)) {
    findings.mistake(`${where}.oneShot: means one build an agent, so executors must be 1; leave executors out.`)
  }
  if (minIdle > maxAgents * executors.max) {
    findings.mistake(
      `${where}.minIdle: must not be more than maxAgents * executors.max, here ${maxAgents * executors.max}.`,
    )
  }
  if (cpus.agent + executors.min * cpus.perExecutor < 10) {
    findings.mistake(`${where}.cpus: an agent needs 0.01 CPU or more; Mesos gives no less.`)
  }
}

/** Fields of their own, by the names that Mesos has for them. */
const OWN_FIELDS: Readonly<Record<string, string>> = {
  cpus: 'cpus',
  mem: 'memMib',
  disk: 'diskMib',
  ports: 'ports',
}

function checkScalars(where: string, { scalars }: Template, findings: Findings): void {
  for (const [name, milli] of Object.entries(scalars)) {
    const field = Object.hasOwn(OWN_FIELDS, name) ? OWN_FIELDS[name] : undefined
    if (field !== undefined) findings.mistake(`${where}.scalars: ${name} has a field of its own: use ${field}.`)
    if (name === 'gpus' && milli % 1000 !== 0) findings.mistake(`${where}.scalars: gpus must be a whole number.`)
    if (!/^[A-Za-z0-9_.-]+$/.test(name)) {
      findings.mistake(`${where}.scalars: ${JSON.stringify(name)} is no name for a resource of Mesos.`)
    }
  }
}

function checkCommand(where: string, { launch }: Template, findings: Findings): void {
  // `${NAME}` is the shell's.
  const used = [...launch.command.matchAll(/(?<!\$)\{([a-zA-Z]+)\}/g)].map(([, name = '']) => name)
  for (const name of new Set(used)) {
    if (PLACEHOLDERS.includes(name)) continue
    const known = PLACEHOLDERS.map((each) => `{${each}}`).join(', ')
    findings.mistake(`${where}.agentCommand: {${name}} is not known${hint(name, PLACEHOLDERS)}; known are ${known}.`)
  }
  if (!used.includes('connection')) {
    findings.mistake(`${where}.agentCommand: {connection} is missing: an agent cannot connect without it.`)
  }
  for (const name of Object.keys(launch.environment)) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      findings.mistake(`${where}.environment: ${JSON.stringify(name)} is no name for a variable.`)
    }
  }
}

function checkContainer(where: string, { launch: { container } }: Template, findings: Findings): void {
  if (container?.type !== 'MESOS') return
  if (container.privileged) findings.mistake(`${where}.container.privileged: is for type DOCKER only.`)
  if (container.parameters.length > 0) findings.mistake(`${where}.container.parameters: are for type DOCKER only.`)
}

function checkMesos(where: string, template: Template, config: Checked, { bad }: EnvReading, findings: Findings): void {
  const { mesos, agentHttp } = config
  if (!bad.has('MESOS_ROLES') && !mesos.roles.includes(template.role)) {
    findings.mistake(`${where}.role: ${JSON.stringify(template.role)} is not in MESOS_ROLES; add it there.`)
  }
  if (template.launch.secretVia === 'environment') {
    findings.warn(
      `${where}.secretVia: environment shows the secret of each agent to everybody who may read the API of the Mesos agents.`,
    )
  } else if (mesos.kind !== 'embedded' && agentHttp.sidecarUrl === undefined && !bad.has('SIDECAR_URL')) {
    findings.mistake(
      'SIDECAR_URL is missing: hosts fetch the secrets of agents there, such as http://this-host:8091. Where they ' +
        'cannot reach this machine, set secretVia: environment in the template (AGENT_SECRET_VIA), which is visible.',
    )
  }
}
