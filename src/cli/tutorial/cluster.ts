import { join } from 'node:path'
import { equalHosts } from '../../compose-embedded.ts'
import { type HttpHandler } from '../../embedded/http.ts'
import { type Listener, listen } from '../../embedded/listen.ts'
import { EmbeddedMasters } from '../../embedded/mesos/embedded-masters.ts'
import { ProcessRunner } from '../../embedded/mesos/processes/process-runner.ts'
import { EmbeddedEnsemble } from '../../embedded/zookeeper/embedded-ensemble.ts'
import { listenEnsemble } from '../../embedded/zookeeper/listen-ensemble.ts'
import { MasterRegistry } from '../../embedded/zookeeper/master-registry.ts'
import { systemClock } from '../../system-clock.ts'
import { getJson } from '../fetched.ts'
import type { Stage } from './stage.ts'

/** Of the story's 40 machines one ran the master. */
export const HOSTS = 39
/** As the sidecar is called in Mesos unless told otherwise. */
export const FRAMEWORK = 'jenkins'
const MASTERS = 3
/** So long a killed master still leads as far as ZooKeeper knows; a real one has 10 s. */
const SESSION_MS = 2_000

export interface Framework {
  readonly name: string
  readonly active: boolean
  readonly tasks: readonly {
    readonly id: string
    readonly name: string
    readonly state: string
    readonly resources: { readonly cpus?: number; readonly mem?: number }
  }[]
  readonly offers?: readonly unknown[]
}

/** Three ZooKeeper servers, three masters that write themselves down there, and 39 hosts: all of it on loopback. */
export class Cluster {
  /** For MESOS_MASTER. */
  readonly zooKeeper: string
  readonly masters: readonly string[]
  readonly #mesos: EmbeddedMasters

  private constructor(zooKeeper: string, masters: readonly string[], mesos: EmbeddedMasters) {
    this.zooKeeper = zooKeeper
    this.masters = masters
    this.#mesos = mesos
  }

  static async start(stage: Stage): Promise<Cluster> {
    const clock = systemClock
    const ensemble = new EmbeddedEnsemble({ clock })
    const zooKeeper = await listenEnsemble(ensemble)
    stage.atEnd(async () => {
      await zooKeeper.close()
      ensemble.close()
    })
    const registry = new MasterRegistry(ensemble, true)
    const masters = await openAll(stage, MASTERS)
    const listeners = await openAll(stage, HOSTS)
    const hosts = equalHosts(HOSTS, 4, 8192).map(({ hostname, cpus, memMib, attributes }, index) => ({
      hostname,
      authority: authorityOf(listeners[index]),
      resources: { cpus, memMib, diskMib: 100_000, ports: [{ begin: 31_000, end: 32_000 }] },
      ...(attributes && { attributes }),
    }))
    const problem = (): void => undefined // what matters of it is compared
    const mesos = await EmbeddedMasters.start({
      clock,
      hosts,
      authorities: masters.map(authorityOf),
      sessionTimeoutMs: SESSION_MS,
      onChange: registry.show,
      onProblem: problem,
      runnerFor: ({ hostname, authority }) =>
        new ProcessRunner({
          clock,
          workDir: join(stage.folder, 'hosts', hostname),
          hostIp: '127.0.0.1',
          endpoint: authority,
          onProblem: problem,
        }),
    })
    stage.atEnd(() => mesos.close({ killTasks: true }))
    for (const master of masters) master.serve(mesos.masterHandler(authorityOf(master)))
    for (const [index, { hostname }] of hosts.entries()) listeners[index]?.serve(mesos.hostHandler(hostname))
    const servers = zooKeeper.servers.map(({ host, port }) => `${host}:${port}`).join(',')
    const cluster = new Cluster(
      `zk://${servers}/mesos`,
      masters.map(({ url }) => url.origin),
      mesos,
    )
    stage.say(
      `${zooKeeper.servers.length} ZooKeeper servers, ${MASTERS} masters and ${HOSTS} hosts start on this machine.`,
    )
    return cluster
  }

  /** The master that leads, by its own word, once it knows every host. @throws while there is none */
  async leader(): Promise<string> {
    for (const master of this.masters) {
      const figures = await getJson(`${master}/metrics/snapshot`).catch(() => ({}))
      const { 'master/elected': elected, 'master/slaves_active': hosts } = figures as Record<string, number>
      if (elected === 1 && hosts === HOSTS) return master
    }
    throw new Error(`no master leads and knows ${HOSTS} hosts`)
  }

  async hostsOf(master: string): Promise<number> {
    const { slaves } = (await getJson(`${master}/master/slaves`)) as {
      readonly slaves: readonly { readonly active: boolean }[]
    }
    return slaves.filter(({ active }) => active).length
  }

  /** As kill -9. */
  killLeader(): string {
    return `http://${this.#mesos.killLeader()}`
  }

  async frameworks(): Promise<readonly Framework[]> {
    const { frameworks } = (await getJson(`${await this.leader()}/master/state`)) as {
      readonly frameworks: readonly Framework[]
    }
    return frameworks
  }

  /** Of those that are registered now, by name. */
  async frameworkNames(): Promise<string> {
    const active = (await this.frameworks()).filter((framework) => framework.active)
    return active
      .map(({ name }) => name)
      .sort()
      .join(', ')
  }

  /** @throws where it is not registered */
  async framework(name: string): Promise<Framework> {
    const found = (await this.frameworks()).find((framework) => framework.name === name && framework.active)
    if (found === undefined) throw new Error(`no framework ${name} is registered`)
    return found
  }

  /** Roles of a framework in which the master sends it no offers, and all of its roles. */
  async suppressed(name: string): Promise<string> {
    const figures = (await getJson(`${await this.leader()}/metrics/snapshot`)) as Record<string, number>
    const roles = Object.entries(figures).filter(([key]) => key.includes(`/${name}/`) && key.endsWith('/suppressed'))
    return `${roles.filter(([, value]) => value === 1).length} of ${roles.length}`
  }
}

type LateListener = Listener & { readonly serve: (handler: HttpHandler) => void }

function authorityOf(listener: Listener | undefined): string {
  return listener?.url.host ?? ''
}

/** Addresses must be known before what answers there is made. */
async function openAll(stage: Stage, count: number): Promise<readonly LateListener[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      let handler: HttpHandler = async () => ({ status: 503, headers: [], body: Buffer.from('not ready\n') })
      const listener = await listen((request) => handler(request), { host: '127.0.0.1', port: 0 })
      stage.atEnd(() => listener.close())
      return {
        ...listener,
        serve: (served: HttpHandler) => {
          handler = served
        },
      }
    }),
  )
}
