import type { Clock } from '../core/clock.ts'
import { type CpuTrack, cpusOf, followCpu } from '../core/cpu-rate.ts'
import type { AgentId } from '../core/model.ts'
import type { AgentUsage } from './ports.ts'

/** What a host told last says nothing of now after this. */
const SILENT_MS = 60_000

/** How many CPUs each agent uses, over about the last minute. */
export class CpuRates {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #agents = new Map<AgentId, { readonly track: CpuTrack; readonly seenAt: number }>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** @param read what hosts told now */
  look(read: readonly AgentUsage[], isAlive: (agentId: AgentId) => boolean): void {
    const seenAt = this.#clock.monotonic()
    for (const { agentId, at, cpuSeconds } of read) {
      if (cpuSeconds === undefined) continue
      const track = followCpu(this.#agents.get(agentId)?.track ?? [], { at, cpuSeconds })
      this.#agents.set(agentId, { track, seenAt })
    }
    for (const agentId of this.#agents.keys()) if (!isAlive(agentId)) this.#agents.delete(agentId)
  }

  /** `undefined`: not known now. */
  of(agentId: AgentId): number | undefined {
    const found = this.#agents.get(agentId)
    if (found === undefined || this.#clock.monotonic() - found.seenAt > SILENT_MS) return undefined
    return cpusOf(found.track)
  }
}
