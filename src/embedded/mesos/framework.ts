import type { Cancel } from '../../core/clock.ts'
import type { TaskState, WireTaskStatus } from '../../mesos/protocol.ts'
import type { EventStream } from './event-stream.ts'
import { capabilitiesOf, rolesOf } from './framework-info.ts'
import type { HostTask } from './host-task.ts'
import type { OfferConstraints, ReceivedFrameworkInfo, ReceivedTask } from './received.ts'
import type { Pool } from './resources.ts'

/** A task as the master sees it. */
export interface MasterTask {
  readonly frameworkId: string
  readonly taskId: string
  readonly mesosAgentId: string
  readonly role: string
  readonly info: ReceivedTask
  readonly resources: Pool
  /** Shared with the other tasks of its group. */
  readonly executor: { readonly id: string; readonly resources: Pool } | undefined
  /** The latest that its host told: decides whether its resources are free. */
  state: TaskState
  /** The latest update that came through: what reconciliation answers, and whose ACK ends a task. */
  forwarded: TaskState
  forwardedUuid: string | undefined
  readonly statuses: WireTaskStatus[]
  unreachableAt: number | undefined
}

const MOST_COMPLETED_TASKS = 1_000

/** A framework as the master sees it. */
export class Framework {
  readonly id: string
  readonly registeredAt: number
  info: ReceivedFrameworkInfo
  capabilities: ReadonlySet<string>
  roles: readonly string[]
  suppressed = new Set<string>()
  constraints: OfferConstraints | undefined
  stream: EventStream | undefined
  streamId = ''
  reregisteredAt: number | undefined
  unregisteredAt: number | undefined
  /** Known from a host's report only; it has not subscribed to this master yet. */
  recovered = false
  /** Stops heartbeats or the failover timer. */
  cancelTimer: Cancel | undefined
  readonly tasks = new Map<string, MasterTask>()
  readonly unreachable = new Map<string, MasterTask>()
  readonly completed: MasterTask[] = []
  readonly counts = new Map<string, number>()

  constructor(id: string, info: ReceivedFrameworkInfo, registeredAt: number) {
    this.id = id
    this.registeredAt = registeredAt
    this.info = info
    this.capabilities = capabilitiesOf(info)
    this.roles = rolesOf(info)
  }

  get connected(): boolean {
    return this.stream !== undefined
  }

  get multiRole(): boolean {
    return this.capabilities.has('MULTI_ROLE')
  }

  get partitionAware(): boolean {
    return this.capabilities.has('PARTITION_AWARE')
  }

  get refined(): boolean {
    return this.capabilities.has('RESERVATION_REFINEMENT')
  }

  /** A resubscription: user and checkpointing stay as they were. */
  renew(info: ReceivedFrameworkInfo): void {
    const { user, checkpoint } = this.info
    this.info = { ...info, user, ...(checkpoint === undefined ? {} : { checkpoint }) }
    this.capabilities = capabilitiesOf(info)
    this.roles = rolesOf(info)
  }

  send(event: { readonly type: string; readonly [part: string]: unknown }): void {
    if (this.stream === undefined) return
    this.count(`events/${event.type.toLowerCase()}`)
    this.stream.send(event)
  }

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by)
  }

  complete(task: MasterTask): void {
    this.tasks.delete(task.taskId)
    this.unreachable.delete(task.taskId)
    this.completed.push(task)
    if (this.completed.length > MOST_COMPLETED_TASKS) this.completed.shift()
  }

  /** The executor of a task group ends with its last task. */
  hasExecutor(id: string): boolean {
    return [...this.tasks.values()].some(({ executor }) => executor?.id === id)
  }

  hostTask(info: ReceivedTask, role: string): HostTask {
    return {
      frameworkId: this.id,
      user: this.info.user,
      checkpoint: this.info.checkpoint ?? false,
      partitionAware: this.partitionAware,
      killingState: this.capabilities.has('TASK_KILLING_STATE'),
      role,
      info,
    }
  }
}
