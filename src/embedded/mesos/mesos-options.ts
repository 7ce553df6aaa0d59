import type { Clock } from '../../core/clock.ts'
import type { Authentication } from './authentication.ts'
import type { ClusterSettings } from './cluster.ts'
import type { Fragment } from './event-stream.ts'
import type { FaultDomain, HostSpec } from './host-spec.ts'
import type { TaskRunner } from './runner.ts'

/** How masters of an embedded cluster behave; the defaults are those of a real one. */
export interface MasterKnobs {
  readonly heartbeatMs?: number
  readonly allocationIntervalMs?: number
  /** Offers are rescinded after this long; never, without. */
  readonly offerTimeoutMs?: number
  readonly agentPingTimeoutMs?: number
  /** A host is unreachable after so many pings in a row went unanswered. */
  readonly maxAgentPingTimeouts?: number
  /** Hosts of an earlier life take this long to register: reconciliation is mute as long. */
  readonly reregisterDelayMs?: number
  readonly reregisterTimeoutMs?: number
  /** Who must say who it is, on which pages of a master; nobody, without. */
  readonly authentication?: Authentication
  /** Where the masters are: hosts of other regions need REGION_AWARE. */
  readonly faultDomain?: FaultDomain
  /** Splits what leaves on a subscription into HTTP chunks; one a record, as Mesos does, without. */
  readonly fragment?: Fragment
}

/** How the hosts of an embedded cluster behave. */
export interface HostKnobs {
  readonly clock: Clock
  /** Called for each host, and again when one returns from a power failure. */
  readonly runnerFor: (spec: HostSpec) => TaskRunner
  /** For ids, update uuids and stream ids; tests fix it. */
  readonly randomUuid?: () => string
  /** Who must say who it is, on which pages of a host; nobody, without. */
  readonly hostAuthentication?: Authentication
  /** The first retry of an update; doubles up to 10 minutes. */
  readonly statusRetryMs?: number
  /** Told in words what went wrong beside the protocol. Default: a warning. */
  readonly onProblem?: (words: string) => void
}

const DEFAULT_REREGISTER_DELAY_MS = 500
const DEFAULT_REREGISTER_TIMEOUT_MS = 600_000

export function clusterSettings(knobs: MasterKnobs): ClusterSettings {
  return {
    faultDomain: knobs.faultDomain,
    heartbeatMs: knobs.heartbeatMs ?? 15_000,
    allocationIntervalMs: knobs.allocationIntervalMs ?? 1_000,
    offerTimeoutMs: knobs.offerTimeoutMs,
    unreachableAfterMs: (knobs.agentPingTimeoutMs ?? 15_000) * (knobs.maxAgentPingTimeouts ?? 5),
    reregisterDelayMs: knobs.reregisterDelayMs ?? DEFAULT_REREGISTER_DELAY_MS,
    reregisterTimeoutMs: knobs.reregisterTimeoutMs ?? DEFAULT_REREGISTER_TIMEOUT_MS,
  }
}
