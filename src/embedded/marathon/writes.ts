import type { Clock } from '../../core/clock.ts'
import type { HttpRequest } from '../http.ts'
import type { Deployment } from './deployment.ts'
import type { Entry } from './entry.ts'
import type { Fleet } from './fleet.ts'
import { Refusal } from './refusal.ts'

export interface WriteContext {
  readonly clock: Clock
  readonly fleet: Fleet
}

export interface Asked {
  readonly request: HttpRequest
  /** `?force=true`: a deployment in the way gives way. */
  readonly force: boolean
  /** `?partialUpdate=` of apps. */
  readonly partial: boolean
}

/** @throws {Refusal} 409 */
export function checkLock(fleet: Fleet, id: string, force: boolean): void {
  const locks = fleet.lockedBy(id)
  if (force || locks.length === 0) return
  throw new Refusal(409, {
    message: `App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.`,
    deployments: locks.map((lock) => ({ id: lock.id })),
  })
}

/** Stored and not about to be forgotten. */
export function storedEntry(fleet: Fleet, id: string): Entry | undefined {
  const entry = fleet.entries.get(id)
  return entry?.isDeleted === true ? undefined : entry
}

/** The time as a version, never one that there is already. */
export function newVersion(clock: Clock, entry: Entry | undefined): string {
  const last = entry?.versions.at(-1)?.version
  return new Date(Math.max(clock.now(), last === undefined ? 0 : Date.parse(last) + 1)).toISOString()
}

export function deploymentHeader({ id }: Deployment): readonly [string, string] {
  return ['Marathon-Deployment-Id', id]
}
