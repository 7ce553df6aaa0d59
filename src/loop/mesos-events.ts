import { messageOf } from '../core/code-of.ts'
import { applyStatus, isAlive, settle, stop } from '../core/lifecycle.ts'
import type { AgentRecord, Instant } from '../core/model.ts'
import { never } from '../core/never.ts'
import { SWEEP_MS } from '../core/orphans.ts'
import { blameFor, launchFailed } from '../core/outcomes.ts'
import type { Context } from './context.ts'
import type { MesosEvent, TaskStatus } from './ports.ts'
import type { Reaper } from './reap.ts'
import type { Reconciler } from './reconcile.ts'

/** What Mesos tells becomes records, offers on the desk, and rounds. */
export class MesosEvents {
  readonly #context: Context
  readonly #reaper: Reaper
  readonly #reconciler: Reconciler
  /** Statuses are taken one after the other: each is stored before the next is looked at. */
  #tail: Promise<void> = Promise.resolve()

  constructor(context: Context, reaper: Reaper, reconciler: Reconciler) {
    this.#context = context
    this.#reaper = reaper
    this.#reconciler = reconciler
  }

  readonly handle = (event: MesosEvent): void => {
    const { desk, report, trigger, log } = this.#context
    report.mesosEvent()
    switch (event.kind) {
      case 'subscribed':
        this.#subscribed(event)
        break
      case 'offers':
        report.offers('received', event.offers.length)
        desk.add(event.offers)
        trigger('offers')
        break
      case 'rescind':
        report.offers('rescinded', desk.remove([event.offerId]).length)
        break
      case 'status':
        this.#tail = this.#tail.then(() => this.#status(event.status))
        break
      case 'hostLost':
        log.info({ mesosAgentId: event.mesosAgentId }, 'Mesos lost a host')
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
        log.error({ why: event.why }, 'the Mesos master refuses this framework')
        this.#stepBack(`the Mesos master refuses this framework: ${event.why}`)
        break
      default:
        never(event)
    }
  }

  /** Resolves when every status so far is stored and answered. */
  async idle(): Promise<void> {
    await this.#tail
  }

  #subscribed(event: Extract<MesosEvent, { kind: 'subscribed' }>): void {
    const { world, log, report, trigger } = this.#context
    const { frameworkId, master, version } = event
    world.setFramework({ frameworkId, master })
    world.mesos = {
      subscribed: true,
      reconciled: false,
      master,
      version,
      standingBack: undefined,
      why: undefined,
    }
    report.subscribed(true)
    log.info({ frameworkId, master, version }, 'subscribed to Mesos')
    world.save().then(
      () => {
        this.#reconciler.start()
        trigger('status')
      },
      (error: unknown) => {
        log.debug({ err: error }, 'the framework id is not stored yet')
        this.#reconciler.start()
      },
    )
  }

  #disconnected(why: string): void {
    const { world, desk, log, report } = this.#context
    if (world.mesos.subscribed) log.warn({ why }, 'the subscription to Mesos ended')
    else if (world.mesos.why !== why) log.warn({ why }, 'not subscribed to Mesos')
    report.offers('lost', desk.clear())
    report.subscribed(false)
    this.#reconciler.stop()
    world.mesos = { ...world.mesos, subscribed: false, reconciled: false, why }
  }

  #stepBack(why: string): void {
    this.#disconnected(why)
    const { world } = this.#context
    world.mesos = { ...world.mesos, standingBack: why }
  }

  #failedOver(retryAt: Instant | undefined): void {
    this.#context.log.error({ retryAt }, 'another instance took over this framework: nothing is done here now')
    const next =
      retryAt === undefined
        ? 'it did so twice: end it, then call POST /api/v1/actions/take-over here'
        : `tried again at ${new Date(retryAt).toISOString()}`
    this.#stepBack(`another instance took over this framework; ${next}`)
  }

  /** Mesos ended every task of the old framework: their nodes go, and a new framework begins. */
  #removed(why: string): void {
    const { world, log, clock, trigger } = this.#context
    log.error({ why }, 'Mesos removed this framework and ended its tasks: a new one is registered')
    this.#disconnected(why)
    if (world.frameworkId !== undefined) world.lostFrameworks.add(world.frameworkId)
    world.setFramework(undefined)
    const now = clock.now()
    for (const record of world.records) {
      if (record.taskEnded || world.busy.has(record.agentId)) continue
      this.#put(settle({ ...stop(record, 'task_ended', 'its framework was removed', now), taskEnded: true }, now))
    }
    trigger('status')
  }

  async #status(status: TaskStatus): Promise<void> {
    const { world, log, mesos, trigger } = this.#context
    const record = world.get(status.taskId)
    if (record === undefined) this.#stray(status)
    else if (!this.#isPremature(record, status)) this.#apply(record, status)
    this.#reconciler.heard(status.taskId)
    try {
      await world.save()
      if (status.uuid !== undefined) await mesos.acknowledge(status)
    } catch (error) {
      // Mesos tells it again until it is acknowledged.
      log.debug({ taskId: status.taskId, err: error }, `a status was not acknowledged: ${messageOf(error)}`)
    }
    trigger('status')
  }

  /** Reconciliation calls an agent unknown that is only about to be launched. */
  #isPremature(record: AgentRecord, status: TaskStatus): boolean {
    const { world } = this.#context
    const preparing = world.busy.has(record.agentId) || world.ready.has(record.agentId)
    return record.state === 'planned' && preparing && status.reason === 'REASON_RECONCILIATION'
  }

  #apply(record: AgentRecord, status: TaskStatus): void {
    const { world, clock, log, report, secrets } = this.#context
    const now = clock.now()
    const after = applyStatus(record, status, now)
    if (after === record) return
    if (after.taskEnded && !record.taskEnded) {
      const { agentId, template } = record
      const { state, reason, message } = status
      report.taskEnded(template, state, reason)
      if (record.onlineAt === undefined && record.state !== 'stopping' && record.state !== 'draining') {
        const blame = secrets.wasRefused(agentId) ? 'nobody' : blameFor(state, reason)
        world.memory = launchFailed(world.memory, record, blame, now)
        log.warn({ agentId, template, hostname: record.hostname, state, reason, message }, 'a launch failed')
      } else log.info({ agentId, template, state, reason, message }, 'a task ended')
    } else if (after.state !== record.state) {
      log.info({ agentId: record.agentId, state: after.state, taskState: status.state }, 'agent changed')
    }
    this.#put(after)
  }

  #put(after: AgentRecord): void {
    this.#context.world.put(after)
    if (after.state === 'gone') this.#reaper.gone(after)
  }

  /** A task that nobody knows: the planner decides whether it is adopted, and when it counts as an orphan. */
  #stray({ taskId, mesosAgentId, state }: TaskStatus): void {
    const { world, clock } = this.#context
    if (!isAlive(state) && state !== 'TASK_UNREACHABLE') {
      world.strays.delete(taskId)
      world.absent.add(taskId)
      return
    }
    world.absent.delete(taskId)
    const now = clock.now()
    const before = world.strays.get(taskId) ?? { since: now, sweeps: 0, lastSweep: -Infinity }
    const isSweep = now - before.lastSweep >= SWEEP_MS / 2
    const { since, sweeps, lastSweep } = before
    world.strays.set(taskId, {
      taskId,
      mesosAgentId,
      state,
      since,
      sweeps: isSweep ? sweeps + 1 : sweeps,
      lastSweep: isSweep ? now : lastSweep,
    })
  }
}
