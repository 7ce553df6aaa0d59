import { messageOf } from '../core/code-of.ts'
import { avoidHost, BAD_LUCK, launchFailed, withTrouble } from '../core/launch-memory.ts'
import { applyStatus, isAlive } from '../core/lifecycle.ts'
import type { AgentId, AgentRecord } from '../core/model.ts'
import { SWEEP_MS } from '../core/orphans.ts'
import { verdictOf } from '../core/outcomes.ts'
import { baseRevision } from '../core/variant.ts'
import type { Context } from './context.ts'
import type { TaskStatus } from './ports.ts'
import type { Reaper } from './reap.ts'
import type { Reconciler } from './reconcile.ts'

/** Statuses of tasks become records; each is acknowledged once its effect is stored. */
export class Statuses {
  readonly #context: Context
  readonly #reaper: Reaper
  readonly #reconciler: Reconciler
  #waiting: TaskStatus[] = []
  #running: Promise<void> | undefined
  readonly #acknowledging = new Set<Promise<void>>()

  constructor(context: Context, reaper: Reaper, reconciler: Reconciler) {
    this.#context = context
    this.#reaper = reaper
    this.#reconciler = reconciler
  }

  take(status: TaskStatus): void {
    this.#waiting.push(status)
    this.#running ??= this.#run()
  }

  /** Resolves when every status so far is stored and answered. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#acknowledging.size > 0) {
      await this.#running
      await Promise.all(this.#acknowledging)
    }
  }

  /** All that came while the last were stored go into one commit: after a failover thousands come at once. */
  async #run(): Promise<void> {
    await Promise.resolve() // for the others of the same event
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        for (const status of batch) this.#learn(status)
        await this.#context.world.save()
        this.#acknowledge(batch)
      } catch (error) {
        this.#notAcknowledged(batch, error)
      }
      this.#context.trigger('status')
    }
    this.#running = undefined
  }

  /** In the order in which they came; the next batch does not wait for the answers. */
  #acknowledge(batch: readonly TaskStatus[]): void {
    const { mesos } = this.#context
    for (const status of batch) {
      if (status.uuid === undefined) continue
      const answer = mesos
        .acknowledge(status)
        .catch((error: unknown) => {
          this.#notAcknowledged([status], error)
        })
        .finally(() => {
          this.#acknowledging.delete(answer)
        })
      this.#acknowledging.add(answer)
    }
  }

  /** Mesos tells them again until they are acknowledged. */
  #notAcknowledged(batch: readonly TaskStatus[], error: unknown): void {
    const { log } = this.#context
    for (const { taskId } of batch) {
      log.debug({ taskId, why: messageOf(error), err: error }, 'a status was not acknowledged')
    }
  }

  #learn(status: TaskStatus): void {
    const record = this.#context.world.get(status.taskId)
    if (record === undefined) this.#stray(status)
    else if (!this.#isPremature(record, status)) this.#apply(record, status)
    this.#reconciler.heard(status.taskId)
  }

  /** Reconciliation calls an agent unknown that is only about to be launched. */
  #isPremature(record: AgentRecord, status: TaskStatus): boolean {
    const { world } = this.#context
    const preparing = world.busy.has(record.agentId) || world.ready.has(record.agentId)
    return record.state === 'planned' && preparing && status.reason === 'REASON_RECONCILIATION'
  }

  #apply(record: AgentRecord, status: TaskStatus): void {
    const { world, clock, log } = this.#context
    const now = clock.now()
    const after = applyStatus(record, status, now)
    if (after === record) return
    const { agentId, template, hostname } = record
    if (after.taskEnded && !record.taskEnded) this.#ended(record, status)
    else if (after.state !== record.state) {
      log.info(
        {
          agentId,
          template,
          hostname,
          from: record.state,
          to: after.state,
          taskState: status.state,
          reason: status.reason,
        },
        'agent changed',
      )
      if (after.reapReason === 'maintenance') world.memory = avoidHost(world.memory, hostname, now)
    }
    world.put(after)
    if (after.state === 'gone') this.#reaper.gone(after)
  }

  #ended(record: AgentRecord, status: TaskStatus): void {
    const { world, clock, log, report, secrets } = this.#context
    const { agentId, template, hostname } = record
    const { state, reason, message } = status
    report.taskEnded(template, state, reason)
    const onOurWish = record.state === 'stopping' || record.state === 'draining'
    const verdict = secrets.wasRefused(agentId) ? BAD_LUCK : verdictOf(status)
    if (record.onlineAt === undefined && !onOurWish) {
      world.memory = launchFailed(world.memory, record, verdict, clock.now())
      log.warn({ agentId, template, hostname, state, reason, message, advice: verdict.advice }, 'a launch failed')
    } else log.info({ agentId, template, hostname, state, reason, message }, 'a task ended')
    if (!onOurWish && this.#isCurrent(record)) world.memory = withTrouble(world.memory, record, status, verdict)
  }

  /** What was wrong with an older revision of its template may be mended by now. */
  #isCurrent({ template, revision }: AgentRecord): boolean {
    const base = baseRevision(revision)
    return this.#context.settings.templates().some((now) => now.name === template && now.revision === base)
  }

  /** A task that nobody knows: the planner decides whether it is adopted, and when it counts as an orphan. */
  #stray(status: TaskStatus): void {
    const { world, clock } = this.#context
    const { taskId, mesosAgentId, state } = status
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
    if (isAlive(state) && world.isBuried(taskId) && !this.#hasNode(taskId)) this.#killAgain(status)
  }

  /** As Jenkins was last read. A node that was gone comes back with a backup, and builds may run on it. */
  #hasNode(taskId: AgentId): boolean {
    return this.#context.world.jenkins.reading?.nodes.some(({ name }) => name === taskId) ?? false
  }

  /** Its agent was given up, and its node is gone: no build can run there, whatever its host still does. */
  #killAgain({ taskId, mesosAgentId, state }: TaskStatus): void {
    const { world, mesos, settings, log } = this.#context
    if (settings.dryRun || world.mesos.standingBack !== undefined || state === 'TASK_KILLING') return
    log.info({ taskId, mesosAgentId }, 'the task of an agent that was given up came back: it is killed')
    mesos.kill(taskId, mesosAgentId).catch((error: unknown) => {
      log.debug({ taskId, err: error }, 'a task was not killed: it is found as an orphan')
    })
  }
}
