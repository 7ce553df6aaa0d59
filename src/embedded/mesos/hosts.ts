import type { HttpHandler } from '../http.ts'
import { Answers } from './answers.ts'
import type { Checkpoints } from './checkpoint.ts'
import type { Cluster } from './cluster.ts'
import type { Framework } from './framework.ts'
import { Host } from './host.ts'
import { type FrameworkShown, hostHandler } from './host-endpoints.ts'
import type { HostSpec } from './host-spec.ts'
import type { HostKnobs } from './mesos-options.ts'
import { onUpdate } from './tasks.ts'

interface HostEntry {
  readonly host: Host
  readonly handler: HttpHandler
  /** No master can hear it. */
  readonly cut: boolean
}

const MOST_RETRY_MS = 600_000

/** The machines of an embedded cluster. They outlive masters: whoever leads hears of their tasks. */
export class Hosts {
  /** For a listener that all hosts share: the host is the one that the `Host` header names. */
  readonly handler: HttpHandler
  readonly #knobs: HostKnobs
  readonly #checkpoints: Checkpoints
  readonly #entries = new Map<string, HostEntry>()
  #leader: Cluster | undefined

  constructor(knobs: HostKnobs, checkpoints: Checkpoints) {
    this.#knobs = knobs
    this.#checkpoints = checkpoints
    const answers = new Answers(knobs.clock)
    this.handler = async (request) => {
      const authority = request.headers['host'] ?? ''
      const found = this.entries.find(({ host }) => host.spec.authority === authority)
      if (found !== undefined) return found.handler(request)
      const known = this.all.map(({ spec }) => spec.authority).join(', ')
      return answers.text(404, `No embedded host answers to Host '${authority}'; there are ${known}`)
    }
  }

  get entries(): readonly HostEntry[] {
    return [...this.#entries.values()]
  }

  get all(): readonly Host[] {
    return this.entries.map(({ host }) => host)
  }

  has(hostname: string): boolean {
    return this.#entries.has(hostname)
  }

  /** @throws {Error} for a host that is not there */
  entry(hostname: string): HostEntry {
    const found = this.#entries.get(hostname)
    if (found === undefined) {
      throw new Error(`there is no embedded host ${hostname}; there are ${[...this.#entries.keys()].join(', ')}`)
    }
    return found
  }

  /** Updates go to this master from now on; to none while there is none. */
  follow(leader: Cluster | undefined): void {
    this.#leader = leader
  }

  /** A machine is switched on: tasks of an earlier life are found again. It registers with nobody yet. */
  async start(spec: HostSpec): Promise<Host> {
    const { clock, runnerFor, randomUuid, statusRetryMs, onProblem } = this.#knobs
    const host = new Host({
      clock,
      spec,
      runnerFor,
      ...(randomUuid === undefined ? {} : { randomUuid }),
      retryMs: statusRetryMs ?? 10_000,
      mostRetryMs: MOST_RETRY_MS,
      onUpdate: (frameworkId, status, latest) => {
        if (this.#leader !== undefined) onUpdate(this.#leader, frameworkId, status, latest)
      },
      onProblem:
        onProblem ??
        ((words) => {
          process.emitWarning(words)
        }),
      save: this.#checkpoints.saveHost,
    })
    const handler = hostHandler(
      host,
      clock,
      (id) => shown(this.#leader?.frameworks.get(id) ?? this.#leader?.removed.get(id)),
      this.#knobs.hostAuthentication,
    )
    this.#entries.set(spec.hostname, { host, handler, cut: false })
    await host.recover(this.#checkpoints.loadHost(spec.hostname))
    return host
  }

  async powerOff(hostname: string): Promise<void> {
    await this.entry(hostname).host.powerOff()
  }

  /** Does nothing to a host that has power. */
  async powerOn(hostname: string): Promise<void> {
    const { host } = this.entry(hostname)
    if (!host.powered) await host.powerOn()
  }

  cut(hostname: string, cut: boolean): void {
    this.#entries.set(hostname, { ...this.entry(hostname), cut })
  }

  /** The machine starts empty: nothing of its earlier life is left, not even its id. */
  async replace(hostname: string): Promise<void> {
    const { host } = this.entry(hostname)
    await host.powerOff()
    this.#checkpoints.saveHost({ hostname, mesosAgentId: '', tasks: [] })
    await this.start(host.spec)
  }

  /** The machine leaves for good, and what it wrote down. */
  async remove(hostname: string): Promise<void> {
    const { host } = this.entry(hostname)
    this.#entries.delete(hostname)
    await host.close({ killTasks: true })
    this.#checkpoints.saveHost({ hostname, mesosAgentId: '', tasks: [] })
  }

  async close(options: { readonly killTasks: boolean }): Promise<void> {
    await Promise.all(this.all.map(async (host) => host.close(options)))
  }
}

function shown(framework: Framework | undefined): FrameworkShown {
  const { info, roles } = framework ?? {}
  return {
    name: info?.name ?? '',
    user: info?.user ?? '',
    failoverTimeout: info?.failover_timeout ?? 0,
    checkpoint: info?.checkpoint ?? false,
    roles: roles ?? [],
  }
}
