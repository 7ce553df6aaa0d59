/** What the embedded Jenkins knows. Everything here is plain data, so that it can be written to the state file. */
import type { Instant, Mode } from '../../core/model.ts'

export interface NodeState {
  readonly name: string
  description: string | null
  remoteFs: string | null
  executors: number
  mode: Mode
  labelString: string
  /** `inbound`: has a JNLP launcher. A node made of an empty form has none. */
  inbound: boolean
  webSocket: boolean
  /** The agent is told no working directory. */
  workDirDisabled: boolean
  retention: string | null
  environment: readonly (readonly [string, string])[]
  toolLocations?: readonly ToolLocation[]
  /** `toggleOffline`: survives a restart. */
  temporarilyOffline: { readonly by: string; readonly message: string; readonly at: Instant } | null
}

export interface ToolLocation {
  /** Class of the tool's descriptor. */
  readonly type: string
  readonly name: string
  readonly home: string
}

export interface JobState {
  readonly name: string
  /** The text of its `config.xml`. */
  config: string
  labelExpression: string | null
  concurrent: boolean
  disabled: boolean
  parameters: readonly { readonly name: string; readonly defaultValue: string; readonly password: boolean }[]
  work: Work
  nextBuild: number
  readonly builds: BuildState[]
}

/** What a build does on its agent: a shell script, or load made for so long. */
export interface Work {
  readonly script: string | null
  /** How long it takes by its own account; what an agent without processes goes by. */
  readonly durationMs: number
  /** Share of one CPU that is burnt. */
  readonly cpu: number
  readonly memMib: number
  readonly exitCode: number
}

export interface BuildState {
  readonly number: number
  readonly queueId: number
  readonly node: string
  readonly executor: number
  readonly startedAt: Instant
  durationMs: number | null
  result: 'SUCCESS' | 'FAILURE' | 'ABORTED' | null
  readonly by: string
  readonly parameters: Parameters
  console: string
}

export type Parameters = readonly (readonly [string, string])[]

export interface ItemState {
  readonly id: number
  readonly job: string
  readonly by: string
  readonly parameters: Parameters
  /** Of this item, where a parameter assigned one; else the job's. */
  readonly labelExpression: string | null
  readonly since: Instant
  /** End of the quiet period. */
  readonly startAt: Instant
  stage: 'waiting' | 'blocked' | 'buildable' | 'pending' | 'left'
  buildableSince: Instant | null
  leftAt: Instant | null
  cancelled: boolean
  build: number | null
}

/** What goes into the state file. */
export interface SavedState {
  readonly nodes: readonly NodeState[]
  readonly jobs: readonly JobState[]
  readonly items: readonly ItemState[]
  readonly nextItem: number
}
