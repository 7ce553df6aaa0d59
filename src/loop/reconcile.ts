import type { Cancel } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import type { AgentId, AgentRecord } from '../core/model.ts'
import type { Context } from './context.ts'
import type { TaskRef } from './ports.ts'

const FIRST_MS = 1_000
const LAST_MS = 60_000
/** Tasks whose host has not come back to a new master stay untold for minutes: planning does not wait for those. */
const PATIENCE_MS = 10_000
/** The answers of many tasks take their time: nothing is asked again before they can have come. */
const PER_TASK_MS = 2
/** One call names so many tasks at most. */
const BATCH = 500
/** Once planning may begin: everything again after so many sweeps, to find what got lost; strays in each. */
const SWEEP_MS = 60_000
const SWEEPS = 15

/**
 * Asks Mesos for the states of tasks: after each subscribe for every one that a record has, with back-off until it is
 * told; then, once planning may begin, without naming any, which finds tasks that no record has; and all of it again
 * every 15 minutes.
 */
export class Reconciler {
  readonly #context: Context
  readonly #untold = new Set<AgentId>()
  #askTimer: Cancel | undefined
  #patience: Cancel | undefined
  #sweepTimer: Cancel | undefined
  #pause = FIRST_MS

  constructor(context: Context) {
    this.#context = context
  }

  /** After each subscribe. */
  start(): void {
    this.stop()
    this.#arm()
    const patience = PATIENCE_MS + this.#untold.size * PER_TASK_MS
    this.#patience = this.#context.clock.timer(patience, () => {
      this.#settled()
    })
    this.#ask()
  }

  stop(): void {
    for (const cancel of [this.#askTimer, this.#patience, this.#sweepTimer]) cancel?.()
    this.#askTimer = undefined
    this.#patience = undefined
    this.#sweepTimer = undefined
    this.#untold.clear()
  }

  heard(taskId: AgentId): void {
    if (!this.#untold.has(taskId) || this.#isOpen(taskId)) return
    this.#untold.delete(taskId)
    if (this.#untold.size === 0) this.#ask()
  }

  /** Whether it was ever launched is not told by its host being out of reach: it is asked again. */
  #isOpen(taskId: AgentId): boolean {
    return this.#context.world.get(taskId)?.state === 'planned'
  }

  /** An agent that this process is bringing up was not launched yet: Mesos would call it unknown. */
  #mayRun(record: AgentRecord): boolean {
    const { world } = this.#context
    if (record.taskEnded) return false
    return record.state !== 'planned' || !(world.busy.has(record.agentId) || world.ready.has(record.agentId))
  }

  #arm(): void {
    this.#pause = FIRST_MS
    for (const record of this.#context.world.records) if (this.#mayRun(record)) this.#untold.add(record.agentId)
  }

  #ask(): void {
    const { world, clock } = this.#context
    this.#askTimer?.()
    this.#askTimer = undefined
    const tasks: TaskRef[] = []
    for (const agentId of this.#untold) {
      const record = world.get(agentId)
      if (record === undefined) this.#untold.delete(agentId)
      else tasks.push({ taskId: agentId, mesosAgentId: record.mesosAgentId })
    }
    if (tasks.length === 0) {
      this.#settled()
      return
    }
    this.#sendAll(tasks)
    this.#askTimer = clock.timer(this.#pause + tasks.length * PER_TASK_MS, () => {
      this.#ask()
    })
    this.#pause = Math.min(this.#pause * 2, LAST_MS)
  }

  /** All is told, or had its time. */
  #settled(): void {
    const { world, trigger } = this.#context
    this.#patience?.()
    this.#patience = undefined
    if (!world.mesos.subscribed) return
    if (this.#sweepTimer === undefined) {
      this.#send([])
      this.#sweepLater(1)
    }
    if (world.mesos.reconciled) return
    world.mesos = { ...world.mesos, reconciled: true }
    trigger('status')
  }

  #sweepLater(sweep: number): void {
    const { world, clock } = this.#context
    this.#sweepTimer = clock.timer(SWEEP_MS, () => {
      const all = sweep >= SWEEPS
      if (all || world.strays.size > 0) this.#send([])
      // One that ended unheard is not listed: asked for by name it is told to be unknown, and counts no more.
      this.#sendAll([...world.strays.values()])
      if (all && this.#untold.size === 0) {
        this.#arm()
        this.#ask()
      }
      this.#sweepLater(all ? 1 : sweep + 1)
    })
  }

  #sendAll(tasks: readonly TaskRef[]): void {
    for (let first = 0; first < tasks.length; first += BATCH) this.#send(tasks.slice(first, first + BATCH))
  }

  /** Without tasks: about all that Mesos has of us. */
  #send(tasks: readonly TaskRef[]): void {
    const { mesos, log } = this.#context
    mesos.reconcile(tasks).catch((error: unknown) => {
      log.debug({ why: messageOf(error), err: error }, 'reconciliation was not asked and is asked again')
    })
  }
}
