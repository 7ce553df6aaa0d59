import { frameworkIn } from './core/adoption.ts'
import type { Clock } from './core/clock.ts'
import { messageOf } from './core/code-of.ts'
import { stop } from './core/lifecycle.ts'
import type { Log } from './core/log.ts'
import type { AgentId, FrameworkId } from './core/model.ts'
import type { Hands } from './loop/act.ts'
import type { Context } from './loop/context.ts'
import type { DryRun } from './loop/dry-run.ts'
import { NotLeadingError } from './loop/gate.ts'
import { Limiter } from './loop/limiter.ts'
import type { Loop } from './loop/loop.ts'
import type { MesosEvents } from './loop/mesos-events.ts'
import type { JenkinsPort, MesosPort } from './loop/ports.ts'
import type { Reconciler } from './loop/reconcile.ts'
import type { Sizing } from './loop/sizing.ts'
import type { UsagePoll } from './loop/usage-poll.ts'
import type { World } from './loop/world.ts'

/** `leave`: agents go on running. `kill`: every agent goes now, whatever it runs, and the framework with them. */
export type StopPolicy = 'leave' | 'kill'

export interface TermParts {
  readonly world: World
  readonly context: Context
  readonly loop: Loop
  readonly hands: Hands
  /** In place of the hands. */
  readonly dryRun: DryRun | undefined
  readonly events: MesosEvents
  readonly reconciler: Reconciler
  readonly usagePoll: UsagePoll
  readonly sizing: Sizing
  readonly jenkins: JenkinsPort
  readonly mesos: MesosPort
  readonly usage: { readonly close: () => Promise<void> }
  readonly clock: Clock
  readonly log: Log
  /** Closes the gate that every call of this term goes through. */
  readonly closed: AbortController
}

const DRAIN_LOOK_MS = 500
const DRAIN_WORDS = 'the sidecar is shutting down'
/** Nodes that are removed at the same time. */
const PARALLEL = 8

/**
 * One leadership, from its begin to its end: a world loaded from the store, a subscription, the rounds. The next one
 * begins with nothing of it but what was stored, as after a crash.
 */
export class Term {
  readonly parts: TermParts
  readonly #stopping = new AbortController()
  #subscribing: Promise<void> | undefined
  #ended: Promise<void> | undefined

  constructor(parts: TermParts) {
    this.parts = parts
  }

  /** The leadership was lost: nothing is done any more. */
  get isOver(): boolean {
    return this.parts.closed.signal.aborted
  }

  /** @throws where the store holds what cannot be trusted */
  async start(): Promise<void> {
    const { world, loop, usagePoll, log } = this.parts
    const saved = await world.load()
    if (this.isOver) return
    log.info({ agents: saved.agents.size, frameworkId: world.frameworkId }, 'state loaded')
    this.#subscribing = this.#subscribe(saved.agents.size === 0)
    loop.start()
    usagePoll.start()
  }

  /** At once and for good: from now on no call that changes something leaves, and those under way are left. */
  abort(why: string): void {
    const { closed, mesos, log } = this.parts
    this.#stopping.abort()
    closed.abort(new NotLeadingError(`what was under way (${why})`))
    // Requests to Jenkins end with that signal, those to Mesos with its session. `end` waits for it.
    mesos.stop().catch((error: unknown) => {
      log.debug({ why: messageOf(error), err: error }, 'the subscription of a term that is over did not end well')
    })
  }

  /** Resolves when nothing of it runs any more. */
  end(policy: StopPolicy): Promise<void> {
    this.#ended ??= this.#end(policy)
    return this.#ended
  }

  /** Resolves when every agent has gone, each after its builds, or when the signal says that it takes too long. */
  async drain(enough: AbortSignal): Promise<void> {
    const { world, hands, context, clock, closed } = this.parts
    const signal = AbortSignal.any([enough, closed.signal])
    hands.reaper.drainAll(DRAIN_WORDS)
    context.trigger('asked')
    while (world.records.length > 0 && !signal.aborted) {
      await clock.sleep(DRAIN_LOOK_MS, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
      hands.reaper.drainAll(DRAIN_WORDS) // what was being launched
    }
  }

  /** An empty store beside nodes of ours is no fresh start: the framework id stands in their descriptions. */
  async #subscribe(empty: boolean): Promise<void> {
    const { world, mesos, events, log, context } = this.parts
    // A dry run must not take a framework over from the sidecar that it belongs to.
    if (empty && world.frameworkId === undefined && !context.settings.dryRun) {
      const found = await this.#frameworkInJenkins()
      if (this.#stopping.signal.aborted) return
      if (found !== undefined) {
        log.warn({ frameworkId: found }, 'the state is empty, but Jenkins has agents of this framework: it goes on')
        world.setFramework({ frameworkId: found, master: 'unknown' })
      }
    }
    mesos.start(world.frameworkId, events.handle)
  }

  async #frameworkInJenkins(): Promise<FrameworkId | undefined> {
    const { jenkins, clock, context } = this.parts
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        return frameworkIn(await jenkins.read(signal), context.settings.frameworkName)
      } catch (error) {
        context.log.debug({ why: messageOf(error), err: error }, 'waiting for Jenkins before the first subscription')
        await clock.sleep(context.settings.pollIntervalMs, signal).catch((reason: unknown) => {
          if (!signal.aborted) throw reason
        })
      }
    }
    return undefined
  }

  async #end(policy: StopPolicy): Promise<void> {
    const { loop, hands, events, reconciler, usagePoll, sizing, world, jenkins, mesos, usage, context } = this.parts
    this.#stopping.abort()
    await this.#subscribing
    await loop.stop()
    this.parts.dryRun?.end()
    await usagePoll.stop()
    await hands.provisioner.idle()
    await hands.reaper.idle()
    await hands.keeper.idle()
    await hands.rebuilder.idle()
    if (policy === 'kill' && !this.isOver) await this.#killAll()
    await mesos.stop()
    await events.idle()
    reconciler.stop()
    context.report.offers('lost', context.desk.clear())
    context.report.subscribed(false)
    sizing.hand()
    if (!this.isOver) await this.#lastSave(world)
    await Promise.all([jenkins.close(), usage.close()])
  }

  async #killAll(): Promise<void> {
    const { world, jenkins, mesos, log, clock } = this.parts
    const limiter = new Limiter(PARALLEL)
    const left = new Set<AgentId>()
    const deletions = world.records.map(({ agentId }) =>
      limiter.run(async () => {
        try {
          await jenkins.deleteNode(agentId)
        } catch (error) {
          left.add(agentId)
          log.warn({ agentId, why: messageOf(error), err: error }, 'a node could not be removed, the next start does')
        }
      }),
    )
    const [ended] = await Promise.allSettled([mesos.teardown(), ...deletions])
    if (ended.status === 'rejected') {
      log.warn(
        { why: messageOf(ended.reason), err: ended.reason as unknown },
        'the framework could not be ended, its tasks go on',
      )
      return
    }
    const now = clock.now()
    for (const record of world.records) {
      const stopped = stop(record, 'shutdown', 'an operator ended all agents', now)
      world.put(left.has(record.agentId) ? { ...stopped, taskEnded: true } : { ...record, state: 'gone' })
    }
    world.setFramework(undefined)
  }

  async #lastSave(world: World): Promise<void> {
    try {
      await world.save()
    } catch (error) {
      this.parts.log.error({ why: messageOf(error), err: error }, 'the last changes could not be stored')
    }
  }
}
