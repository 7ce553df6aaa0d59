import { given, type Variables } from './env.ts'
import { isLoopback, isLoopbackUrl } from './urls.ts'

/** What a setting has because Marathon says so, and the variables that say it. */
export interface Derived {
  readonly value: string
  readonly from: readonly string[]
}

export type DerivedName = 'JENKINS_AGENT_URL' | 'SIDECAR_URL' | 'MESOS_ROLES'
export type Derivations = { readonly [name in DerivedName]?: Derived }

const DEFAULT_AGENT_HTTP_PORT = '8091'

/**
 * What Marathon's variables say of settings that are not given: in a pod Jenkins is called by loopback, and agents on
 * other hosts need the name and the port of this one.
 * @param variables with references resolved
 */
export function derive(variables: Variables): Derivations {
  if (given(variables, 'MARATHON_APP_ID') === undefined) return {}
  const isOpen = (name: DerivedName): boolean => given(variables, name) === undefined
  const addresses = addressesOf(variables)
  const roles = rolesOf(variables)
  return {
    ...(isOpen('JENKINS_AGENT_URL') && addresses.agents && { JENKINS_AGENT_URL: addresses.agents }),
    ...(isOpen('SIDECAR_URL') && addresses.hosts && { SIDECAR_URL: addresses.hosts }),
    ...(isOpen('MESOS_ROLES') && roles && { MESOS_ROLES: roles }),
  }
}

export function withDerived(variables: Variables, derived: Derivations): Variables {
  return { ...variables, ...Object.fromEntries(Object.entries(derived).map(([name, { value }]) => [name, value])) }
}

function addressesOf(variables: Variables): {
  readonly agents?: Derived | undefined
  readonly hosts?: Derived | undefined
} {
  const host = given(variables, 'HOST')
  const mesos = given(variables, 'MESOS_MASTER') ?? given(variables, 'MESOS_MASTER_FILE')
  const byPlugin = given(variables, 'JENKINS_CONFIG_XML') !== undefined
  // Tasks of an embedded Mesos run on this machine.
  if (host === undefined || mesos === 'embedded' || (mesos === undefined && !byPlugin)) return {}
  return { agents: agentsAt(host, variables), hosts: secretsAt(host, variables) }
}

function agentsAt(host: string, variables: Variables): Derived | undefined {
  const text = given(variables, 'JENKINS_URL') ?? ''
  if (!URL.canParse(text) || !isLoopbackUrl(text)) return undefined
  const url = new URL(text)
  const port = hostPort(url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port, variables)
  if (port === undefined) return undefined
  url.hostname = bracketed(host)
  url.port = port.value
  return { value: url.href, from: ['JENKINS_URL', 'HOST', ...port.from] }
}

function secretsAt(host: string, variables: Variables): Derived | undefined {
  const listening = given(variables, 'AGENT_HTTP_HOST')
  if (listening !== undefined && isLoopback(listening)) return undefined
  const port = given(variables, 'AGENT_HTTP_PORT') ?? DEFAULT_AGENT_HTTP_PORT
  if (!/^[1-9]\d{0,4}$/.test(port)) return undefined
  const outside = hostPort(port, variables)
  if (outside === undefined) return undefined
  return { value: `http://${bracketed(host)}:${outside.value}/`, from: ['HOST', 'AGENT_HTTP_PORT', ...outside.from] }
}

/**
 * The port of the host behind a port that something in the pod listens on. On the host's own network they are the
 * same; else the endpoint of that port has another one outside, or none at all.
 */
function hostPort(port: string, variables: Variables): Derived | undefined {
  const inside = Object.keys(variables).find((name) => name.startsWith('ENDPOINT_') && given(variables, name) === port)
  if (inside !== undefined) {
    const name = inside.slice('ENDPOINT_'.length)
    const outside = given(variables, `EP_HOST_${name}`)
    if (outside !== undefined && outside !== '0') return { value: outside, from: [`EP_HOST_${name}`] }
    return given(variables, `EP_CONTAINER_${name}`) === undefined ? { value: port, from: [inside] } : undefined
  }
  // An app has its ports by number instead.
  const mapped = given(variables, `PORT_${port}`)
  return mapped === undefined ? { value: port, from: [] } : { value: mapped, from: [`PORT_${port}`] }
}

function rolesOf(variables: Variables): Derived | undefined {
  if (given(variables, 'MARATHON_APP_ENFORCE_GROUP_ROLE') !== 'true') return undefined
  const role = given(variables, 'MESOS_ALLOCATION_ROLE')
  return role === undefined ? undefined : { value: role, from: ['MESOS_ALLOCATION_ROLE'] }
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
