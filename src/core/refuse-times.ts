import type { TemplateName } from './model.ts'
import type { Seeking } from './reserve.ts'
import type { Memory } from './snapshot.ts'
import { canNeverFit, type HostOffer, type MatchContext } from './stages.ts'

/** Hosts short of resources are asked again soon. */
export const SHORT_REFUSE_SECONDS = 5
/** Hosts that nobody who waits can ever use: asked again when somebody else waits. */
export const LONG_REFUSE_SECONDS = 300

/** Roles whose filters must not hold any more, and who waited when hosts were refused for long. */
export interface LongRefusals {
  readonly revive: ReadonlySet<string>
  readonly refusedLong: Memory['refusedLong']
}

/** Hosts that can never serve anybody of their role who waits. Where nobody waits none is useless. */
export function uselessOf(
  hosts: readonly HostOffer[],
  waiting: readonly Seeking[],
  context: MatchContext,
): ReadonlySet<HostOffer> {
  if (hosts.length === 0) return new Set()
  const needs = new Map<string, Map<string, Seeking>>()
  for (const seeker of waiting) {
    const ofRole = needs.get(seeker.role) ?? new Map<string, Seeking>()
    needs.set(seeker.role, ofRole)
    ofRole.set(seeker.template, seeker)
  }
  const distinct = new Map([...needs].map(([role, seekers]) => [role, [...seekers.values()]]))
  return new Set(
    hosts.filter((host) => distinct.get(host.role)?.every((need) => canNeverFit(host, need, context)) ?? false),
  )
}

/**
 * A host that was refused for long may be just right for a template that begins to wait later: then the filters of
 * its role are lifted.
 */
export function longRefusals(
  waiting: readonly Seeking[],
  wantedRoles: ReadonlySet<string>,
  useless: ReadonlySet<HostOffer>,
  before: Memory['refusedLong'],
): LongRefusals {
  const refusedRoles = new Set([...useless].map(({ role }) => role))
  const revive = new Set<string>()
  const refusedLong: Record<string, readonly TemplateName[]> = {}
  for (const role of wantedRoles) {
    const names = new Set(waiting.filter((seeker) => seeker.role === role).map(({ template }) => template))
    const known = before[role]
    if (known !== undefined && [...names].some((name) => !known.includes(name))) revive.add(role)
    else if (known !== undefined) refusedLong[role] = known
    if (refusedRoles.has(role)) refusedLong[role] = [...names]
  }
  return { revive, refusedLong }
}
