import type { SeenConstraint } from './scene.ts'

/** A host, or the host of an agent. */
export interface Spot {
  readonly hostname: string
  readonly region: string | undefined
  readonly zone: string | undefined
  readonly attributes: readonly { readonly name: string; readonly type: string; readonly value: string }[]
}

/**
 * What Marathon's documentation says of its operators, written down once more, as plainly as can be.
 *
 * @param agents where those of the template are; `as it likes`: where they stand in nobody's way
 */
export function naiveAllows(
  { field, operator, value }: SeenConstraint,
  host: Spot,
  agents: readonly Spot[] | 'as it likes',
): boolean {
  const here = read(host, field)
  if (here === undefined) return operator === 'UNLIKE'
  const counts = operator === 'UNIQUE' || operator === 'MAX_PER' || operator === 'GROUP_BY'
  if (agents === 'as it likes' && (counts || (operator === 'CLUSTER' && value === undefined))) return true
  const others = agents === 'as it likes' ? [] : agents.map((agent) => read(agent, field))
  const same = others.filter((other) => other === here).length
  if (operator === 'LIKE') return new RegExp(`^(?:${value ?? ''})$`).test(here)
  if (operator === 'UNLIKE') return !new RegExp(`^(?:${value ?? ''})$`).test(here)
  if (operator === 'IS') return equal(host, field, here, value ?? '')
  if (operator === 'UNIQUE') return same === 0
  if (operator === 'MAX_PER') return same < Number(value)
  if (operator === 'CLUSTER') {
    return value === undefined ? same === others.length : equal(host, field, here, value)
  }
  const known = others.filter((other) => other !== undefined)
  const counted = [...new Set(known)].map((one) => known.filter((other) => other === one).length)
  return same === 0 || (counted.length >= Number(value ?? 0) && same === Math.min(...counted))
}

function equal(host: Spot, field: string, here: string, value: string): boolean {
  const scalar = host.attributes.some(({ name, type }) => name === field && type === 'SCALAR')
  return scalar ? Math.abs(Number(here) - Number(value)) < 0.001 : here === value
}

function read(spot: Spot, field: string): string | undefined {
  if (field === 'hostname' || field === '@hostname') return spot.hostname
  if (field === '@region') return spot.region
  if (field === '@zone') return spot.zone
  return spot.attributes.find(({ name }) => name === field)?.value
}
