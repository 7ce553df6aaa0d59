import type { KnownReason } from './computers.ts'

/**
 * The reasons that this process gave for taking nodes offline. Controllers before 2.x tell no reason; without this
 * our own offline could not be told from a person's there. After a restart of this process it is a person's.
 */
export class OfflineReasons {
  readonly #reasons = new Map<string, string>()

  readonly of: KnownReason = (name) => this.#reasons.get(name)

  remember(name: string, reason: string): void {
    this.#reasons.set(name, reason)
  }

  /** The node is online again, or gone: who takes it offline next is somebody else. */
  forget(name: string): void {
    this.#reasons.delete(name)
  }

  /** After a reading of all nodes. */
  keep(temporarilyOffline: ReadonlySet<string>): void {
    for (const name of this.#reasons.keys()) {
      if (!temporarilyOffline.has(name)) this.#reasons.delete(name)
    }
  }
}
