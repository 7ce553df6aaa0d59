import type { Config, ToldAddresses } from './config.ts'
import { given, type Variables } from './env.ts'
import type { Derivations } from './pod.ts'
import type { Resolved } from './references.ts'

/** @param variables as they were given */
export function toldAddresses(
  variables: Variables,
  { used }: Resolved,
  derived: Derivations,
  { jenkins, agentHttp }: Pick<Config, 'jenkins' | 'agentHttp'>,
): ToldAddresses {
  const sourcesOf = (name: 'JENKINS_URL' | 'JENKINS_AGENT_URL' | 'SIDECAR_URL'): readonly string[] => {
    if (given(variables, name) !== undefined) return [name, ...(used.get(name) ?? [])]
    const by = name === 'JENKINS_URL' ? undefined : derived[name]
    return by?.from ?? ['JENKINS_CONFIG_XML']
  }
  const url = jenkins.agentUrl ?? jenkins.url
  const name = jenkins.agentUrl === undefined ? 'JENKINS_URL' : 'JENKINS_AGENT_URL'
  const { sidecarUrl } = agentHttp
  return {
    agents: url === undefined ? undefined : { url, from: sourcesOf(name) },
    hosts: sidecarUrl === undefined ? undefined : { url: sidecarUrl, from: sourcesOf('SIDECAR_URL') },
    isPlace: url !== undefined && isPlace(url, variables),
  }
}

function isPlace(url: string, variables: Variables): boolean {
  const host = given(variables, 'HOST')
  if (host === undefined || given(variables, 'MARATHON_APP_ID') === undefined) return false
  return new URL(url).hostname.replace(/^\[|\]$/g, '') === host.toLowerCase()
}
