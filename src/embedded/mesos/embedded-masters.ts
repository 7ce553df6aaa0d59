import type { Cancel } from '../../core/clock.ts'
import type { HttpHandler } from '../http.ts'
import { Answers } from './answers.ts'
import { type FrameworkCheckpoint, type MasterCheckpoint, NO_CHECKPOINTS } from './checkpoint.ts'
import { type Candidate, candidateOf } from './election.ts'
import { EmbeddedCluster } from './embedded-cluster.ts'
import type { HostSpec } from './host-spec.ts'
import { Hosts } from './hosts.ts'
import { Master } from './master.ts'
import type { HostKnobs, MasterKnobs } from './mesos-options.ts'
import type { LoggedCall } from './scheduler-api.ts'

export interface EmbeddedMastersOptions extends MasterKnobs, HostKnobs {
  readonly hosts: readonly HostSpec[]
  /** Where the masters answer, `10.0.1.1:5050` each; the first one leads at the start. */
  readonly authorities: readonly string[]
  /** So long the znode of a killed master stays, and the others go on redirecting to it. */
  readonly sessionTimeoutMs?: number
  /** So long a new leader answers `Master has not finished recovery`. */
  readonly recoveryMs?: number
  /** So long a process that starts answers 404 before it knows its own paths. */
  readonly startMs?: number
  /** Told after each change: a test puts these into a ZooKeeper, or refuses connections to who is not alive. */
  readonly onChange?: (cluster: ElectionShown) => void
}

export interface ElectionShown {
  /** Its authority; `undefined` while nobody leads as far as ZooKeeper knows. It may be dead already. */
  readonly leader: string | undefined
  readonly masters: readonly { readonly authority: string; readonly alive: boolean }[]
  /** The znodes under the path, lowest sequence first; none while ZooKeeper is down. */
  readonly candidates: readonly Candidate[]
}

interface Seat {
  readonly authority: string
  master: Master | undefined
  sequence: number
  /** Its znode, where it still has one. */
  candidate: Candidate | undefined
  /** Routes are not there yet. */
  starting: boolean
  readonly handler: HttpHandler
}

/** Thrown by the handler of a master that is not there: a listener breaks the connection. */
class ConnectionRefused extends Error {
  override readonly name = 'ConnectionRefused'
}

/**
 * Several masters over the same hosts, one of which leads, after recorded failovers. A new leader knows nothing but
 * which hosts were admitted: frameworks and tasks come back with the hosts. Deliberately not here: ZooKeeper itself
 * (see `onChange`), replicated logs and their quorum, masters that split.
 */
export class EmbeddedMasters extends EmbeddedCluster {
  readonly #options: EmbeddedMastersOptions
  readonly #seats: readonly Seat[]
  readonly #timers = new Set<Cancel>()
  readonly #log: LoggedCall[] = []
  /** Of every framework that a master ever knew: hosts report them with their tasks. */
  readonly #frameworks = new Map<string, FrameworkCheckpoint>()
  #registry: MasterCheckpoint | undefined
  #sequence = 0
  #zooKeeper = true
  #leader: Seat | undefined

  private constructor(options: EmbeddedMastersOptions) {
    super(new Hosts(options, NO_CHECKPOINTS))
    this.#options = options
    const answers = new Answers(options.clock)
    this.#seats = options.authorities.map((authority) => {
      const seat: Seat = {
        authority,
        master: undefined,
        sequence: 0,
        candidate: undefined,
        starting: false,
        handler: async (request) => {
          if (seat.master === undefined) throw new ConnectionRefused(`no master runs at ${authority}`)
          return seat.starting ? answers.notFound() : seat.master.handler(request)
        },
      }
      return seat
    })
  }

  /** The masters run, the first one leads, and its hosts are registered. */
  static async start(options: EmbeddedMastersOptions): Promise<EmbeddedMasters> {
    const masters = new EmbeddedMasters(options)
    for (const seat of masters.#seats) masters.#enter(seat, masters.#newMaster(seat))
    const [first] = masters.#seats
    if (first?.master === undefined) throw new Error('an embedded cluster needs at least one master')
    masters.#leader = first
    masters.#point()
    first.master.begin()
    masters.hosts.follow(first.master.cluster)
    for (const spec of options.hosts) first.master.membership.register(await masters.hosts.start(spec))
    masters.#changed()
    return masters
  }

  /** The master that leads and answers; `undefined` in between. */
  override get leader(): Master | undefined {
    const master = this.#leader?.master
    return master?.leading === 'leading' ? master : undefined
  }

  get shown(): ElectionShown {
    return {
      leader: this.#leader?.authority,
      masters: this.#seats.map(({ authority, master }) => ({ authority, alive: master !== undefined })),
      candidates: this.#zooKeeper
        ? [...this.#seats]
            .sort((a, b) => a.sequence - b.sequence)
            .flatMap(({ candidate }) => (candidate === undefined ? [] : [candidate]))
        : [],
    }
  }

  /** Calls that passed the checks of the body, to whichever master, oldest first. */
  override get calls(): readonly LoggedCall[] {
    return this.#log
  }

  /** @throws (rejects) as long as the master at this authority is dead */
  masterHandler(authority: string): HttpHandler {
    return this.#seat(authority).handler
  }

  /** kill -9 (or SIGTERM, which is no faster): connections break, its znode stays until the session expires. */
  kill(authority: string): void {
    const seat = this.#seat(authority)
    const { master, candidate } = seat
    if (master === undefined) throw new Error(`the master at ${authority} is dead already`)
    seat.master = undefined
    if (this.#leader === seat) this.#orphan()
    master.end()
    this.#after(this.#options.sessionTimeoutMs ?? 8_000, () => {
      if (seat.candidate !== candidate) return
      seat.candidate = undefined
      this.#elect()
    })
    this.#changed()
  }

  /** Kills the leader. @throws {Error} where nobody leads */
  killLeader(): string {
    if (this.#leader?.master === undefined) throw new Error('no embedded master leads: none can be killed')
    const { authority } = this.#leader
    this.kill(authority)
    return authority
  }

  /** A new process at the place of a dead master: another id, behind all others in the queue. */
  revive(authority: string): void {
    const seat = this.#seat(authority)
    if (seat.master !== undefined) throw new Error(`the master at ${authority} runs already`)
    const master = this.#newMaster(seat)
    seat.master = master
    seat.starting = true
    this.#changed()
    this.#after(this.#options.startMs ?? 60, () => {
      if (seat.master !== master) return
      seat.starting = false
      // Its znode replaces that of the life before, if that has not expired yet.
      this.#enter(seat, master)
      this.#elect()
    })
  }

  /** No server of ZooKeeper answers: the leader gives up after its session timeout, then `No leader elected`. */
  loseZooKeeper(): void {
    this.#zooKeeper = false
    this.#after(this.#options.sessionTimeoutMs ?? 8_000, () => {
      if (this.#zooKeeper) return
      const seat = this.#leader
      this.#leader = undefined
      if (seat?.master !== undefined) {
        const { master } = seat
        seat.master = undefined
        seat.candidate = undefined
        this.#orphan()
        master.end()
      }
      this.#point()
      this.#changed()
    })
    this.#changed()
  }

  /** ZooKeeper is back: masters that are alive stand for election again. */
  returnZooKeeper(): void {
    this.#zooKeeper = true
    this.#elect()
  }

  override async close({ killTasks }: { readonly killTasks: boolean }): Promise<void> {
    for (const cancel of this.#timers) cancel()
    for (const { master } of this.#seats) master?.end()
    await this.hosts.close({ killTasks })
  }

  #newMaster({ authority }: Seat): Master {
    const { randomUuid } = this.#options
    return new Master({
      ...this.#options,
      ...(randomUuid === undefined ? {} : { randomUuid }),
      authority,
      save: (checkpoint) => {
        this.#registry = checkpoint
        for (const framework of checkpoint.frameworks) this.#frameworks.set(framework.id, framework)
      },
      keepRecovered: true,
      log: this.#log,
    })
  }

  #enter(seat: Seat, master: Master): void {
    seat.master = master
    seat.sequence = this.#sequence++
    seat.candidate = candidateOf(master, seat.sequence)
  }

  /** The lowest znode leads, whether or not its master is alive. */
  #elect(): void {
    if (!this.#zooKeeper) return
    const [first] = this.#seats
      .filter(({ candidate }) => candidate !== undefined)
      .sort((a, b) => a.sequence - b.sequence)
    if (first !== this.#leader || first?.master?.leading === 'nobody') {
      this.#leader = first
      this.#point()
      if (first?.master !== undefined) this.#recover(first.master)
    } else this.#point()
    this.#changed()
  }

  #recover(master: Master): void {
    master.lead('recovering')
    this.#after(this.#options.recoveryMs ?? 50, () => {
      if (this.#leader?.master !== master) return
      // Admitted hosts are in the registry; frameworks are not, and are known again from what hosts report.
      const { hosts = [], operator } = this.#registry ?? {}
      const frameworks = [...this.#frameworks.values()]
      master.recover({ frameworks, removed: [], hosts, ...(operator === undefined ? {} : { operator }) })
      master.begin()
      this.hosts.follow(master.cluster)
      master.after(master.cluster.settings.reregisterDelayMs, () => {
        for (const { host, cut } of this.hosts.entries) if (!cut) master.membership.register(host)
      })
      this.#changed()
    })
  }

  /** Hosts have no master any more: updates wait. */
  #orphan(): void {
    this.hosts.follow(undefined)
    for (const host of this.hosts.all) host.detach()
  }

  /** Followers know who leads, dead or not. */
  #point(): void {
    for (const seat of this.#seats) {
      if (seat === this.#leader) continue
      seat.master?.lead(this.#leader === undefined ? 'nobody' : { leader: this.#leader.authority })
    }
  }

  #seat(authority: string): Seat {
    const seat = this.#seats.find((one) => one.authority === authority)
    if (seat === undefined) throw new Error(`there is no embedded master at ${authority}`)
    return seat
  }

  #changed(): void {
    this.#options.onChange?.(this.shown)
  }

  #after(ms: number, callback: () => void): void {
    const cancel = this.#options.clock.timer(ms, () => {
      this.#timers.delete(cancel)
      callback()
    })
    this.#timers.add(cancel)
  }
}
