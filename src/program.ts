import type { FastifyInstance } from 'fastify'
import type { Clock } from './core/clock.ts'
import { messageOf } from './core/code-of.ts'
import type { Log } from './core/log.ts'
import { readMark } from './core/markers.ts'
import type { FrameworkId, JenkinsReading } from './core/model.ts'
import type { Hands } from './loop/act.ts'
import type { Context } from './loop/context.ts'
import type { Loop } from './loop/loop.ts'
import type { MesosEvents } from './loop/mesos-events.ts'
import type { JenkinsPort, MesosPort, StorePort } from './loop/ports.ts'
import type { Reconciler } from './loop/reconcile.ts'
import type { UsagePoll } from './loop/usage-poll.ts'
import type { View } from './loop/view.ts'
import type { World } from './loop/world.ts'

export type StopPolicy = 'leave' | 'kill'

export interface ProgramParts {
  readonly world: World
  readonly context: Context
  readonly loop: Loop
  readonly hands: Hands
  readonly events: MesosEvents
  readonly reconciler: Reconciler
  readonly usagePoll: UsagePoll
  readonly jenkins: JenkinsPort
  readonly mesos: MesosPort
  readonly store: StorePort
  readonly usage: { readonly close: () => Promise<void> }
  readonly clock: Clock
  readonly log: Log
  readonly view: () => View
  readonly scrape: () => Promise<{ readonly text: string; readonly contentType: string }>
  /** Health, metrics, API and page; not yet listening. */
  readonly app: FastifyInstance
  /** Where tasks fetch their secret; not yet listening. */
  readonly secretApp: FastifyInstance
}

const DRAIN_LOOK_MS = 500

/** The sidecar, composed: `start` sets it going, `stop` ends it. Both may be called again. */
export class Program {
  readonly #parts: ProgramParts
  readonly #stopping = new AbortController()
  #subscribing: Promise<void> | undefined
  #draining = false
  #stopped: Promise<void> | undefined

  constructor(parts: ProgramParts) {
    this.#parts = parts
  }

  /** Nothing new is started any more. */
  get draining(): boolean {
    return this.#draining
  }

  get app(): FastifyInstance {
    return this.#parts.app
  }

  get secretApp(): FastifyInstance {
    return this.#parts.secretApp
  }

  get view(): () => View {
    return this.#parts.view
  }

  get scrape(): ProgramParts['scrape'] {
    return this.#parts.scrape
  }

  /** @throws where the store holds what cannot be trusted */
  async start(): Promise<void> {
    if (this.#subscribing !== undefined) return
    const { world, loop, usagePoll, log } = this.#parts
    const saved = await world.load()
    log.info({ agents: saved.agents.size, frameworkId: world.frameworkId }, 'state loaded')
    this.#subscribing = this.#subscribe(saved.agents.size === 0)
    loop.start()
    usagePoll.start()
  }

  /**
   * `leave`: agents go on running, the next start adopts them. `kill`: every agent goes now, whatever it runs, and the
   * framework with them.
   */
  stop(policy: StopPolicy): Promise<void> {
    this.#stopped ??= this.#stop(policy)
    return this.#stopped
  }

  /** Resolves when every agent has gone, each after its builds, or when the signal says that it takes too long. */
  async drain(enough: AbortSignal): Promise<void> {
    const { world, hands, context, clock } = this.#parts
    this.#draining = true
    hands.reaper.drainAll('the sidecar is shutting down')
    context.trigger('asked')
    while (world.records.length > 0 && !enough.aborted) {
      await clock.sleep(DRAIN_LOOK_MS, enough).catch((error: unknown) => {
        if (!enough.aborted) throw error
      })
    }
  }

  /** An empty store beside nodes of ours is no fresh start: the framework id stands in their descriptions. */
  async #subscribe(empty: boolean): Promise<void> {
    const { world, mesos, events, log, context } = this.#parts
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
    const { jenkins, clock, context } = this.#parts
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        return frameworkOf(await jenkins.read(signal), context.settings.frameworkName)
      } catch (error) {
        context.log.debug({ err: error }, `waiting for Jenkins before the first subscription: ${messageOf(error)}`)
        await clock.sleep(context.settings.pollIntervalMs, signal).catch((reason: unknown) => {
          if (!signal.aborted) throw reason
        })
      }
    }
    return undefined
  }

  async #stop(policy: StopPolicy): Promise<void> {
    const { loop, hands, events, reconciler, usagePoll, world, jenkins, mesos, store, usage, app, secretApp } =
      this.#parts
    this.#stopping.abort()
    await this.#subscribing
    await loop.stop()
    await usagePoll.stop()
    reconciler.stop()
    await hands.provisioner.idle()
    await hands.reaper.idle()
    await hands.keeper.idle()
    if (policy === 'kill') await this.#killAll()
    await mesos.stop()
    await events.idle()
    await this.#lastSave(world)
    await secretApp.close()
    await app.close()
    await Promise.all([jenkins.close(), usage.close(), store.close()])
  }

  async #killAll(): Promise<void> {
    const { world, jenkins, mesos, log } = this.#parts
    for (const record of world.records) {
      try {
        await jenkins.deleteNode(record.agentId)
      } catch (error) {
        log.warn({ agentId: record.agentId, err: error }, `a node could not be removed: ${messageOf(error)}`)
      }
    }
    try {
      await mesos.teardown()
    } catch (error) {
      log.warn({ err: error }, `the framework could not be ended, its tasks go on: ${messageOf(error)}`)
      return
    }
    for (const record of world.records) world.put({ ...record, state: 'gone' })
    world.setFramework(undefined)
  }

  async #lastSave(world: World): Promise<void> {
    try {
      await world.save()
    } catch (error) {
      this.#parts.log.error({ err: error }, `the last changes could not be stored: ${messageOf(error)}`)
    }
  }
}

/** Most of our nodes tell: a few may be left of a framework that was removed. Nodes of other sidecars are not asked. */
function frameworkOf(reading: JenkinsReading, owner: string): FrameworkId | undefined {
  const nodes = new Map<FrameworkId, number>()
  for (const node of reading.nodes) {
    const mark = readMark(node.description)
    if (mark?.kind !== 'agent' || mark.frameworkId === undefined) continue
    if (mark.owner !== undefined && mark.owner !== owner) continue
    nodes.set(mark.frameworkId, (nodes.get(mark.frameworkId) ?? 0) + 1)
  }
  return [...nodes].sort(([, a], [, b]) => b - a)[0]?.[0]
}
