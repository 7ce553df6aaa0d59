import type { Cancel } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import type { AgentId, AgentRecord } from '../core/model.ts'
import type { Context } from './context.ts'

const FIRST_MS = 1_000
const LAST_MS = 60_000
/** Tasks whose host has not come back to a new master stay untold for minutes: planning does not wait for those. */
const PATIENCE_MS = 10_000
/** Once all is told: everything again after so many sweeps, to find what got lost; while there are strays, after one. */
const SWEEP_MS = 60_000
const SWEEPS = 15

/** Asks Mesos for the states of tasks: after each subscribe until every one is told, then implicitly, then again. */
export class Reconciler {
  readonly #context: Context
  readonly #untold = new Set<AgentId>()
  #timer: Cancel | undefined
  #patience: Cancel | undefined
  #pause = FIRST_MS

  constructor(context: Context) {
    this.#context = context
  }

  /** After each subscribe. */
  start(): void {
    this.stop()
    const { world, clock } = this.#context
    this.#untold.clear()
    for (const record of world.records) if (this.#mayRun(record)) this.#untold.add(record.agentId)
    this.#pause = FIRST_MS
    this.#patience = clock.timer(PATIENCE_MS, () => {
      this.#settled()
    })
    this.#ask()
  }

  stop(): void {
    this.#timer?.()
    this.#patience?.()
    this.#timer = undefined
    this.#patience = undefined
  }

  heard(taskId: AgentId): void {
    if (!this.#untold.delete(taskId) || this.#untold.size > 0) return
    this.#ask()
  }

  /** An agent that this process is bringing up was not launched yet: Mesos would call it unknown. */
  #mayRun(record: AgentRecord): boolean {
    const { world } = this.#context
    if (record.taskEnded) return false
    return record.state !== 'planned' || !(world.busy.has(record.agentId) || world.ready.has(record.agentId))
  }

  #ask(): void {
    const { world, clock } = this.#context
    this.#timer?.()
    const tasks = [...this.#untold].flatMap((agentId) => {
      const record = world.get(agentId)
      if (record === undefined) this.#untold.delete(agentId)
      return record === undefined ? [] : [{ taskId: agentId, mesosAgentId: record.mesosAgentId }]
    })
    if (tasks.length > 0) {
      this.#send(tasks)
      this.#timer = clock.timer(this.#pause, () => {
        this.#ask()
      })
      this.#pause = Math.min(this.#pause * 2, LAST_MS)
      return
    }
    this.#send([])
    this.#settled()
    this.#askLater(SWEEPS)
  }

  /** Whether there are strays is known only after the answers have come. */
  #askLater(sweeps: number): void {
    const { world, clock } = this.#context
    this.#timer = clock.timer(SWEEP_MS, () => {
      const strays = world.strays.size > 0
      if (!strays && sweeps > 1) {
        this.#askLater(sweeps - 1)
        return
      }
      if (!strays) this.#rearm()
      this.#ask()
    })
  }

  #rearm(): void {
    this.#pause = FIRST_MS
    for (const record of this.#context.world.records) if (this.#mayRun(record)) this.#untold.add(record.agentId)
  }

  #settled(): void {
    const { world, trigger } = this.#context
    this.#patience?.()
    this.#patience = undefined
    if (world.mesos.reconciled || !world.mesos.subscribed) return
    world.mesos = { ...world.mesos, reconciled: true }
    trigger('status')
  }

  #send(tasks: Parameters<Context['mesos']['reconcile']>[0]): void {
    const { mesos, log } = this.#context
    mesos.reconcile(tasks).catch((error: unknown) => {
      log.debug({ err: error }, `reconciliation was not asked and is asked again: ${messageOf(error)}`)
    })
  }
}
