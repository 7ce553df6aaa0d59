import type { MesosSnapshot } from '../../src/embedded/mesos/embedded-mesos.ts'

/** The world that is checked: both systems, and what the disk of the sidecar holds. Asked afresh at each look. */
export interface Systems {
  /** A clock that nobody sets. */
  readonly now: () => number
  readonly mesos: () => { readonly snapshot: () => MesosSnapshot }
  readonly jenkins: JenkinsSide
  /** Key and record of everything that would survive a power cut now. */
  readonly stored: () => ReadonlyMap<string, object>
  /** Everything is as it should be but for what the sidecar itself does: only then may it be held to a time. */
  readonly calm: () => boolean
  /** Caps in whole units, as people write them. */
  readonly caps: SeenCaps
  readonly promises: SeenPromises
}

/** What people were promised beside the caps, as they wrote it down. */
export interface SeenPromises {
  /** The clock that the program goes by. */
  readonly wall: () => number
  readonly templates: ReadonlyMap<string, SeenTemplate>
  /** By name, as text. */
  readonly attributesOf: (hostname: string) => Readonly<Record<string, string>>
  readonly launchRate: { readonly burst: number; readonly perSecond: number }
}

export interface SeenTemplate {
  readonly constraints: readonly SeenConstraint[]
  /** `undefined`: as many as come. */
  readonly maxBuilds: number | undefined
  /** Executors that are to be idle then; `undefined`: that is not known here. */
  readonly minIdleAt: (wall: number) => number | undefined
}

/** As Marathon writes them. */
export interface SeenConstraint {
  readonly field: string
  readonly operator: 'UNIQUE' | 'CLUSTER' | 'GROUP_BY' | 'LIKE' | 'UNLIKE' | 'MAX_PER' | 'IS'
  readonly value: string | undefined
}

export interface JenkinsSide {
  readonly phase: 'stopped' | 'starting' | 'ready'
  readonly nodes: readonly { readonly name: string; readonly description: string | null }[]
  readonly jobs: readonly { readonly name: string; readonly builds: readonly SeenBuild[] }[]
  readonly queue: readonly { readonly stage: string }[]
}

export type JenkinsSideQueue = Pick<JenkinsSide, 'queue'>

export interface SeenBuild {
  readonly number: number
  readonly node: string
  readonly result: string | null
}

export interface SeenCaps {
  /** By template. */
  readonly agents: ReadonlyMap<string, number>
  readonly inAll: readonly TotalCap[]
  /** Of all agents of one template together. */
  readonly ofTemplates: readonly (TotalCap & { readonly template: string })[]
  /** Idle executors that are kept, all templates together. */
  readonly warm: number
}

export interface TotalCap {
  /** The setting. */
  readonly name: string
  readonly resource: 'agents' | 'cpus' | 'mem'
  readonly most: number
}

/** As much of a stored record as a rule asks for. Amounts are thousandths, as they are stored. */
export interface SeenRecord {
  readonly agentId: string
  readonly state: string
  readonly taskState?: string | undefined
  readonly taskEnded: boolean
  readonly resources: Readonly<Record<string, number>>
  readonly createdAt?: number
  readonly reapReason?: string | undefined
}

export interface SeenTask {
  readonly taskId: string
  readonly hostname: string
  readonly state: string
}

/** One look at the world. */
export class Scene {
  readonly now: number
  readonly ready: boolean
  /** Names of the nodes that the sidecar made for agents. */
  readonly nodes: ReadonlySet<string>
  /** Tasks that have not ended. */
  readonly tasks: readonly SeenTask[]
  readonly mesos: MesosSnapshot
  readonly stored: ReadonlyMap<string, object>

  constructor(systems: Systems) {
    this.now = systems.now()
    this.ready = systems.jenkins.phase === 'ready'
    const nodes = new Set<string>()
    for (const { name, description } of systems.jenkins.nodes) {
      if (name.startsWith('mesos-') && description?.includes(' agentId=') === true) nodes.add(name)
    }
    this.nodes = nodes
    this.mesos = systems.mesos().snapshot()
    this.tasks = this.mesos.tasks.filter(({ state }) => LIVE.has(state))
    this.stored = systems.stored()
  }

  record(agentId: string): SeenRecord | undefined {
    return this.stored.get(`agent/${agentId}`) as SeenRecord | undefined
  }

  /** Records of agents that are not gone. */
  get records(): readonly SeenRecord[] {
    const found: SeenRecord[] = []
    for (const [key, value] of this.stored) {
      const record = value as SeenRecord
      if (key.startsWith('agent/') && record.state !== 'gone') found.push(record)
    }
    return found
  }
}

const LIVE = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_UNREACHABLE'])

/** `mesos-TEMPLATE-letters` */
export function templateOf(name: string): string {
  return /^mesos-(.*)-[^-]+$/.exec(name)?.[1] ?? ''
}
