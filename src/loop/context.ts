import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Caps } from '../core/model.ts'
import type { LaunchRate } from '../core/remembered.ts'
import type { Template } from '../core/template.ts'
import type { OfferDesk } from './offer-desk.ts'
import type { OldAddresses } from './old-addresses.ts'
import type { JenkinsPort, MesosPort } from './ports.ts'
import type { Report } from './report.ts'
import type { SecretDesk } from './secret-desk.ts'
import type { World } from './world.ts'

/** What the parts of the loop share. */
export interface Context {
  readonly world: World
  readonly desk: OfferDesk
  readonly secrets: SecretDesk
  readonly jenkins: JenkinsPort
  readonly mesos: MesosPort
  readonly clock: Clock
  readonly log: Log
  readonly report: Report
  readonly settings: Settings
  /** Asks for a round soon. */
  readonly trigger: (why: TriggerReason) => void
  /** Fresh names and tokens; chance comes from outside. */
  readonly chance: Chance
  /** Addresses that agents were told before; [nobody asks] */
  readonly oldAddresses?: OldAddresses | undefined
}

export type TriggerReason = 'offers' | 'status' | 'job' | 'asked'

export interface Settings {
  /** Read anew each round: a reload replaces them. */
  readonly templates: () => readonly Template[]
  readonly caps: () => Caps
  readonly pollIntervalMs: number
  readonly launchRate: LaunchRate
  /** Plans and tells, does nothing. */
  readonly dryRun: boolean
  /** Stands in the marks of our nodes: several sidecars may share one Jenkins. */
  readonly frameworkName: string
  /** As it is read, for people and to notice that it changed. */
  readonly jenkinsUrl: string
  /** As agents are told, with a trailing slash. */
  readonly agentUrl: string
  /** Where tasks fetch their secret, without a trailing slash; `undefined`: nowhere. */
  readonly secretBaseUrl: () => string | undefined
}

export interface Chance {
  /** So many lower-case letters and digits. */
  readonly letters: (length: number) => string
  /** A token that nobody guesses. */
  readonly token: () => string
  /** In [0, 1). */
  readonly fraction: () => number
}
