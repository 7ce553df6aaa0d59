import type { Secret } from './secret.ts'

/** What the bearer of a token may: each includes those before it. */
export type TokenScope = 'metrics' | 'read' | 'act'

export interface AccessToken {
  /** Stands in the audit log. */
  readonly name: string
  readonly scope: TokenScope
  readonly secret: Secret
}

/** Who may call; another value when the tokens were read again. */
export interface Access {
  /** None: only this machine may call. */
  readonly tokens: readonly AccessToken[]
}
