import type { Cancel, Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Instant, TemplateName } from '../core/model.ts'
import type { Plan, Snapshot } from '../core/snapshot.ts'
import { DryRunLedger, type DryRunReport } from './dry-run-ledger.ts'
import { DRY_REFUSE_SECONDS } from './dry-run-ports.ts'
import type { OfferDesk } from './offer-desk.ts'
import type { MesosPort } from './ports.ts'

/** Offers are asked for this often at most, while an agent would be placed. */
const LOOK_EVERY_MS = 60_000
/** So long they are asked for: an allocation takes up to a second. */
const LOOK_MS = 5_000

export interface DryRunOptions {
  readonly mesos: Pick<MesosPort, 'want'>
  readonly desk: Pick<OfferDesk, 'free' | 'decline'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * In the place of the hands: takes a plan, does nothing of it, and remembers what would have been done. Its roles are
 * suppressed but for a look at the offers now and then, so that the scheduler beside it hardly notices.
 */
export class DryRun {
  readonly #options: DryRunOptions
  readonly #ledger: DryRunLedger
  /** Templates whose warm pool was told of, and for which agents would have been launched. */
  readonly #pools = new Set<TemplateName>()
  #lookedAt: Instant | undefined
  #closeLook: Cancel | undefined

  constructor(options: DryRunOptions) {
    this.#options = options
    this.#ledger = new DryRunLedger(options.clock.now())
  }

  /** In place of acting on a plan. */
  round(snapshot: Snapshot, plan: Plan): void {
    const { clock, desk, mesos } = this.#options
    const now = clock.now()
    if (snapshot.jenkins !== undefined) {
      this.#tell(this.#ledger.look(plan.explanation.items, now))
      this.#tellPools(plan)
    }
    const roles = this.#rolesToLookFor(snapshot, plan)
    if (roles.size === 0) this.#endLook()
    else if (this.#closeLook !== undefined) mesos.want(roles)
    else if (this.#lookedAt === undefined || Math.abs(now - this.#lookedAt) >= LOOK_EVERY_MS) this.#beginLook(roles)
    // Of the desk, not of the snapshot: some may have come meanwhile.
    void desk.decline(
      desk.free.map(({ id }) => id),
      DRY_REFUSE_SECONDS,
    )
  }

  /** In one sentence. */
  get words(): string {
    return this.#ledger.words
  }

  get report(): DryRunReport {
    return this.#ledger.report()
  }

  /** Says what came of it, once and for all. */
  end(): void {
    this.#endLook()
    const { words, counts, waitedSeconds, launchedAfterSeconds } = this.#ledger.report()
    this.#options.log.info({ counts, waitedSeconds, launchedAfterSeconds, words }, 'the dry run ends')
  }

  /** Roles of templates that have an item, or a warm pool, of which nothing was decided yet. */
  #rolesToLookFor({ templates }: Snapshot, { explanation, wantedRoles }: Plan): ReadonlySet<string> {
    const waiting = new Set<TemplateName>()
    const decided = new Set<TemplateName>()
    for (const { itemId, state, template } of explanation.items) {
      if (state !== 'waiting_offer' || template === undefined) continue
      if (this.#ledger.isDecided(itemId)) decided.add(template)
      else waiting.add(template)
    }
    for (const { template, wanted } of explanation.templates) {
      if (wanted > 0 && !decided.has(template) && !this.#pools.has(template)) waiting.add(template)
    }
    const roles = templates.filter(({ name }) => waiting.has(name)).map(({ role }) => role)
    return new Set(roles.filter((role) => wantedRoles.has(role)))
  }

  #beginLook(roles: ReadonlySet<string>): void {
    const { clock, mesos } = this.#options
    this.#lookedAt = clock.now()
    mesos.want(roles)
    this.#closeLook = clock.timer(LOOK_MS, () => {
      this.#endLook()
    })
  }

  #endLook(): void {
    this.#closeLook?.()
    this.#closeLook = undefined
    this.#options.mesos.want(new Set())
  }

  #tell(launches: ReturnType<DryRunLedger['look']>): void {
    for (const { template, hostname, jobs, items } of launches) {
      this.#options.log.info({ template, hostname, jobs, items }, 'dry run: an agent would be launched')
    }
  }

  /** Agents that no item waits for. */
  #tellPools({ actions, explanation }: Plan): void {
    const waited = new Set(explanation.items.flatMap(({ template, hostname }) => (hostname ? (template ?? []) : [])))
    for (const action of actions) {
      if (action.kind !== 'provision' || waited.has(action.template.name)) continue
      const { name } = action.template
      if (this.#pools.has(name)) continue
      this.#pools.add(name)
      const { hostname } = action.place
      this.#options.log.info({ template: name, hostname, reason: action.reason }, 'dry run: an agent would be launched')
    }
  }
}
