import type { Secret } from './secret.ts'

/** PEM texts, read from files at start. Certificate and key: both or none. */
export interface TlsFiles {
  /** Certificates of the authorities to trust, instead of those that Node brings along. */
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: Secret | undefined
}
