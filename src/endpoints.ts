import type { Secret } from './core/secret.ts'

/** Where Jenkins and Mesos are, embedded ones resolved. */
export interface Endpoints {
  readonly jenkinsUrl: URL
  readonly jenkinsUser: string | undefined
  /** As it is now: the file that holds it may change. */
  readonly jenkinsToken: () => Secret | undefined
  readonly agentUrl: URL | undefined
  /** Origins. */
  readonly masters: readonly string[]
  readonly mesosUser: string
}
