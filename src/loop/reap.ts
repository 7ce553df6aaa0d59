import { messageOf } from '../core/code-of.ts'
import { drain, settle, stop } from '../core/lifecycle.ts'
import { OFFLINE_MARKER, offlineReason } from '../core/markers.ts'
import type { AgentId, AgentRecord } from '../core/model.ts'
import type { Context } from './context.ts'

/**
 * Takes agents down. Each step looks at the world first, so it may be repeated after a crash or a failure: what was
 * done before is found done.
 */
export class Reaper {
  readonly #context: Context
  readonly #jobs = new Set<Promise<void>>()
  /** Agents of which it was said that they wait for their builds: said once. */
  readonly #toldBusy = new Set<AgentId>()
  /** Why the last action on it did not work. */
  readonly #failures = new Map<AgentId, string>()

  constructor(context: Context) {
    this.#context = context
  }

  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.allSettled(this.#jobs)
  }

  /** Node offline, look again, delete, kill. A build found running is waited for: the node stays offline. */
  reap(agentId: AgentId): void {
    this.#begin(agentId, 'reap', async (record) => {
      const { jenkins, log } = this.#context
      const { template, hostname } = record
      const node = await jenkins.setOffline(agentId, offlineReason(record.reason))
      if (node !== undefined && (node.running.length > 0 || !node.idle)) {
        if (!this.#toldBusy.has(agentId)) {
          this.#toldBusy.add(agentId)
          log.info(
            { agentId, template, hostname, builds: node.running.map(({ name }) => name) },
            'agent drains: it goes when its builds end',
          )
        }
        return
      }
      if (node?.temporarilyOffline === false) return // somebody was quicker to lift it: the next round tries again
      await this.#deleteNode(agentId)
      await this.#kill(agentId)
    })
  }

  /** The task has ended or never was: the node goes, whatever Jenkins still believes to run there. */
  removeNode(agentId: AgentId): void {
    this.#begin(agentId, 'removeNode', async (record) => {
      if (!record.taskEnded) throw new Error(`the task of ${agentId} has not ended: its node is not removed`)
      await this.#deleteNode(agentId)
    })
  }

  kill(agentId: AgentId): void {
    this.#begin(agentId, 'kill', () => this.#kill(agentId))
  }

  /** So that Jenkins gives it no builds while nobody knows whether its host is alive. */
  offlineNode(agentId: AgentId, reason: string): void {
    this.#begin(agentId, 'offlineNode', async () => {
      await this.#context.jenkins.setOffline(agentId, offlineReason(reason))
    })
  }

  onlineNode(agentId: AgentId): void {
    this.#begin(agentId, 'onlineNode', async () => {
      await this.#context.jenkins.setOnline(agentId, OFFLINE_MARKER)
    })
  }

  #begin(agentId: AgentId, what: string, work: (record: AgentRecord) => Promise<void>): void {
    const { world, log, trigger } = this.#context
    const record = world.get(agentId)
    if (record === undefined || world.busy.has(agentId)) return
    world.busy.add(agentId)
    const job = work(record)
      .then(() => {
        this.#failures.delete(agentId)
      })
      .catch((error: unknown) => {
        const why = messageOf(error)
        if (this.#failures.get(agentId) !== why) {
          log.warn({ agentId, action: what, why, err: error }, 'an action on an agent did not work and is tried again')
        }
        this.#failures.set(agentId, why)
      })
      .finally(() => {
        world.busy.delete(agentId)
        this.#jobs.delete(job)
        trigger('job')
      })
    this.#jobs.add(job)
  }

  async #deleteNode(agentId: AgentId): Promise<void> {
    const { jenkins, world, clock } = this.#context
    await jenkins.deleteNode(agentId)
    const record = world.get(agentId)
    if (record === undefined) return
    const now = clock.now()
    const after = settle({ ...stop(record, record.reapReason ?? 'operator', record.reason, now), nodeGone: true }, now)
    this.#put(record, after)
    await world.save()
  }

  async #kill(agentId: AgentId): Promise<void> {
    const { world, mesos, clock } = this.#context
    const record = world.get(agentId)
    if (record === undefined || record.taskEnded) return
    await mesos.kill(agentId, record.mesosAgentId)
    const now = world.get(agentId)
    if (now !== undefined) world.put({ ...now, killedAt: clock.now() })
  }

  #put(before: AgentRecord, after: AgentRecord): void {
    this.#context.world.put(after)
    if (after.state === 'gone') this.gone(after)
    else if (before.state !== 'stopping') {
      const { agentId, template, hostname, reason } = after
      this.#context.log.info({ agentId, template, hostname, reason }, 'agent reaped: node removed')
    }
  }

  /** Nothing of it is left, in Jenkins or in Mesos. */
  gone(record: AgentRecord): void {
    const { report, log, clock, secrets, world } = this.#context
    const lifetimeSeconds = (clock.now() - record.createdAt) / 1000
    this.#toldBusy.delete(record.agentId)
    this.#failures.delete(record.agentId)
    secrets.forget(record.agentId)
    world.ready.delete(record.agentId)
    report.reaped(record.template, record.reapReason ?? 'operator')
    report.gone(record, lifetimeSeconds)
    const { agentId, template, hostname, reason } = record
    log.info({ agentId, template, hostname, reason }, 'agent gone')
  }

  /**
   * An operator's explicit call: every agent goes, as soon as no build runs on it. One that is still `planned` may be
   * launched yet, or given up: to be called again.
   */
  drainAll(reason: string): void {
    const { world, clock } = this.#context
    for (const record of world.records) {
      const after = record.state === 'planned' ? record : drain(record, 'shutdown', reason, clock.now())
      if (after !== record) world.put(after)
    }
  }
}
