import type { Config } from './config.ts'
import type { EnvReading } from './env.ts'
import type { Findings } from './findings.ts'
import { checkTemplates } from './template-checks.ts'
import type { NamedTemplate } from './templates.ts'
import { isLoopback, isLoopbackUrl } from './urls.ts'

type Checked = Pick<Config, 'jenkins' | 'mesos' | 'http' | 'agentHttp' | 'caps'>

/** What holds between settings. A setting with a mistake of its own is not complained about again. */
export function crossCheck(
  config: Checked,
  templates: readonly NamedTemplate[],
  reading: EnvReading,
  findings: Findings,
): void {
  checkJenkins(config, reading, findings)
  checkListeners(config, reading, findings)
  checkTemplates(templates, config, reading, findings)
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

function checkListeners({ http, agentHttp, mesos }: Checked, { bad }: EnvReading, findings: Findings): void {
  if (!isLoopback(http.host) && http.tokens.length === 0 && !bad.has('API_TOKEN')) {
    findings.warn(
      'API_TOKEN is not given although HTTP_HOST lets other machines in: all that they get is health and a page without data, no /metrics. Set API_TOKEN, or HTTP_HOST=127.0.0.1.',
    )
  }
  if (http.publicUrl !== undefined && http.tokens.length === 0 && !bad.has('API_TOKEN')) {
    findings.warn('API_TOKEN is not given although PUBLIC_URL is: nobody gets more than health. Set API_TOKEN.')
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
