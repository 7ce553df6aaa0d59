import type { Cancel, Clock } from '../../core/clock.ts'
import type { WireOffer, WireTaskStatus } from '../../mesos/protocol.ts'
import { AppHealth } from './app-health.ts'
import { type Deployment, isDone } from './deployment.ts'
import { Entry } from './entry.ts'
import { type Instance, isGone, isOver, isWell, type Task } from './instance.ts'
import { launch } from './launch.ts'
import { fits } from './match.ts'
import { isSame, isSameConfig, type Spec, schedulingOf } from './spec.ts'
import type { SavedMarathon } from './state-file.ts'

export interface FleetOptions {
  readonly clock: Clock
  readonly uuid: () => string
  readonly chance: () => number
  readonly call: (call: object) => void
  readonly save: (state: Omit<SavedMarathon, 'frameworkId'>) => void
}

/** Kills that were lost are repeated, and tasks asked for, so often. */
const UPKEEP_MS = 5_000
const RETRY_KILL_MS = 10_000
/** An instance that was well so long may fail without waiting for it. */
const GOOD_LIFE_MS = 60_000
const REFUSE_SECONDS = 2
const LONG_REFUSE_SECONDS = 3_600

/** Pods and apps on their way from what they are to what they are to be. */
export class Fleet {
  readonly entries = new Map<string, Entry>()
  deployments: Deployment[] = []
  readonly #options: FleetOptions
  readonly #health: AppHealth
  readonly #killedAt = new Map<Instance, number>()
  readonly #lostAt = new Map<Instance, number>()
  #upkeep: Cancel | undefined
  #retry: Cancel | undefined
  #isHungry = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#health = new AppHealth(options.clock, (instance, healthy, kill) => {
      for (const task of instance.tasks) task.healthy = healthy
      // It counts as a failure: it is still wanted.
      if (kill) this.#kill(instance)
      this.#work()
    })
  }

  restore(saved: SavedMarathon | undefined): void {
    for (const { versions, isDeleted, instances } of saved?.entries ?? []) {
      const spec = versions.at(-1)
      if (spec === undefined) continue
      const entry = new Entry(spec, versions)
      entry.isDeleted = isDeleted
      entry.instances = [...instances]
      this.entries.set(spec.id, entry)
    }
  }

  start(): void {
    this.#upkeep = this.#options.clock.timer(UPKEEP_MS, () => {
      this.#keepUp()
      this.start()
    })
  }

  close(): void {
    this.#upkeep?.()
    this.#retry?.()
    this.#health.stopAll()
  }

  /** Deployments that change the same. */
  lockedBy(id: string): readonly Deployment[] {
    return this.deployments.filter(({ entry }) => entry.spec.id === id)
  }

  /** Creates or replaces; the lock was looked at before. */
  put(spec: Spec): Deployment {
    const before = this.entries.get(spec.id)
    if (before === undefined || before.isDeleted) {
      const entry = before ?? new Entry(spec)
      const made = this.#change(entry, spec)
      this.entries.set(spec.id, entry)
      return this.#deploy(entry, 'Start', made, false)
    }
    if (isSame(before.spec, spec)) return this.#deploy(before, 'Restart', before.spec, true)
    const action = isSameConfig(before.spec, spec) ? 'Scale' : 'Restart'
    const { configVersion } = before.spec
    return this.#deploy(
      before,
      action,
      this.#change(before, action === 'Scale' ? { ...spec, configVersion } : spec),
      false,
    )
  }

  delete(entry: Entry): Deployment {
    entry.isDeleted = true
    return this.#deploy(entry, 'Stop', entry.spec, false)
  }

  /** It ends, and another one takes its place at once. */
  killInstance(entry: Entry, instance: Instance): void {
    instance.isUnwanted = true
    this.#kill(instance)
    entry.backoff.reset()
    this.#work()
  }

  /** Mesos is there (again): what became of our tasks? */
  onSubscribed(): void {
    this.#isHungry = false
    const tasks = [...this.entries.values()].flatMap(({ instances }) =>
      instances.flatMap(({ tasks: own, mesosAgentId }) =>
        own
          .filter((task) => !isOver(task))
          .map(({ taskId }) => ({ task_id: { value: taskId }, agent_id: { value: mesosAgentId } })),
      ),
    )
    if (tasks.length > 0) this.#options.call({ type: 'RECONCILE', reconcile: { tasks } })
    // Tasks that we do not know any more are told of, and killed.
    this.#options.call({ type: 'RECONCILE', reconcile: { tasks: [] } })
    this.#work()
  }

  /** The framework was removed: all of its tasks are being killed. */
  onRemoved(): void {
    for (const entry of this.entries.values()) entry.instances = []
    this.#work()
  }

  onOffers(offers: readonly WireOffer[]): void {
    for (const offer of offers) this.#onOffer(offer)
    this.#work()
  }

  onUpdate(status: WireTaskStatus): void {
    const found = this.#find(status.task_id.value)
    if (found !== undefined) this.#take(found, status)
    const { uuid, agent_id, task_id } = status
    if (uuid !== undefined) this.#options.call({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } })
    const state = status.state
    if (found === undefined && ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING'].includes(state)) {
      this.#options.call({ type: 'KILL', kill: { task_id, ...(agent_id === undefined ? {} : { agent_id }) } })
    }
    this.#work()
  }

  #change(entry: Entry, spec: Spec): Spec {
    entry.isDeleted = false
    entry.spec = spec
    if (!entry.versions.includes(spec)) entry.versions.push(spec)
    entry.backoff.reset()
    return spec
  }

  #deploy(entry: Entry, action: Deployment['action'], { version }: Spec, isEmpty: boolean): Deployment {
    // Forced: the one before gives way.
    this.deployments = this.deployments.filter((other) => other.entry !== entry)
    const deployment = { id: this.#options.uuid(), version, entry, action, isEmpty }
    this.deployments.push(deployment)
    // Whoever asks at once shall see it.
    this.#options.clock.timer(0, () => {
      this.#work()
    })
    this.#save()
    return deployment
  }

  #find(taskId: string): { entry: Entry; instance: Instance; task: Task } | undefined {
    for (const entry of this.entries.values()) {
      for (const instance of entry.instances) {
        const task = instance.tasks.find((each) => each.taskId === taskId)
        if (task !== undefined) return { entry, instance, task }
      }
    }
    return undefined
  }

  #take({ entry, instance, task }: { entry: Entry; instance: Instance; task: Task }, status: WireTaskStatus): void {
    const now = this.#options.clock.now()
    if (isOver(task)) return
    if (task.state !== status.state) task.since = now
    task.state = status.state
    task.status = status
    if (status.healthy !== undefined) task.healthy = status.healthy
    if (status.state === 'TASK_UNREACHABLE') this.#lostAt.set(instance, this.#lostAt.get(instance) ?? now)
    else this.#lostAt.delete(instance)
    if (status.state === 'TASK_RUNNING') this.#health.start(instance)
    if (isGone(instance)) this.#forget(entry, instance)
  }

  #forget(entry: Entry, instance: Instance): void {
    this.#health.stop(instance)
    this.#killedAt.delete(instance)
    this.#lostAt.delete(instance)
    entry.bury(instance, this.#options.clock.now())
  }

  /** Everything that can be done now. */
  #work(): void {
    for (const entry of this.entries.values()) {
      for (const instance of entry.surplus) {
        instance.isUnwanted = true
        this.#kill(instance)
      }
      if (entry.isDeleted && entry.instances.length === 0) this.entries.delete(entry.spec.id)
    }
    this.deployments = this.deployments.filter((deployment) => !isDone(deployment))
    this.#lookForOffers()
    this.#save()
  }

  #wanting(): Entry[] {
    const now = this.#options.clock.now()
    return [...this.entries.values()].filter(({ missing, backoff }) => missing > 0 && backoff.notBefore <= now)
  }

  #lookForOffers(): void {
    const isHungry = this.#wanting().length > 0
    if (isHungry && !this.#isHungry) this.#options.call({ type: 'REVIVE', revive: { roles: [] } })
    this.#isHungry = isHungry
    this.#retry?.()
    const now = this.#options.clock.now()
    const later = [...this.entries.values()]
      .filter(({ missing }) => missing > 0)
      .map(({ backoff }) => backoff.notBefore - now)
    const next = Math.min(...later.filter((ms) => ms > 0))
    if (Number.isFinite(next))
      this.#retry = this.#options.clock.timer(next, () => {
        this.#work()
      })
  }

  #onOffer(offer: WireOffer): void {
    const wanting = this.#wanting()
    const entry = wanting.find(({ spec, instances }) => fits(spec, offer, instances))
    if (entry === undefined) {
      const refuse_seconds = wanting.length > 0 ? REFUSE_SECONDS : LONG_REFUSE_SECONDS
      this.#options.call({ type: 'DECLINE', decline: { offer_ids: [offer.id], filters: { refuse_seconds } } })
      return
    }
    const { clock, uuid, chance } = this.#options
    const { instance, operation } = launch(entry.spec, offer, { now: clock.now(), uuid: uuid(), chance })
    entry.instances.push(instance)
    // Written down before it is begun.
    this.#save()
    const filters = { refuse_seconds: 0 }
    this.#options.call({ type: 'ACCEPT', accept: { offer_ids: [offer.id], operations: [operation], filters } })
  }

  #kill(instance: Instance): void {
    const now = this.#options.clock.now()
    if (now - (this.#killedAt.get(instance) ?? Number.NEGATIVE_INFINITY) < RETRY_KILL_MS) return
    this.#killedAt.set(instance, now)
    this.#health.stop(instance)
    for (const task of instance.tasks.filter((each) => !isOver(each))) {
      const ids = { task_id: { value: task.taskId }, agent_id: { value: instance.mesosAgentId } }
      this.#options.call({ type: 'KILL', kill: ids })
    }
  }

  #keepUp(): void {
    const now = this.#options.clock.now()
    const unclear: object[] = []
    for (const entry of this.entries.values()) {
      for (const instance of entry.instances) {
        if (instance.isUnwanted || this.#killedAt.has(instance)) this.#kill(instance)
        const { inactiveAfter } = schedulingOf(instance.spec)
        const lostAt = this.#lostAt.get(instance)
        if (lostAt !== undefined && inactiveAfter !== undefined && now - lostAt >= inactiveAfter * 1000) {
          // Should it come back, nobody knows its tasks, and they are killed.
          for (const task of instance.tasks) if (!isOver(task)) task.state = 'TASK_LOST'
          this.#forget(entry, instance)
        }
        if (isWell(instance) && now - instance.launchedAt >= GOOD_LIFE_MS) entry.backoff.reset()
        const staged = instance.tasks.filter(
          ({ state, since }) => state === 'TASK_STAGING' && now - since > RETRY_KILL_MS,
        )
        for (const { taskId } of staged)
          unclear.push({ task_id: { value: taskId }, agent_id: { value: instance.mesosAgentId } })
      }
    }
    if (unclear.length > 0) this.#options.call({ type: 'RECONCILE', reconcile: { tasks: unclear } })
    this.#work()
  }

  #save(): void {
    this.#options.save({
      entries: [...this.entries.values()].map(({ versions, isDeleted, instances }) => ({
        versions,
        isDeleted,
        instances,
      })),
    })
  }
}
