import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import type { AgentId } from '../core/model.ts'
import { CpuRates } from './cpu-rates.ts'
import type { AgentUsage, UsageHost, UsagePort } from './ports.ts'
import type { Sizing } from './sizing.ts'
import type { World } from './world.ts'

const EVERY_MS = 10_000

export interface UsagePollOptions {
  readonly world: World
  readonly usage: UsagePort
  /** Learns from each reading. */
  readonly sizing: Pick<Sizing, 'begin' | 'look'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Keeps the last known CPU and memory use of each agent, asked only of hosts that run one. What an agent used between
 * the last reading and its end nobody knows: its host does not tell of it any more.
 */
export class UsagePoll {
  readonly #options: UsagePollOptions
  readonly #stop = new AbortController()
  readonly #latest = new Map<AgentId, AgentUsage>()
  readonly #cpus: CpuRates
  #running: Promise<void> | undefined
  #told: string | undefined

  constructor(options: UsagePollOptions) {
    this.#options = options
    this.#cpus = new CpuRates(options.clock)
  }

  start(): void {
    if (this.#running !== undefined) return
    this.#options.sizing.begin()
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** Of agents that live; what was read last. */
  get latest(): ReadonlyMap<AgentId, AgentUsage> {
    return this.#latest
  }

  /** CPUs that an agent uses, over about the last minute; `undefined`: not known now. */
  readonly cpusOf = (agentId: AgentId): number | undefined => this.#cpus.of(agentId)

  async #run(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#poll(signal)
      await clock.sleep(EVERY_MS, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { world, usage, sizing, log } = this.#options
    let read: readonly AgentUsage[] = []
    const hosts = new Map<string, UsageHost>()
    for (const { mesosAgentId, address, launchedAt, taskEnded } of world.records) {
      if (mesosAgentId === undefined || address === undefined || launchedAt === undefined || taskEnded) continue
      hosts.set(mesosAgentId, { mesosAgentId, address })
    }
    try {
      if (hosts.size > 0) read = await usage.read([...hosts.values()], signal)
      for (const one of read) this.#latest.set(one.agentId, one)
      this.#told = undefined
    } catch (error) {
      if (signal.aborted) return
      const words = messageOf(error)
      if (words !== this.#told) log.warn({ why: words, err: error }, 'CPU and memory use cannot be read')
      this.#told = words
    }
    sizing.look(read)
    this.#cpus.look(read, (agentId) => world.get(agentId) !== undefined)
    for (const agentId of this.#latest.keys()) if (world.get(agentId) === undefined) this.#latest.delete(agentId)
  }
}
