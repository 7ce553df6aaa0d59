import { messageOf } from '../core/code-of.ts'
import type { AgentRecord, Instant } from '../core/model.ts'
import { plan as decide } from '../core/plan.ts'
import type { Plan, Snapshot } from '../core/snapshot.ts'
import { act, type Hands } from './act.ts'
import type { Context, TriggerReason } from './context.ts'
import type { DryRun } from './dry-run.ts'
import type { Observer } from './observe.ts'
import { RoundTeller } from './tell.ts'

/**
 * Triggers that come so soon after a round are joined into the next. But the first offers after a round that asked for
 * them are looked at at once: a build waits for them, and Jenkins is not read again.
 */
const JOIN_MS = 50
/** A slow Jenkins is asked less often: it is busy at most this share of the time with us. */
const READ_SHARE = 5
const LONGEST_PAUSE_MS = 30_000

/** Rounds, one after the other: observe, plan, act. A round that fails is told of, and the next one comes. */
export class Loop {
  readonly #context: Context
  readonly #observer: Observer
  readonly #hands: Hands
  readonly #dryRun: DryRun | undefined
  readonly #teller: RoundTeller
  readonly #stop = new AbortController()
  #reasons = new Set<TriggerReason>()
  #wake: AbortController | undefined
  #running: Promise<void> | undefined
  #lastEnd: Instant | undefined
  /** Offers alone began the last round. */
  #lastForOffers = false
  /** Why the last round failed; told once. */
  #failure: string | undefined
  /** Until the next round, if nothing happens before. */
  #pauseMs = 0

  /** @param dryRun in place of the hands */
  constructor(context: Context, observer: Observer, hands: Hands, dryRun?: DryRun) {
    this.#context = context
    this.#observer = observer
    this.#hands = hands
    this.#dryRun = dryRun
    this.#teller = new RoundTeller(context)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake?.abort()
    await this.#running
  }

  /** A round begins at once, or as soon as the one under way has ended. */
  readonly trigger = (why: TriggerReason): void => {
    this.#reasons.add(why)
    this.#wake?.abort()
  }

  async #run(): Promise<void> {
    while (await this.#due()) {
      const reasons = this.#reasons
      this.#reasons = new Set()
      this.#lastForOffers = areOffers(reasons)
      await this.#round(this.#lastForOffers)
      this.#lastEnd = this.#context.clock.now()
    }
  }

  /** Waits until the next round is due; `false`: there is to be none. */
  async #due(): Promise<boolean> {
    if (this.#reasons.size === 0) await this.#pause(this.#pauseMs, true)
    const isFirstOffer = areOffers(this.#reasons) && !this.#lastForOffers
    if (this.#reasons.size > 0 && this.#lastEnd !== undefined && !isFirstOffer) {
      // Never for longer, even if the clock was set back.
      await this.#pause(Math.min(JOIN_MS, this.#lastEnd + JOIN_MS - this.#context.clock.now()))
    }
    return !this.#stop.signal.aborted
  }

  /** One round, whatever comes of it. */
  async #round(forOffers: boolean): Promise<void> {
    const { world, clock, report, log } = this.#context
    world.round += 1
    try {
      const startedAt = clock.now()
      const fresh = await this.#observer.read(forOffers, this.#stop.signal)
      const snapshot = this.#observer.snapshot(fresh)
      const observedAt = clock.now()
      const plan = decide(snapshot, observedAt)
      report.round('observe', (observedAt - startedAt) / 1000)
      report.round('plan', (clock.now() - observedAt) / 1000)
      this.#teller.tell(snapshot, plan)
      world.lastPlan = plan
      world.lastSnapshot = snapshot
      this.#tellOnline(snapshot, plan)
      const actedAt = clock.now()
      if (this.#dryRun === undefined) await act(plan, this.#context, this.#hands)
      else {
        world.memory = plan.memory
        this.#dryRun.round(snapshot, plan)
      }
      report.round('act', (clock.now() - actedAt) / 1000)
      if (snapshot.jenkins !== undefined) world.lastRoundAt = clock.now()
      this.#pauseMs = this.#pauseUntil(plan.nextLookAt)
      this.#failure = undefined
    } catch (error) {
      this.#pauseMs = this.#context.settings.pollIntervalMs
      if (this.#stop.signal.aborted) return
      const why = messageOf(error)
      if (why !== this.#failure) log.error({ round: world.round, why, err: error }, 'a round failed')
      this.#failure = why
    }
  }

  #pauseUntil(wanted: Instant): number {
    const { world, clock, settings } = this.#context
    const slow = (world.jenkins.readMs ?? 0) * READ_SHARE
    // A dry run starts nothing that would be worth a hurry.
    const soon = this.#dryRun === undefined ? wanted - clock.now() : settings.pollIntervalMs
    return Math.max(Math.min(soon, settings.pollIntervalMs), Math.min(slow, LONGEST_PAUSE_MS))
  }

  #tellOnline(snapshot: Snapshot, plan: Plan): void {
    const before = new Map<string, AgentRecord>(snapshot.records.map((record) => [record.agentId, record]))
    for (const record of plan.records) {
      const was = before.get(record.agentId)
      if (was === undefined) continue
      this.#teller.changed(was, record)
    }
  }

  async #pause(ms: number, untilTrigger = false): Promise<void> {
    if (ms <= 0) return
    const wake = new AbortController()
    if (untilTrigger) this.#wake = wake
    const signal = AbortSignal.any([wake.signal, this.#stop.signal])
    try {
      await this.#context.clock.sleep(ms, signal)
    } catch (error) {
      if (!signal.aborted) throw error // else: woken
    } finally {
      this.#wake = undefined
    }
  }
}

function areOffers(reasons: ReadonlySet<TriggerReason>): boolean {
  return reasons.size > 0 && [...reasons].every((reason) => reason === 'offers')
}
