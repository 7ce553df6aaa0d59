import type { Secret } from './secret.ts'

/** PEM texts, read from files at start. Certificate and key: both or none. */
export interface TlsFiles {
  /** Certificates of the authorities to trust, instead of those that Node brings along. */
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: Secret | undefined
}

/** As `node:tls` takes them. The key is in clear: hand it over and keep it nowhere. */
export function tlsOptions(files: TlsFiles | undefined): { ca?: string; cert?: string; key?: string } {
  return {
    ...(files?.ca !== undefined && { ca: files.ca }),
    ...(files?.cert !== undefined && { cert: files.cert }),
    ...(files?.key !== undefined && { key: files.key.reveal() }),
  }
}

/** PEM texts of a listener of ours: its certificate, with those between it and its authority, and their private key. */
export interface ServerTls {
  readonly cert: string
  readonly key: Secret
}
