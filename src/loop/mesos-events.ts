import { messageOf } from '../core/code-of.ts'
import { settle, stop } from '../core/lifecycle.ts'
import type { AgentRecord, Instant, MesosAgentId } from '../core/model.ts'
import { never } from '../core/never.ts'
import type { InverseOffer } from '../core/offer.ts'
import type { Context } from './context.ts'
import type { MesosEvent } from './ports.ts'
import type { Reaper } from './reap.ts'
import type { Reconciler } from './reconcile.ts'
import { Statuses } from './statuses.ts'

/** Inverse offers that were accepted come again after this; a window that changes is told at once all the same. */
const INVERSE_REFUSE_SECONDS = 300

/** What Mesos tells becomes records, offers on the desk, and rounds. */
export class MesosEvents {
  readonly #context: Context
  readonly #reaper: Reaper
  readonly #reconciler: Reconciler
  readonly #statuses: Statuses
  /** The subscription of now. */
  #subscription: object | undefined
  /** Ends when the framework id of the last subscription is stored, or is not. */
  #beginning: Promise<void> = Promise.resolve()

  constructor(context: Context, reaper: Reaper, reconciler: Reconciler) {
    this.#context = context
    this.#reaper = reaper
    this.#reconciler = reconciler
    this.#statuses = new Statuses(context, reaper, reconciler)
  }

  readonly handle = (event: MesosEvent): void => {
    const { desk, report, trigger, world } = this.#context
    report.mesosEvent()
    switch (event.kind) {
      case 'subscribed':
        this.#subscribed(event)
        break
      case 'offers':
        report.offers('received', event.offers.length)
        world.hosts.offered(event.offers)
        desk.add(event.offers)
        trigger('offers')
        break
      case 'rescind':
        report.offers('rescinded', desk.remove([event.offerId]).length)
        break
      case 'inverseOffers':
        this.#askedForHosts(event.offers)
        break
      case 'inverseRescind':
        world.hosts.withdrawn(event.offerId)
        trigger('status')
        break
      case 'status':
        this.#statuses.take(event.status)
        break
      case 'hostLost':
        this.#hostLost(event.mesosAgentId)
        break
      case 'disconnected':
        this.#disconnected(event.why)
        break
      case 'removed':
        this.#removed(event.why)
        break
      case 'failedOver':
        this.#failedOver(event.retryAt)
        break
      case 'refused':
        this.#context.log.error({ why: event.why }, 'the Mesos master refuses this framework')
        this.#stepBack(`the Mesos master refuses this framework: ${event.why}`)
        break
      default:
        never(event)
    }
  }

  /** Resolves when every event so far is stored, and every status answered. */
  async idle(): Promise<void> {
    await this.#beginning
    await this.#statuses.idle()
  }

  #subscribed(event: Extract<MesosEvent, { kind: 'subscribed' }>): void {
    const { world, log, report } = this.#context
    const { frameworkId, master, version, home } = event
    const subscription = {}
    this.#subscription = subscription
    world.hosts.clear()
    world.setFramework({ frameworkId, master })
    world.mesos = {
      subscribed: true,
      reconciled: false,
      master,
      version,
      standingBack: undefined,
      why: undefined,
      home: home?.region,
    }
    report.subscribed(true)
    log.info({ frameworkId, master, version }, 'subscribed to Mesos')
    this.#beginning = this.#begin(subscription)
  }

  /** Reconciliation waits for the framework id to be stored, and goes on without it. */
  async #begin(subscription: object): Promise<void> {
    const { world, log, trigger } = this.#context
    try {
      await world.save()
    } catch (error) {
      log.debug({ err: error }, 'the framework id is not stored yet')
    }
    if (subscription !== this.#subscription) return // it is over
    this.#reconciler.start()
    trigger('status')
  }

  /** Its tasks get a status each, which may be lost: they are asked for. */
  #hostLost(mesosAgentId: MesosAgentId): void {
    const { world, mesos, log } = this.#context
    const tasks = world.records
      .filter((record) => record.mesosAgentId === mesosAgentId && record.launchedAt !== undefined && !record.taskEnded)
      .map(({ agentId }) => ({ taskId: agentId, mesosAgentId }))
    log.info({ mesosAgentId, agents: tasks.length }, 'Mesos lost a host')
    if (tasks.length === 0) return
    mesos.reconcile(tasks).catch((error: unknown) => {
      log.debug({ why: messageOf(error), err: error }, 'the tasks of a lost host are asked for later')
    })
  }

  /** The answer is advice: agents there drain, and what runs when the window opens is the operators' choice. */
  #askedForHosts(offers: readonly InverseOffer[]): void {
    const { world, mesos, log, settings, trigger } = this.#context
    for (const { mesosAgentId, unavailability } of offers) {
      const known = world.hosts.windows.get(mesosAgentId)
      if (known?.startsAt === unavailability.startsAt && known.endsAt === unavailability.endsAt) continue
      log.info({ mesosAgentId, ...unavailability }, 'a host is asked for, for maintenance')
    }
    world.hosts.asked(offers)
    trigger('status')
    if (settings.dryRun || world.mesos.standingBack !== undefined) return
    const ids = offers.map(({ id }) => id)
    mesos.acceptInverseOffers(ids, INVERSE_REFUSE_SECONDS).catch((error: unknown) => {
      log.debug({ why: messageOf(error), err: error }, 'inverse offers were not answered, they come again')
    })
  }

  #disconnected(why: string): void {
    const { world, desk, log, report } = this.#context
    if (world.mesos.subscribed) log.warn({ why }, 'the subscription to Mesos ended')
    else if (world.mesos.why !== why) log.warn({ why }, 'not subscribed to Mesos')
    report.offers('lost', desk.clear())
    report.subscribed(false)
    this.#subscription = undefined
    this.#reconciler.stop()
    world.mesos = { ...world.mesos, subscribed: false, reconciled: false, why }
  }

  #stepBack(why: string): void {
    this.#disconnected(why)
    const { world } = this.#context
    world.mesos = { ...world.mesos, standingBack: why }
  }

  #failedOver(retryAt: Instant | undefined): void {
    const at = retryAt === undefined ? undefined : new Date(retryAt).toISOString()
    this.#context.report.failedOver()
    this.#context.log.error({ retryAt: at }, 'another instance took over this framework: nothing is done here now')
    const next =
      at === undefined
        ? 'it did so twice: end it, then call POST /api/v1/actions/take-over here'
        : `tried again at ${at}`
    this.#stepBack(`another instance took over this framework; ${next}`)
  }

  /** Mesos ended every task of the old framework: their nodes go, and a new framework begins. */
  #removed(why: string): void {
    const { world, log, clock, trigger, settings, report } = this.#context
    // That of a dry run ends with each connection.
    if (settings.dryRun) log.info({ why }, 'the framework of this dry run ended: a new one is registered')
    else {
      report.frameworkRemoved()
      log.error({ why }, 'Mesos removed this framework and ended its tasks: a new one is registered')
    }
    this.#disconnected(why)
    if (world.frameworkId !== undefined) world.lostFrameworks.add(world.frameworkId)
    world.setFramework(undefined)
    for (const taskId of world.strays.keys()) world.absent.add(taskId)
    world.strays.clear()
    const now = clock.now()
    for (const record of world.records) {
      if (record.taskEnded || world.busy.has(record.agentId)) continue
      this.#put(settle({ ...stop(record, 'task_ended', 'its framework was removed', now), taskEnded: true }, now))
    }
    trigger('status')
  }

  #put(after: AgentRecord): void {
    this.#context.world.put(after)
    if (after.state === 'gone') this.#reaper.gone(after)
  }
}
