import type { Secret } from './secret.ts'

/** PEM texts, read from files at start. */
export interface TlsFiles {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: Secret | undefined
}
