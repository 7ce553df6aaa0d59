import type { Secret } from './secret.ts'

/** `zk://[user:pass@]h1:2181,h2,h3/path` taken apart. */
export interface Ensemble {
  readonly servers: readonly { readonly host: string; readonly port: number }[]
  /** `/mesos`; `/` is allowed. */
  readonly path: string
  /** `user:pass` for digest. */
  readonly auth: Secret | undefined
}
