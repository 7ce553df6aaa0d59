import type { Clock } from '../../src/core/clock.ts'
import type { HttpHandler } from '../../src/embedded/http.ts'
import type { EmbeddedCluster } from '../../src/embedded/mesos/embedded-cluster.ts'
import { type ElectionShown, EmbeddedMasters } from '../../src/embedded/mesos/embedded-masters.ts'
import { EmbeddedMesos, type MesosSnapshot } from '../../src/embedded/mesos/embedded-mesos.ts'
import type { HostSpec } from '../../src/embedded/mesos/host-spec.ts'
import { Link } from '../../src/embedded/mesos/link.ts'
import type { RunnableTask } from '../../src/embedded/mesos/runner.ts'
import type { FarmFaults } from './farm-faults.ts'
import { type FarmOptions, MESOS, mastersOf } from './farm-options.ts'
import type { MemoryNetwork } from './memory-network.ts'
import { SimulatedRunner } from './simulated-runner.ts'
import { settle } from './virtual-clock.ts'

export interface FarmClusterOptions {
  readonly farm: FarmOptions
  readonly clock: Clock
  /** Of hosts and agents. */
  readonly network: MemoryNetwork
  readonly faults: FarmFaults
  readonly nextId: () => string
  readonly serve: (origin: string, handler: HttpHandler) => void
  /** Told of each change of several masters. */
  readonly onMasters?: (shown: ElectionShown) => void
}

/** A Mesos whose hosts play their tasks, which go on while its master and its agents are started anew. */
export class FarmCluster {
  /** Each launch that reached a host. */
  readonly launched: RunnableTask[] = []
  readonly #options: FarmClusterOptions
  readonly #hosts: readonly HostSpec[]
  readonly #runners = new Map<string, SimulatedRunner>()
  /** Answers that nobody reads any more. */
  readonly #others = new Set<{
    readonly destroy: () => void
    readonly on: (event: 'error', ignore: () => void) => void
  }>()
  readonly #links = new Map<string, Link>()
  readonly #handlers = new Map<string, HttpHandler>()
  #mesos: EmbeddedCluster | undefined

  constructor(options: FarmClusterOptions) {
    this.#options = options
    const { hosts = 3, host, attributes } = options.farm
    this.#hosts = Array.from({ length: hosts }, (_, index): HostSpec => {
      const hostname = `host-${index + 1}.test`
      return {
        hostname,
        authority: addressOf(index),
        resources: { cpus: 4, memMib: 8192, diskMib: 10_000 },
        ...(attributes && { attributes: attributes(index + 1) }),
        ...host,
      }
    })
  }

  get mesos(): EmbeddedCluster {
    if (this.#mesos === undefined) throw new Error('the embedded Mesos is not there yet')
    return this.#mesos
  }

  /** The masters of a farm with several. */
  get masters(): EmbeddedMasters {
    if (!(this.#mesos instanceof EmbeddedMasters))
      throw new Error('this farm has one master: start it with `masters: 2`')
    return this.#mesos
  }

  /** The master of a farm with one. */
  get single(): EmbeddedMesos {
    if (!(this.#mesos instanceof EmbeddedMesos)) throw new Error('this farm has several masters')
    return this.#mesos
  }

  /** The network before a master, or before a host by `http://` and its authority: each way can be silent or late. */
  link(origin = MESOS): Link {
    const link = this.#links.get(origin)
    if (link === undefined)
      throw new Error(`nothing is served at ${origin}; there are ${[...this.#links.keys()].join(', ')}`)
    return link
  }

  /** Tasks that have not ended. */
  get tasks(): MesosSnapshot['tasks'] {
    return this.mesos.snapshot().tasks.filter(({ state }) => LIVE.has(state))
  }

  /** Calls of this type that the master was sent. */
  calls(type: string): EmbeddedCluster['calls'] {
    return this.mesos.calls.filter((call) => call.type === type)
  }

  async start(): Promise<void> {
    const { clock, farm, nextId, onMasters } = this.#options
    const count = farm.masters ?? 1
    const shared = {
      clock,
      hosts: this.#hosts,
      randomUuid: () => `00000000-0000-4000-8000-${nextId().padStart(12, '0')}`,
      runnerFor: ({ hostname }: HostSpec) => this.#runnerFor(hostname),
      ...farm.mesos,
    }
    if (count > 1) {
      const origins = mastersOf(count)
      const authorities = origins.map((origin) => new URL(origin).host)
      const masters = await EmbeddedMasters.start({
        ...shared,
        ...farm.election,
        authorities,
        ...(onMasters && { onChange: onMasters }),
      })
      this.#mesos = masters
      for (const origin of origins) this.#serve(origin, masters.masterHandler(new URL(origin).host))
    } else {
      const mesos = await EmbeddedMesos.start({ ...shared, masterAuthority: new URL(MESOS).host })
      this.#mesos = mesos
      this.#serve(MESOS, mesos.masterHandler)
    }
    for (const { hostname, authority } of this.#hosts) {
      this.#serve(`http://${authority}`, (request) => this.mesos.hostHandler(hostname)(request))
    }
  }

  async stop(options: { readonly killTasks: boolean }): Promise<void> {
    const closed = this.mesos.close(options)
    await settle()
    await closed
  }

  /** Somebody ends the process of an agent on its host. */
  murder(taskId: string): void {
    if (!this.tryMurder(taskId)) throw new Error(`no task ${taskId} runs`)
  }

  /** @returns whether there was such a process */
  tryMurder(taskId: string): boolean {
    return [...this.#runners.values()].some((runner) => runner.murder(taskId))
  }

  /** Another sidecar subscribes with the id of this one. */
  async subscribeAsOther(): Promise<void> {
    const last = this.calls('SUBSCRIBE').at(-1)?.call as unknown as { subscribe: { framework_info: object } }
    const id = { value: this.mesos.snapshot().frameworks[0]?.id }
    const info = { ...last.subscribe.framework_info, id }
    const call = { type: 'SUBSCRIBE', framework_id: id, subscribe: { framework_info: info, suppressed_roles: ['*'] } }
    const { statusCode, body } = await this.#options.network.dispatcher().request({
      origin: MESOS,
      path: '/api/v1/scheduler',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(call),
    })
    if (statusCode !== 200) throw new Error(`the other sidecar was not taken: ${statusCode}`)
    this.#others.add(body)
  }

  /** Other sidecars are gone. */
  endOthers(): void {
    for (const body of this.#others) {
      body.on('error', () => undefined)
      body.destroy()
    }
  }

  /** The link stays when what is behind it is started anew: a sidecar that runs keeps its way there. */
  #serve(origin: string, handler: HttpHandler): void {
    this.#handlers.set(origin, handler)
    if (this.#links.has(origin)) return
    const link = new Link(this.#options.clock, async (request) => {
      const served = this.#handlers.get(origin)
      if (served === undefined) throw new Error(`nothing is served at ${origin}`)
      return served(request)
    })
    this.#links.set(origin, link)
    this.#options.serve(origin, link.handler)
  }

  #runnerFor(hostname: string): SimulatedRunner {
    const known = this.#runners.get(hostname)
    if (known !== undefined) return known
    const { clock, farm, faults, network } = this.#options
    const runner = new SimulatedRunner({
      clock,
      network,
      hostname,
      startMs: farm.startMs ?? 400,
      use: farm.use,
      fault: (taskId) => faults.task(taskId, hostname),
      onLaunch: (task) => {
        if (farm.quiet !== true) this.launched.push(task)
        faults.onLaunch(task)
      },
    })
    this.#runners.set(hostname, runner)
    return runner
  }
}

const LIVE = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_UNREACHABLE'])

/** Hosts tell their IP address in offers. */
function addressOf(index: number): string {
  return `10.0.0.${index + 1}:5051`
}

/** Attributes of hosts by name, those that the master has lost included. */
export function attributesOfHosts(
  mesos: () => { readonly snapshot: () => MesosSnapshot },
): (hostname: string) => Readonly<Record<string, string>> {
  const known = new Map<string, Readonly<Record<string, string>>>()
  return (hostname) => {
    if (!known.has(hostname)) {
      for (const host of mesos().snapshot().hosts) known.set(host.hostname, host.attributes)
    }
    return known.get(hostname) ?? {}
  }
}
