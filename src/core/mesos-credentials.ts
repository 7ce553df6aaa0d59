import type { Secret } from './secret.ts'

/** How this framework proves to Mesos who it is. */
export type MesosCredentials =
  /** The principal is then only claimed. */
  | { readonly kind: 'none'; readonly principal: string | undefined }
  | { readonly kind: 'basic'; readonly principal: string; readonly secret: Secret }
  /** JSON text, checked: see `readServiceAccount`. */
  | { readonly kind: 'dcos'; readonly account: Secret }
