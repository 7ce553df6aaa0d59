import type { HttpHandler } from '../http.ts'
import { type Checkpoints, fileCheckpoints, NO_CHECKPOINTS } from './checkpoint.ts'
import { EmbeddedCluster } from './embedded-cluster.ts'
import type { HostSpec } from './host-spec.ts'
import { Hosts } from './hosts.ts'
import { type Leading, Master } from './master.ts'
import type { HostKnobs, MasterKnobs } from './mesos-options.ts'
import type { LoggedCall } from './scheduler-api.ts'

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
 * protobuf bodies, quotas, custom executors, networks of containers, dynamic reservations, persistent volumes, revocable and
 * shared resources.
 */
export class EmbeddedMesos extends EmbeddedCluster {
  readonly masterHandler: HttpHandler
  readonly #master: Master
  #closed = false

  private constructor(options: EmbeddedMesosOptions, checkpoints: Checkpoints) {
    super(new Hosts(options, checkpoints))
    this.#master = new Master({
      ...options,
      authority: options.masterAuthority,
      save: checkpoints.saveMaster,
      keepRecovered: false,
    })
    this.hosts.follow(this.#master.cluster)
    this.masterHandler = this.#master.handler
  }

  /** Starts the master and its hosts; tasks of an earlier life are found again. */
  static async start(options: EmbeddedMesosOptions): Promise<EmbeddedMesos> {
    const checkpoints = options.stateDir === undefined ? NO_CHECKPOINTS : fileCheckpoints(options.stateDir)
    const mesos = new EmbeddedMesos(options, checkpoints)
    mesos.#master.recover(checkpoints.loadMaster())
    mesos.#master.begin()
    for (const spec of options.hosts) await mesos.machines.add(spec)
    return mesos
  }

  override get leader(): Master {
    return this.#master
  }

  override get calls(): readonly LoggedCall[] {
    return this.#master.api.calls
  }

  get masterId(): string {
    return this.#master.cluster.masterId
  }

  /** From now on this master leads or follows; who stops leading breaks its subscriptions. */
  lead(leading: Leading): void {
    this.#master.lead(leading)
  }

  /** Ends everything; without `killTasks` the tasks go on, for the next start with the same `stateDir`. */
  override async close({ killTasks }: { readonly killTasks: boolean }): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#master.end()
    await this.hosts.close({ killTasks })
  }
}
