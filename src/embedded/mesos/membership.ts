import type { TaskState } from '../../mesos/protocol.ts'
import type { Allocator } from './allocator.ts'
import type { FrameworkCheckpoint } from './checkpoint.ts'
import type { Cluster, HostRecord } from './cluster.ts'
import { Framework, type MasterTask } from './framework.ts'
import type { Host } from './host.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { TaskRecord } from './task-record.ts'
import { isTerminal } from './task-text.ts'

/** Which hosts are there: registration, silence, unreachability, return. */
export class Membership {
  readonly #cluster: Cluster
  readonly #allocator: Allocator
  readonly #subscriptions: Subscriptions
  /** Frameworks of an earlier master, by id: known again as soon as a host reports a task of theirs. */
  readonly #earlier = new Map<string, FrameworkCheckpoint>()
  readonly #keepRecovered: boolean

  constructor(cluster: Cluster, allocator: Allocator, subscriptions: Subscriptions, keepRecovered: boolean) {
    this.#cluster = cluster
    this.#allocator = allocator
    this.#subscriptions = subscriptions
    this.#keepRecovered = keepRecovered
  }

  /** Frameworks of an earlier master, as hosts will report them with their tasks. */
  remember(frameworks: readonly FrameworkCheckpoint[]): void {
    for (const framework of frameworks) this.#earlier.set(framework.id, framework)
  }

  /** A host registers for the first time with this master. */
  register(host: Host): void {
    if (this.#cluster.gone.has(host.id) || this.#cluster.down.has(host.spec.hostname)) {
      host.shutDown()
      return
    }
    const again = host.id !== ''
    const record = this.#cluster.addHost(host, again ? host.id : this.#cluster.nextHostId())
    this.#cluster.count(again ? 'slave_reregistrations' : 'slave_registrations')
    this.#cluster.save()
    for (const task of host.tasks) {
      if (this.#cluster.removed.has(task.frameworkId)) host.shutdownFramework(task.frameworkId)
      else this.#report(record, task)
    }
    host.register(record.id)
    if (again) for (const { queue } of host.tasks) queue.resend()
    this.#allocator.allocate()
  }

  /** Nothing comes from it any more. Its tasks are only given up when it stays away. */
  disconnect(record: HostRecord): void {
    if (!record.connected) return
    record.connected = false
    for (const offer of this.#cluster.offersOf(record)) this.#cluster.rescind(offer)
    this.#cluster.rescindInverse(record)
    for (const [framework, task] of this.#tasksOf(record)) {
      if (framework.info.checkpoint) continue
      framework.complete(task)
      task.state = 'TASK_LOST'
      this.#cluster.count('tasks_lost')
      const message = `Agent ${record.spec.hostname} disconnected`
      this.#cluster.tell(
        framework,
        this.#cluster.masterStatus(task.taskId, 'TASK_LOST', message, 'REASON_AGENT_DISCONNECTED', {
          mesosAgentId: record.id,
        }),
      )
    }
    record.cancelTimer = this.#cluster.timer(this.#cluster.settings.unreachableAfterMs, () => {
      this.#giveUp(record)
    })
  }

  /** It is back: what it reports is true from now on. */
  reconnect(record: HostRecord): void {
    if (record.connected) return
    record.cancelTimer?.()
    record.cancelTimer = undefined
    const wasUnreachable = record.unreachableAt !== undefined
    record.connected = true
    record.unreachableAt = undefined
    this.#cluster.count('slave_reregistrations')
    const { host } = record
    for (const told of host.tasks) {
      const framework = this.#cluster.frameworks.get(told.frameworkId)
      if (framework === undefined) {
        host.shutdownFramework(told.frameworkId)
        continue
      }
      const task = framework.unreachable.get(told.taskId)
      if (task !== undefined) {
        framework.unreachable.delete(task.taskId)
        framework.tasks.set(task.taskId, task)
        task.unreachableAt = undefined
      }
      this.#report(record, told)
      if (wasUnreachable) this.#tellReturned(framework, told)
    }
    // Its agent and its framework are both told of each other: the head leaves twice, as with a real one.
    host.register(record.id)
    for (const { queue } of host.tasks) queue.resend()
    this.#allocator.allocate()
  }

  /** The host is removed: its tasks are lost for good, for a partition aware framework too. */
  unregister(record: HostRecord, why: string): void {
    const message = `Agent ${record.spec.hostname} removed: ${why}`
    this.#remove(record, () => 'TASK_LOST', message, 'REASON_AGENT_REMOVED')
  }

  /** By an operator: the id never comes back. */
  markGone(record: HostRecord): void {
    this.#cluster.gone.add(record.id)
    this.#remove(
      record,
      ({ partitionAware }) => (partitionAware ? 'TASK_GONE_BY_OPERATOR' : 'TASK_LOST'),
      'Agent has been marked gone',
      'REASON_AGENT_REMOVED_BY_OPERATOR',
    )
  }

  #remove(record: HostRecord, stateFor: (framework: Framework) => TaskState, message: string, reason: string): void {
    record.cancelTimer?.()
    for (const [framework, task] of this.#tasksOf(record)) {
      framework.complete(task)
      task.state = stateFor(framework)
      this.#cluster.count(task.state === 'TASK_LOST' ? 'tasks_lost' : 'tasks_gone_by_operator')
      this.#cluster.tell(
        framework,
        this.#cluster.masterStatus(task.taskId, task.state, message, reason, { mesosAgentId: record.id }),
      )
    }
    for (const offer of this.#cluster.offersOf(record)) this.#cluster.rescind(offer)
    this.#cluster.rescindInverse(record)
    this.#cluster.hosts.delete(record.id)
    this.#cluster.save()
    this.#failure(record.id)
  }

  /** Hosts of the earlier master that never came. */
  giveUpRecovering(): void {
    for (const id of [...this.#cluster.recovering.keys()]) {
      this.#cluster.recovering.delete(id)
      this.#cluster.lost.set(id, this.#cluster.clock.now())
      this.#failure(id)
    }
    this.#cluster.save()
  }

  #giveUp(record: HostRecord): void {
    const now = this.#cluster.clock.now()
    record.unreachableAt = now
    record.cancelTimer = undefined
    for (const [framework, task] of this.#tasksOf(record)) {
      framework.tasks.delete(task.taskId)
      framework.unreachable.set(task.taskId, task)
      task.unreachableAt = now
      const state = framework.partitionAware ? 'TASK_UNREACHABLE' : 'TASK_LOST'
      task.state = state
      this.#cluster.tell(
        framework,
        this.#cluster.masterStatus(task.taskId, state, 'health check timed out', 'REASON_AGENT_REMOVED', {
          mesosAgentId: record.id,
          unreachable_time: { nanoseconds: now * 1e6 },
        }),
      )
    }
    this.#failure(record.id)
  }

  #failure(mesosAgentId: string): void {
    for (const framework of this.#cluster.frameworks.values()) {
      framework.send({ type: 'FAILURE', failure: { agent_id: { value: mesosAgentId } } })
    }
  }

  /** The unreachable ones too. */
  #tasksOf(record: HostRecord): (readonly [Framework, MasterTask])[] {
    return [...this.#cluster.frameworks.values()].flatMap((framework) =>
      [...framework.tasks.values(), ...framework.unreachable.values()]
        .filter(({ mesosAgentId }) => mesosAgentId === record.id)
        .map((task) => [framework, task] as const),
    )
  }

  /** A host's word on one of its tasks. */
  #report(record: HostRecord, told: TaskRecord): void {
    const framework = this.#cluster.frameworks.get(told.frameworkId) ?? this.#recovered(told)
    let task = framework.tasks.get(told.taskId)
    if (task === undefined) {
      task = this.#cluster.makeTask({
        frameworkId: framework.id,
        mesosAgentId: record.id,
        role: told.role,
        info: told.info,
        executor: told.group?.executor,
      })
      framework.tasks.set(task.taskId, task)
    }
    task.state = told.state
    task.forwarded = told.forwarded
    const last = told.statuses.findLast(({ state }) => state === told.forwarded)
    task.forwardedUuid = last?.uuid
    const upTo = last === undefined ? 0 : told.statuses.indexOf(last) + 1
    task.statuses.splice(0, task.statuses.length, ...told.statuses.slice(0, upTo))
  }

  #recovered(told: TaskRecord): Framework {
    const earlier = this.#earlier.get(told.frameworkId)
    const info = earlier?.info ?? {
      user: told.user,
      name: '',
      id: { value: told.frameworkId },
      checkpoint: told.checkpoint,
      roles: [told.role],
      capabilities: [{ type: 'MULTI_ROLE' }, ...(told.partitionAware ? [{ type: 'PARTITION_AWARE' }] : [])],
    }
    const now = this.#cluster.clock.now()
    const framework = new Framework(told.frameworkId, info, earlier?.registeredAt ?? now)
    framework.recovered = true
    this.#cluster.frameworks.set(framework.id, framework)
    // A real master does not know how long it was told to wait, and lets its tasks run for ever.
    if (this.#keepRecovered) return framework
    // Where the embedded master is the only one, nobody else would end them.
    const patience = Math.max((info.failover_timeout ?? 0) * 1000, this.#cluster.settings.reregisterTimeoutMs)
    this.#subscriptions.awaitFailover(framework, patience)
    return framework
  }

  #tellReturned(framework: Framework, told: TaskRecord): void {
    if (isTerminal(told.state) && told.statuses.length === 0) return
    const containerStatus = told.statuses.findLast(
      ({ container_status }) => container_status !== undefined,
    )?.container_status
    this.#cluster.tell(
      framework,
      this.#cluster.masterStatus(
        told.taskId,
        told.state,
        'Unreachable agent re-reregistered',
        'REASON_AGENT_REREGISTERED',
        {
          mesosAgentId: told.info.agent_id.value,
          ...(containerStatus === undefined ? {} : { container_status: containerStatus }),
        },
      ),
    )
  }
}
