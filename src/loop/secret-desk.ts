import { createHash } from 'node:crypto'
import type { AgentId, Instant } from '../core/model.ts'
import type { World } from './world.ts'

export type Redeemed =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'gone'; readonly why: string }

export interface SecretDeskOptions {
  readonly world: World
  readonly now: () => Instant
  readonly connectTimeoutMs: (template: string) => number
  /** Asks Jenkins again: after a restart the secret is not in memory any more. */
  readonly readSecret: (agentId: AgentId) => Promise<string>
}

/** Hands out agents' secrets, each once, for the token that stood in the task's URI. */
export class SecretDesk {
  readonly #options: SecretDeskOptions
  readonly #secrets = new Map<AgentId, string>()
  /** Agents that were refused: their launch fails, and neither host nor template is to blame. */
  readonly #refused = new Set<AgentId>()
  readonly #openSince: Instant

  constructor(options: SecretDeskOptions) {
    this.#options = options
    this.#openSince = options.now()
  }

  keep(agentId: AgentId, secret: string): void {
    this.#secrets.set(agentId, secret)
  }

  forget(agentId: AgentId): void {
    this.#secrets.delete(agentId)
    this.#refused.delete(agentId)
  }

  /**
   * Or nobody was here to be asked: its task was launched by an earlier process. A use that was stored by that one may
   * have been the last that it did, before the secret left.
   */
  wasRefused(agentId: AgentId): boolean {
    if (this.#refused.has(agentId)) return true
    const record = this.#options.world.get(agentId)
    if (record === undefined || record.createdAt >= this.#openSince) return false
    return record.tokenUsedAt === undefined || record.tokenUsedAt < this.#openSince
  }

  /** The use is stored before the secret is given: a crash in between costs one launch, never a second use. */
  async redeem(agentId: AgentId, token: string): Promise<Redeemed> {
    const { world, now } = this.#options
    const record = world.get(agentId)
    if (record !== undefined && record.tokenHash === undefined) {
      this.#refused.add(agentId) // adopted: what would prove its token was lost with the state
      return { kind: 'gone', why: 'the token was lost with the state' }
    }
    if (record === undefined || record.tokenHash !== hashToken(token)) return { kind: 'gone', why: 'no such token' }
    const why = this.#spent(agentId)
    if (why !== undefined) {
      this.#refused.add(agentId)
      return { kind: 'gone', why }
    }
    world.put({ ...record, tokenUsedAt: now() })
    try {
      await world.save()
      const secret = this.#secrets.get(agentId) ?? (await this.#options.readSecret(agentId))
      this.#secrets.delete(agentId)
      return { kind: 'secret', secret }
    } catch (error) {
      this.#refused.add(agentId) // the fetcher does not ask twice: this launch fails, and by no fault of its host
      throw error
    }
  }

  #spent(agentId: AgentId): string | undefined {
    const { world, now, connectTimeoutMs } = this.#options
    const record = world.get(agentId)
    if (record === undefined) return 'no such agent'
    if (record.tokenUsedAt !== undefined) return 'the token was used before'
    if (record.state !== 'planned' && record.state !== 'starting') return `the agent is ${record.state}`
    const since = record.launchedAt ?? record.since
    return now() - since > connectTimeoutMs(record.template) ? 'the token is too old' : undefined
  }
}

/** What the store keeps of a token: nobody can make the token from it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
