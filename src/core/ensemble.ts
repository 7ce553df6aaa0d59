import type { Secret } from './secret.ts'

/** `zk://[user:pass@]h1:2181,h2,h3/path` taken apart. */
export interface Ensemble {
  /** At least one, without doubles. */
  readonly servers: readonly { readonly host: string; readonly port: number }[]
  /** `/mesos`; `/` is allowed, otherwise without a slash at its end. */
  readonly path: string
  /** `user:pass`, for the digest scheme. */
  readonly auth: Secret | undefined
}

/** As people wrote it, for logs and `check`: without user and password. */
export function showEnsemble({ servers, path }: Ensemble): string {
  const hosts = servers.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
  return `zk://${hosts.join(',')}${path}`
}
