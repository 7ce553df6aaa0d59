import type { Attribute, FaultDomain } from './offer.ts'

/**
 * What rules on hosts can name: attributes as text, of several with one name the first, and the pseudo attributes
 * `@region` and `@zone`.
 */
export function hostAttributes(host: {
  readonly attributes: readonly Attribute[]
  readonly domain: FaultDomain | undefined
}): Readonly<Record<string, string>> {
  const entries = host.attributes.map(({ name, value }): [string, string] => [name, value]).reverse()
  const { domain } = host
  if (domain !== undefined) entries.push(['@region', domain.region], ['@zone', domain.zone])
  return Object.fromEntries(entries)
}
