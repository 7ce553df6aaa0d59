import type { Scene } from './scene.ts'
import type { Told, WireRequest } from './wire.ts'

/** Writes down that something was that must never be. */
export type Report = (invariant: number, words: string) => void

/** One thing that must always hold. It sees everything that passes between sidecars and their systems. */
export interface Rule {
  /** After each thing that happened. */
  readonly look?: (scene: Scene) => void
  /** A request that would change something has reached its server, which has not seen it yet. */
  readonly request?: (request: WireRequest, scene: () => Scene) => void
  /** A sidecar wrote to its store, which holds this now. */
  readonly committed?: (stored: ReadonlyMap<string, object>, who: string) => void
  /** The master said something on a subscription. */
  readonly told?: (told: Told) => void
  /** The subscription of a sidecar is over. */
  readonly streamEnded?: (who: string) => void
}
