/**
 * What a caller may: each includes those before it. `open` needs no token: health, and the files of the page. `metrics`
 * is for a Prometheus; `read` sees all; `act` may change something.
 */
export type Scope = 'open' | 'metrics' | 'read' | 'act'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** [read; act where the method is not GET or HEAD] */
    readonly scope?: Scope
  }
}
