import type { AccessToken } from '../core/access.ts'
import type { Ensemble } from '../core/ensemble.ts'
import type { MesosCredentials } from '../core/mesos-credentials.ts'
import type { Caps } from '../core/model.ts'
import type { LaunchRate } from '../core/remembered.ts'
import type { Secret } from '../core/secret.ts'
import type { Template } from '../core/template.ts'
import type { ServerTls, TlsFiles } from '../core/tls.ts'

/**
 * Everything that is set, checked as a whole and deeply frozen. Addresses are text with a trailing slash, as a `URL`
 * cannot be frozen; `new URL(…)` never fails on them.
 */
export interface Config {
  readonly jenkins: JenkinsConfig
  readonly mesos: MesosConfig
  /** Towards ZooKeeper, for the masters and the state; `undefined`: without TLS. */
  readonly zookeeperTls: TlsFiles | undefined
  readonly state: StateConfig
  /** For what is embedded, wherever the state is. As it was given, absolute or relative to the working folder. */
  readonly stateFolder: string
  /** At least one, in the order in which they are written. */
  readonly templates: readonly Template[]
  readonly caps: Caps
  readonly launchRate: LaunchRate
  readonly http: HttpConfig
  readonly agentHttp: AgentHttpConfig
  /** For people who ask where others are sent, and who says so. */
  readonly told: ToldAddresses
  readonly shutdownPolicy: ShutdownPolicy
  /** Stay up with a bad configuration. */
  readonly stay: boolean
  readonly dryRun: boolean
  readonly logLevel: LogLevel
}

export interface JenkinsConfig {
  readonly kind: 'embedded' | 'url'
  /** `undefined` exactly where it is embedded. */
  readonly url: string | undefined
  /** Jenkins as agents reach it, where that is not `url`. */
  readonly agentUrl: string | undefined
  /** Both or none. */
  readonly user: string | undefined
  readonly token: Secret | undefined
  readonly tls: TlsFiles | undefined
  readonly pollIntervalMs: number
}

export interface MesosConfig {
  readonly kind: 'embedded' | 'masters' | 'zookeeper'
  /** Origins such as `http://10.0.0.1:5050`; empty unless the masters are given by address. */
  readonly masters: readonly string[]
  /** Where the masters elect their leader; `undefined` unless they are found there. */
  readonly ensemble: Ensemble | undefined
  /** Of masters found over ZooKeeper, and of hosts. */
  readonly scheme: 'http' | 'https'
  readonly credentials: MesosCredentials
  readonly tls: TlsFiles | undefined
  /** At least one, without doubles. */
  readonly roles: readonly string[]
  /** `undefined`, with an embedded Mesos only: the user of this process. */
  readonly user: string | undefined
  readonly frameworkName: string
  readonly failoverTimeoutSeconds: number
}

export type StateConfig =
  | { readonly kind: 'file'; readonly folder: string }
  | { readonly kind: 'zookeeper'; readonly ensemble: Ensemble }

export interface HttpConfig {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Of API_TOKEN; none: only this machine may call. */
  readonly tokens: readonly AccessToken[]
  /** How people reach the page through a proxy. */
  readonly publicUrl: string | undefined
  readonly tls: ServerTls | undefined
}

export interface AgentHttpConfig {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** How hosts reach this listener. */
  readonly sidecarUrl: string | undefined
}

/** An address that others are told, and the variables that it comes from. */
export interface ToldAddress {
  readonly url: string
  readonly from: readonly string[]
}

export interface ToldAddresses {
  /** Where agents connect to Jenkins; `undefined` where that is embedded. */
  readonly agents: ToldAddress | undefined
  /** Where hosts fetch the secrets of agents; `undefined` where nobody said it. */
  readonly hosts: ToldAddress | undefined
  /** That of Jenkins is the place where this pod happens to run: when it moves, agents cannot follow. */
  readonly isPlace: boolean
}

export type ShutdownPolicy = 'leave' | 'drain' | 'kill'
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'

/** What a sidecar that stays up with a bad configuration still needs; variables with a mistake have their default. */
export type Fallback = Pick<Config, 'http' | 'stay' | 'logLevel'>

export type ConfigReading =
  | {
      readonly ok: true
      readonly config: Config
      /** Sentences, for the log and `check`. */
      readonly warnings: readonly string[]
      /** Files that were read: look at them again when they change. */
      readonly files: readonly string[]
    }
  | {
      readonly ok: false
      /** Every mistake there is, each a sentence that says where and what to do. */
      readonly mistakes: readonly string[]
      readonly warnings: readonly string[]
      readonly files: readonly string[]
      readonly fallback: Fallback
    }
