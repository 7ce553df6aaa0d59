import { codeOf, messageOf } from '../core/code-of.ts'
import type { Instant } from '../core/model.ts'
import type { Snapshot } from '../core/snapshot.ts'
import type { Context } from './context.ts'

/** A round that was begun by an offer may use a reading this young, for adding only. */
const REUSE_MS = 500
const RETRY_FIRST_MS = 1_000
const RETRY_LAST_MS = 30_000

/** Reads Jenkins, and joins it with what Mesos told and the store knows into one snapshot. */
export class Observer {
  readonly #context: Context
  #failures = 0
  /** Jenkins is not asked before: it failed, and is given time. */
  #notBefore: Instant = 0
  #session: string | undefined
  #recognised = false

  constructor(context: Context) {
    this.#context = context
  }

  /**
   * Reads Jenkins. @param forOffers the round was begun by offers alone
   * @returns whether it was asked
   */
  async read(forOffers: boolean, signal: AbortSignal): Promise<boolean> {
    const { world, jenkins, clock, report } = this.#context
    const startedAt = clock.now()
    const last = world.jenkins.reading
    if (forOffers && last !== undefined && world.jenkins.error === undefined && startedAt - last.readAt < REUSE_MS) {
      return false
    }
    // A clock that was set back does not keep us from asking.
    if (startedAt < this.#notBefore && this.#notBefore - startedAt <= RETRY_LAST_MS) return false
    try {
      const reading = await jenkins.read(signal)
      const readMs = clock.now() - startedAt
      report.jenkinsRequest(readMs / 1000)
      await this.#recognise(reading.session, signal)
      this.#tellRecovery(reading.session)
      world.jenkins = { reading, error: undefined, readMs }
      world.forgetAbsent(reading.nodes)
      if (world.otherJenkins === undefined) {
        this.#context.oldAddresses?.look(world.records, reading.nodes, world.jenkinsRecord?.identity, signal)
      }
      this.#failures = 0
      return true
    } catch (error) {
      if (signal.aborted) throw error
      this.#failed(error)
      return true
    }
  }

  /** After each start of Jenkins, and after each time that it was away. */
  async #recognise(session: string | undefined, signal: AbortSignal): Promise<void> {
    const { world, jenkins, settings, log } = this.#context
    if (this.#recognised && session === this.#session && world.jenkins.error === undefined) return
    const before = world.otherJenkins
    const identity = await jenkins.identity(signal)
    const verdict = world.recognise({ identity, url: settings.jenkinsUrl })
    this.#recognised = true
    if (verdict.kind === 'moved') log.warn({ words: verdict.words }, 'Jenkins has another address')
    if (verdict.kind === 'other' && verdict.words !== before)
      log.error({ words: verdict.words }, 'this may be another Jenkins: nothing is done')
    if (verdict.kind !== 'other' && before !== undefined)
      log.info({}, 'Jenkins is again the one that the state speaks of')
  }

  #failed(error: unknown): void {
    const { world, clock, chance, log, report } = this.#context
    const words = messageOf(error)
    report.jenkinsError(codeOf(error) ?? 'UNKNOWN')
    if (world.jenkins.error !== words) log.warn({ why: words, err: error }, 'Jenkins cannot be read')
    const pause = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#failures, 10))
    this.#notBefore = clock.now() + pause * (0.5 + chance.fraction() / 2)
    this.#failures += 1
    world.jenkins = { ...world.jenkins, error: words, readMs: undefined }
  }

  #tellRecovery(session: string | undefined): void {
    const { world, log } = this.#context
    if (world.jenkins.error !== undefined) log.info({}, 'Jenkins can be read again')
    if (this.#session !== undefined && session !== this.#session) log.info({ session }, 'Jenkins was restarted')
    this.#session = session
  }

  /**
   * What is known now. To be planned on and put back before anything is waited for: a status that comes in between
   * would be written over, after Mesos was told that it is stored.
   */
  snapshot(fresh: boolean): Snapshot {
    const { world, desk, settings } = this.#context
    const { subscribed, reconciled, standingBack, home } = world.mesos
    const { reading, error } = world.jenkins
    return {
      round: world.round,
      jenkins: error === undefined && world.otherJenkins === undefined ? reading : undefined,
      otherJenkins: world.otherJenkins,
      fresh: fresh && error === undefined && world.otherJenkins === undefined,
      mesos: { subscribed: subscribed && standingBack === undefined, reconciled, frameworkId: world.frameworkId, home },
      addresses: this.#context.oldAddresses?.now,
      offers: desk.free,
      windows: new Map(world.hosts.windows),
      records: world.records,
      templates: settings.templates(),
      caps: settings.caps(),
      pollIntervalMs: settings.pollIntervalMs,
      busy: new Set(world.busy),
      ready: new Set(world.ready),
      strays: [...world.strays.values()],
      absent: new Set(world.absent),
      lostFrameworks: new Set(world.lostFrameworks),
      frameworkName: settings.frameworkName,
      memory: world.memory,
      brakeReleased: world.brakeReleased,
      paused: world.paused,
      launchRate: settings.launchRate,
      hosts: world.hosts.known,
      dryRun: settings.dryRun,
    }
  }
}
