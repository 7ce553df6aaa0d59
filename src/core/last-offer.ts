import type { KnownHost } from './offer.ts'
import type { HostOffer } from './stages.ts'

/** What a host offered to a role last, as if it were offered now; `undefined`: nothing yet. */
export function lastOffer(host: KnownHost, role: string): HostOffer | undefined {
  const free = host.free[role]
  if (free === undefined) return undefined
  const { hostname, mesosAgentId, attributes, domain, unavailability } = host
  const portRanges = host.freePorts?.[role] ?? []
  return { hostname, mesosAgentId, address: '', role, offers: [], free, portRanges, attributes, domain, unavailability }
}
