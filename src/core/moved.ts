import type { JenkinsNode } from './jenkins-reading.ts'
import type { AgentId, AgentRecord } from './model.ts'

/** What is known of an address that agents were told, and that new ones are not told any more. */
export type Standing =
  /** This very Jenkins answers there: agents can connect again. */
  | { readonly kind: 'here' }
  /** It does not: they never can. */
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'unknown' }

export interface Addresses {
  /** What new agents are told. */
  readonly inUse: string
  readonly others: ReadonlyMap<string, Standing>
}

/** Jenkins moved away from the address that it was told; offline ones of these never come back. */
export type Stranded = ReadonlyMap<AgentId, string>

/**
 * Agents that were told an address which leads to this Jenkins no more, with that in words. An agent that is connected
 * by the same address proves the contrary, whatever we found there: hosts may reach what we cannot.
 */
export function strandedAgents(
  records: readonly AgentRecord[],
  nodes: ReadonlyMap<string, JenkinsNode>,
  addresses: Addresses | undefined,
): Stranded {
  const stranded = new Map<AgentId, string>()
  if (addresses === undefined || addresses.others.size === 0) return stranded
  const proven = provenAddresses(records, nodes.values())
  for (const { agentId, jenkinsUrl } of records) {
    if (jenkinsUrl === undefined || jenkinsUrl === addresses.inUse || proven.has(jenkinsUrl)) continue
    const standing = addresses.others.get(jenkinsUrl)
    if (standing?.kind !== 'lost') continue
    stranded.set(agentId, `it was sent to ${jenkinsUrl}, where Jenkins is no more (${standing.why})`)
  }
  return stranded
}

/** What is asked about an agent that may have been sent to where Jenkins is no more; `''`: nothing. */
export function addressDoubt({ jenkinsUrl }: AgentRecord, addresses: Addresses | undefined): string {
  if (addresses === undefined || jenkinsUrl === undefined || jenkinsUrl === addresses.inUse) return ''
  const kind = addresses.others.get(jenkinsUrl)?.kind ?? 'unknown'
  return kind === 'unknown' ? `; it was sent to ${jenkinsUrl}, and who answers there now is being asked` : ''
}

/** What agents that are connected were told; `undefined` among it where that is not known. */
export function provenAddresses(
  records: readonly AgentRecord[],
  nodes: Iterable<Pick<JenkinsNode, 'name' | 'offline'>>,
): ReadonlySet<string | undefined> {
  const connected = new Set<string>()
  for (const { name, offline } of nodes) if (!offline) connected.add(name)
  return new Set(records.filter(({ agentId }) => connected.has(agentId)).map(({ jenkinsUrl }) => jenkinsUrl))
}

/** For people, once: what becomes of agents that were told another address. */
export function addressNotes(records: readonly AgentRecord[], addresses: Addresses | undefined): readonly string[] {
  if (addresses === undefined) return []
  const told = new Set(records.map(({ jenkinsUrl }) => jenkinsUrl))
  return [...addresses.others].flatMap(([url, standing]) => {
    if (!told.has(url) || standing.kind === 'unknown') return []
    const start = `agents that run were sent to ${url}, new ones are sent to ${addresses.inUse}`
    return standing.kind === 'here'
      ? [`${start}: this Jenkins answers at both, so they can connect again and are left alone`]
      : [
          `${start}: Jenkins is at the old address no more (${standing.why}), and no agent can be sent elsewhere while it ` +
            'runs. Those that are offline are replaced at once. An address that stays, JENKINS_AGENT_URL, would keep them',
        ]
  })
}
