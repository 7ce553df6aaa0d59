import type { HttpHandler } from '../http.ts'
import { type Checkpoints, fileCheckpoints, NO_CHECKPOINTS } from './checkpoint.ts'
import type { Draining } from './draining.ts'
import type { HostSpec } from './host-spec.ts'
import { Hosts } from './hosts.ts'
import { Machines } from './machines.ts'
import type { Maintenance } from './maintenance.ts'
import { type Leading, Master } from './master.ts'
import type { HostKnobs, MasterKnobs } from './mesos-options.ts'
import type { LoggedCall } from './scheduler-api.ts'
import { type MesosSnapshot, snapshotOf } from './snapshot.ts'
import { isTerminal } from './task-text.ts'

export type { Leading } from './master.ts'
export type { MesosSnapshot } from './snapshot.ts'

export interface EmbeddedMesosOptions extends MasterKnobs, HostKnobs {
  readonly hosts: readonly HostSpec[]
  /** `127.0.0.1:5050`: where `masterHandler` answers, as told in SUBSCRIBED and redirects. */
  readonly masterAuthority: string
  /** Where tasks, updates and frameworks survive the process; nothing does without. */
  readonly stateDir?: string
}

/**
 * A Mesos master and its agents in this process, as a framework and a reader of usage see them: after recorded
 * exchanges with a real one. Several masters over the same hosts: `EmbeddedMasters`. Deliberately not here: the v0 API,
 * protobuf bodies, quotas, task groups, custom executors, dynamic reservations, persistent volumes, revocable and
 * shared resources.
 */
export class EmbeddedMesos {
  readonly masterHandler: HttpHandler
  /** For a listener that all hosts share: the host is the one that the `Host` header names. */
  readonly hostsHandler: HttpHandler
  readonly #master: Master
  readonly #hosts: Hosts
  readonly #machines: Machines
  #closed = false

  private constructor(options: EmbeddedMesosOptions, checkpoints: Checkpoints) {
    this.#hosts = new Hosts(options, checkpoints)
    this.#master = new Master({
      ...options,
      authority: options.masterAuthority,
      save: checkpoints.saveMaster,
      keepRecovered: false,
    })
    this.#machines = new Machines(this.#hosts, () => this.#master)
    this.#hosts.follow(this.#master.cluster)
    this.masterHandler = this.#master.handler
    this.hostsHandler = this.#hosts.handler
  }

  /** Starts the master and its hosts; tasks of an earlier life are found again. */
  static async start(options: EmbeddedMesosOptions): Promise<EmbeddedMesos> {
    const checkpoints = options.stateDir === undefined ? NO_CHECKPOINTS : fileCheckpoints(options.stateDir)
    const mesos = new EmbeddedMesos(options, checkpoints)
    mesos.#master.recover(checkpoints.loadMaster())
    mesos.#master.begin()
    for (const spec of options.hosts) await mesos.#machines.add(spec)
    return mesos
  }

  get masterId(): string {
    return this.#master.cluster.masterId
  }

  /** The last 1000 calls that passed the checks of the body, oldest first. */
  get calls(): readonly LoggedCall[] {
    return this.#master.api.calls
  }

  /** @throws {Error} for a host that is not there */
  hostHandler(hostname: string): HttpHandler {
    return this.#hosts.entry(hostname).handler
  }

  snapshot(): MesosSnapshot {
    return snapshotOf(this.#master.cluster)
  }

  /** No task runs, no offer is out. */
  isIdle(): boolean {
    const { tasks, offers } = this.snapshot()
    return offers.length === 0 && tasks.every(({ state }) => isTerminal(state as Parameters<typeof isTerminal>[0]))
  }

  /** Subscriptions stay open, but nothing comes on them any more. */
  silence(): void {
    this.#master.silence()
  }

  /** Ends every subscription as a master does: last chunk, connection open. */
  endStreams(): void {
    this.#master.endStreams()
  }

  /** Breaks every subscription as a dying master does: no last chunk. */
  resetStreams(): void {
    this.#master.resetStreams()
  }

  /** Half a HEARTBEAT on every subscription, then its end. */
  halfRecord(): void {
    this.#master.halfRecord()
  }

  /** From now on this master leads or follows; who stops leading breaks its subscriptions. */
  lead(leading: Leading): void {
    this.#master.lead(leading)
  }

  loseNextAck(): void {
    this.#master.api.loseNextAck()
  }

  /** @throws {Error} for an offer that is not out */
  rescind(offerId: string): void {
    this.#master.rescind(offerId)
  }

  async addHost(spec: HostSpec): Promise<void> {
    await this.#machines.add(spec)
  }

  /**
   * The master hears nothing of the host any more: its offers are rescinded, later it is unreachable. `keep` leaves
   * its tasks running (a broken network), `lost` ends them (a broken machine).
   */
  async removeHost(hostname: string, how: { readonly tasks: 'lost' | 'keep' }): Promise<void> {
    await this.#machines.remove(hostname, how)
  }

  /** A removed host is back with its Mesos agent id. */
  async returnHost(hostname: string): Promise<void> {
    await this.#machines.return(hostname)
  }

  /** The agent's process is started anew within the pings: checkpointed tasks do not notice. */
  async restartHost(hostname: string, awayMs = 3_000): Promise<void> {
    await this.#machines.restart(hostname, awayMs)
  }

  /** What an operator may do to hosts: DRAIN_AGENT, REACTIVATE_AGENT, MARK_AGENT_GONE, by Mesos agent id. */
  get draining(): Draining {
    return this.#master.draining
  }

  /** The maintenance schedule, machines down and up. */
  get maintenance(): Maintenance {
    return this.#master.maintenance
  }

  /** The machine comes back empty under another Mesos agent id; what was known of the old one runs into its timeout. */
  async rebootHost(hostname: string): Promise<void> {
    await this.#machines.reboot(hostname)
  }

  /** The host leaves for good, in order: TASK_LOST for what ran there. */
  async unregisterHost(hostname: string): Promise<void> {
    await this.#machines.unregister(hostname)
  }

  /** Ends everything; without `killTasks` the tasks go on, for the next start with the same `stateDir`. */
  async close({ killTasks }: { readonly killTasks: boolean }): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#master.end()
    await this.#hosts.close({ killTasks })
  }
}
