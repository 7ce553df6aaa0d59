import type { Secret } from './secret.ts'

/** How the agent program connects. `auto` is WebSocket from Jenkins 2.217 on, else TCP; `jnlpUrl` is for the oldest. */
export type Connection = 'auto' | 'websocket' | 'tcp' | 'jnlpUrl'

/** What the task of an agent looks like. The planner hands it through; the Mesos adapter builds a TaskInfo from it. */
export interface Launch {
  readonly connection: Connection
  /** The shell that its hosts have. */
  readonly commandStyle: 'linux' | 'windows'
  /** Shell text with `{jvmArgs}`, `{jar}` and `{connection}`; run as `exec …`. */
  readonly command: string
  /** Looks first whether Java is there and takes its flags, and says what is missing. */
  readonly preflight: boolean
  readonly jvmArgs: readonly string[]
  /** For agent.jar, behind those of the connection. */
  readonly agentArgs: readonly string[]
  readonly heapMib: number
  /** Relative to the sandbox, or absolute. */
  readonly remoteFs: string
  /** Mesos user; `undefined`: the framework's. */
  readonly user: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly uris: readonly LaunchUri[]
  readonly killGraceSeconds: number
  /** How the agent's secret travels: a one-time URI, or (visible in the Mesos agents' API) the environment. */
  readonly secretVia: 'uri' | 'environment'
  readonly container: Container | undefined
}

export interface LaunchUri {
  readonly value: string
  readonly extract: boolean
  readonly executable: boolean
  readonly cache: boolean
  readonly outputFile: string | undefined
}

export interface Container {
  readonly type: 'DOCKER' | 'MESOS'
  readonly image: string
  readonly forcePull: boolean
  readonly privileged: boolean
  /** A folder of the sandbox is its /var/lib/docker. */
  readonly dockerInDocker: boolean
  /** A job's label `LABEL:IMAGE`, LABEL being one of the template's, asks for an agent with that image. */
  readonly customImages: boolean
  readonly network: 'HOST' | 'BRIDGE' | 'NONE' | 'USER'
  /** Of Docker or CNI; empty unless the network is USER, or type MESOS. */
  readonly networkNames: readonly string[]
  readonly portMappings: readonly PortMapping[]
  readonly parameters: readonly { readonly key: string; readonly value: string }[]
  readonly volumes: readonly Volume[]
  /** `keep`: the command becomes arguments of the image's entrypoint. */
  readonly entrypoint: 'replace' | 'keep'
  /** Runs the command in place of `/bin/sh -c`, and is given it as one argument. */
  readonly shell: string | undefined
  /** What opens the registry: the text of a config.json of Docker, or the name of that in Mesos' secret store. */
  readonly registryAuth:
    | { readonly kind: 'value'; readonly value: Secret }
    | { readonly kind: 'reference'; readonly name: string }
    | undefined
}

export interface PortMapping {
  readonly containerPort: number
  /** 0: one of the offer's ports. */
  readonly hostPort: number
  readonly protocol: 'tcp' | 'udp'
}

export type Volume = { readonly containerPath: string; readonly readOnly: boolean } & (
  | { readonly kind: 'host'; readonly hostPath: string }
  /** Relative to the sandbox. */
  | { readonly kind: 'sandbox'; readonly path: string }
  | {
      readonly kind: 'docker'
      readonly driver: string
      readonly name: string
      readonly options: Readonly<Record<string, string>>
    }
  | { readonly kind: 'image'; readonly image: string }
)
