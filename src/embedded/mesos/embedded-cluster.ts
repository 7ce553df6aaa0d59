import type { HttpHandler } from '../http.ts'
import type { Draining } from './draining.ts'
import type { HostSpec } from './host-spec.ts'
import type { Hosts } from './hosts.ts'
import { Machines } from './machines.ts'
import type { Maintenance } from './maintenance.ts'
import type { Master } from './master.ts'
import type { LoggedCall } from './scheduler-api.ts'
import { type MesosSnapshot, snapshotOf } from './snapshot.ts'
import { isTerminal } from './task-text.ts'

/** A task as its machine knows it, whichever master knows of it. */
export interface TaskOnHost {
  readonly hostname: string
  readonly frameworkId: string
  readonly taskId: string
  readonly state: string
  /** A process of it is there. */
  readonly alive: boolean
}

/** What tests and the demo see and do, be there one master or several. */
export abstract class EmbeddedCluster {
  /** For a listener that all hosts share: the host is the one that the `Host` header names. */
  readonly hostsHandler: HttpHandler
  protected readonly hosts: Hosts
  protected readonly machines: Machines

  protected constructor(hosts: Hosts) {
    this.hosts = hosts
    this.hostsHandler = hosts.handler
    this.machines = new Machines(hosts, () => this.leader)
  }

  /** The master that leads and answers; `undefined` in between. */
  abstract get leader(): Master | undefined

  /** Calls that passed the checks of the body, the last 1000, oldest first. */
  abstract get calls(): readonly LoggedCall[]

  /** What the leader knows; nothing while there is none. */
  snapshot(): MesosSnapshot {
    const { leader } = this
    return leader === undefined ? { frameworks: [], offers: [], tasks: [], hosts: [] } : snapshotOf(leader.cluster)
  }

  /** What is on the machines themselves, until its end is acknowledged. */
  tasksOnHosts(): readonly TaskOnHost[] {
    return this.hosts.all.flatMap(({ spec, tasks }) =>
      tasks.map(({ frameworkId, taskId, state, ended }) => ({
        hostname: spec.hostname,
        frameworkId,
        taskId,
        state,
        alive: !ended,
      })),
    )
  }

  /** No task runs, no offer is out. */
  isIdle(): boolean {
    const { tasks, offers } = this.snapshot()
    return offers.length === 0 && tasks.every(({ state }) => isTerminal(state as Parameters<typeof isTerminal>[0]))
  }

  /** @throws {Error} for a host that is not there */
  hostHandler(hostname: string): HttpHandler {
    return this.hosts.entry(hostname).handler
  }

  /** Subscriptions stay open, but nothing comes on them any more. */
  silence(): void {
    this.leading().silence()
  }

  /** Ends every subscription as a master does: last chunk, connection open. */
  endStreams(): void {
    this.leading().endStreams()
  }

  /** Breaks every subscription as a dying master does: no last chunk. */
  resetStreams(): void {
    this.leading().resetStreams()
  }

  /** Half a HEARTBEAT on every subscription, then its end. */
  halfRecord(): void {
    this.leading().halfRecord()
  }

  loseNextAck(): void {
    this.leading().api.loseNextAck()
  }

  /** @throws {Error} for an offer that is not out */
  rescind(offerId: string): void {
    this.leading().rescind(offerId)
  }

  async addHost(spec: HostSpec): Promise<void> {
    await this.machines.add(spec)
  }

  /**
   * The master hears nothing of the host any more: its offers are rescinded, later it is unreachable. `keep` leaves
   * its tasks running (a broken network), `lost` ends them (a broken machine).
   */
  async removeHost(hostname: string, how: { readonly tasks: 'lost' | 'keep' }): Promise<void> {
    await this.machines.remove(hostname, how)
  }

  /** A removed host is back with its Mesos agent id. @throws (rejects) where that was marked gone */
  async returnHost(hostname: string): Promise<void> {
    await this.machines.return(hostname)
  }

  /** The agent's process is started anew within the pings: checkpointed tasks do not notice. */
  async restartHost(hostname: string, awayMs = 3_000): Promise<void> {
    await this.machines.restart(hostname, awayMs)
  }

  /** The machine comes back empty under another Mesos agent id; what was known of the old one runs into its timeout. */
  async rebootHost(hostname: string): Promise<void> {
    await this.machines.reboot(hostname)
  }

  /** The host leaves for good, in order: TASK_LOST for what ran there. */
  async unregisterHost(hostname: string): Promise<void> {
    await this.machines.unregister(hostname)
  }

  /** What an operator may do to hosts: DRAIN_AGENT, REACTIVATE_AGENT, MARK_AGENT_GONE, by Mesos agent id. */
  get draining(): Draining {
    return this.leading().draining
  }

  /** The maintenance schedule, machines down and up. */
  get maintenance(): Maintenance {
    return this.leading().maintenance
  }

  /** Ends everything; without `killTasks` the tasks go on. */
  abstract close(options: { readonly killTasks: boolean }): Promise<void>

  protected leading(): Master {
    const { leader } = this
    if (leader === undefined) throw new Error('no embedded master leads: wait until one does')
    return leader
  }
}
