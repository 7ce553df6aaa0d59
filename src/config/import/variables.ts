import type { SettingName } from '../settings.ts'
import { isPlaceholder } from './placeholders.ts'
import type { Sidecar } from './sidecars.ts'

export type VariableName = SettingName | 'JENKINS_TOKEN_FILE' | 'MESOS_SECRET_FILE'

export interface Variable {
  readonly name: VariableName
  /** `undefined`: a person must fill it in. */
  readonly value: string | undefined
  /** Where it comes from, or what to fill in. */
  readonly words: string
  /** Without it a demo would be started, and nobody asked for one. */
  readonly isElseEmbedded: boolean
}

const AGENT_HTTP_PORT = 8091
const HTTP_PORT = 8090

/** The environment of a sidecar, as far as the plugin's configuration says it. */
export function variablesOf(sidecar: Sidecar): readonly Variable[] {
  const { number, master, roles, user, frameworkName, jenkinsUrl } = sidecar
  const isFirst = number === 1
  const ports = 2 * (number - 1)
  const add = (name: VariableName, value: string | undefined, words: string, isElseEmbedded = false): Variable => ({
    name,
    value: value === undefined || isPlaceholder(value) ? undefined : value,
    words,
    isElseEmbedded,
  })
  const sidecarUrl =
    jenkinsUrl === undefined || isPlaceholder(jenkinsUrl)
      ? undefined
      : `http://${new URL(jenkinsUrl).hostname}:${AGENT_HTTP_PORT + ports}`
  return [
    add('JENKINS_URL', jenkinsUrl, 'jenkinsURL: Jenkins with its context path', true),
    add('JENKINS_USER', undefined, 'user of the sidecar in Jenkins; docs/jenkins.md says which rights it needs'),
    add('JENKINS_TOKEN_FILE', undefined, 'file with the API token of that user'),
    add('MESOS_MASTER', master, 'master', true),
    add('MESOS_ROLES', roles.join(','), 'role'),
    add('MESOS_USER', user, 'slavesUser or agentUser: user of the hosts that agents run as'),
    add('MESOS_FRAMEWORK_NAME', frameworkName ?? 'jenkins', 'frameworkName'),
    ...loginOf(sidecar, add),
    add(
      'SIDECAR_URL',
      sidecarUrl,
      'how hosts reach this sidecar, to fetch the secrets of agents: a guess, the host of jenkinsURL',
    ),
    ...(isFirst
      ? []
      : [
          add('HTTP_PORT', String(HTTP_PORT + ports), 'another one than that of the first sidecar'),
          add('AGENT_HTTP_PORT', String(AGENT_HTTP_PORT + ports), 'another one than that of the first sidecar'),
        ]),
    add(
      'STATE_URL',
      isFirst ? 'file:.state' : `file:.state-${number}`,
      'keep it on a disk that lives as long as Jenkins',
    ),
    add('TEMPLATES_FILE', 'templates.yaml', 'beside this file: start there, or write the whole path'),
    add('MAX_AGENTS', '50', 'the plugin had no cap'),
  ]
}

function loginOf(
  { login }: Sidecar,
  add: (name: VariableName, value: string | undefined, words: string) => Variable,
): readonly Variable[] {
  if (login.kind === 'none') return []
  if (login.kind === 'plain') {
    return [add('MESOS_PRINCIPAL', login.principal, 'principal'), add('MESOS_SECRET', login.secret, 'secret')]
  }
  return [
    add('MESOS_PRINCIPAL', undefined, `user name of the credential ${login.id} in Jenkins`),
    add('MESOS_SECRET_FILE', undefined, 'file with the password of that credential'),
  ]
}
