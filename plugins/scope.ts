import type { FastifyRequest } from 'fastify'
import type { TokenScope } from '../src/core/access.ts'

/**
 * What a caller may: each includes those before it. `open` needs no token: health, and the files of the page. `metrics`
 * is for a Prometheus; `read` sees all; `act` may change something.
 */
export type Scope = 'open' | TokenScope

declare module 'fastify' {
  interface FastifyContextConfig {
    /** [read; act where the method is not GET or HEAD] */
    readonly scope?: Scope
  }
}

const RANKS: Readonly<Record<Scope, number>> = { open: 0, metrics: 1, read: 2, act: 3 }

export function includes(has: Scope, needed: Scope): boolean {
  return RANKS[has] >= RANKS[needed]
}

/** What a caller must have for this request. A route that does not say so is not open. */
export function scopeOf({ is404, method, routeOptions }: FastifyRequest): Scope {
  // Whoever has any token may be told that there is nothing.
  if (is404) return 'metrics'
  return routeOptions.config.scope ?? (isReading(method) ? 'read' : 'act')
}

export function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}
