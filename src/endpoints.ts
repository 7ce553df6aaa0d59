import type { Secret } from './core/secret.ts'

/** Where Jenkins and Mesos are, embedded ones resolved. */
export interface Endpoints {
  readonly jenkinsUrl: URL
  readonly jenkinsUser: string | undefined
  readonly jenkinsToken: Secret | undefined
  readonly agentUrl: URL | undefined
  /** Origins. */
  readonly masters: readonly string[]
  readonly mesosUser: string
}
