import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Ensemble } from '../../../src/core/ensemble.ts'
import { Secret } from '../../../src/core/secret.ts'
import { onPath } from '../../support/need.ts'
import { Child, endLeftover, until } from '../controller/process.ts'

const LOOPBACK = '127.0.0.1'
/** Debian's package `zookeeper`; its manifest names what it needs beside itself. */
const JAR = '/usr/share/java/zookeeper.jar'
const MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
const WITHIN_MS = 60_000

interface Ports {
  readonly client: number
  readonly quorum: number
  readonly election: number
}

/** What is missing for a real ensemble, in words; nothing if all is there. */
export function missingForEnsemble(): readonly string[] {
  return [...(onPath('java') ? [] : ['java']), ...(existsSync(JAR) ? [] : [`Debian's package zookeeper (${JAR})`])]
}

export interface RealEnsembleOptions {
  /** For data, configuration and logs; made if it is not there. */
  readonly folder: string
  /** [3] */
  readonly servers?: number
  /** [500] Sessions last 2 of them to 60 s; servers give each other up after 4. */
  readonly tickMs?: number
}

/** Real ZooKeeper servers on loopback. They are named by their place in `servers`, from 0. */
export class RealEnsemble {
  readonly servers: Ensemble['servers']
  readonly #folder: string
  readonly #children: (Child | undefined)[]

  private constructor(folder: string, ports: readonly Ports[]) {
    this.#folder = folder
    this.servers = ports.map(({ client }) => ({ host: LOOPBACK, port: client }))
    this.#children = ports.map(() => undefined)
  }

  /** Resolves when one of them leads and all of them serve. */
  static async start({ folder, servers = 3, tickMs = 500 }: RealEnsembleOptions): Promise<RealEnsemble> {
    const ports: Ports[] = []
    for (const [client, quorum, election] of inThrees(await freePorts(servers * 3))) {
      ports.push({ client, quorum, election })
    }
    const ensemble = new RealEnsemble(folder, ports)
    for (const [at, own] of ports.entries()) writeConfiguration(ensemble.#home(at), at, own, ports, tickMs)
    try {
      await Promise.all(ports.map((_, at) => ensemble.start(at)))
    } catch (error) {
      await ensemble.stop()
      throw error
    }
    return ensemble
  }

  /** Where it is, as configuration says it. @param auth `user:password` */
  at(path: string, auth?: string): Ensemble {
    return { servers: this.servers, path, auth: auth === undefined ? undefined : new Secret(auth) }
  }

  /** Starts one that was killed; resolves when it serves. */
  async start(server: number): Promise<void> {
    const home = this.#home(server)
    const pidFile = join(home, 'pid')
    await endLeftover(pidFile, WITHIN_MS)
    this.#children[server] = await Child.start({
      command: 'java',
      args: [
        '-Xmx128m',
        '-XX:TieredStopAtLevel=1',
        '-Dzookeeper.forceSync=no',
        '-Dzookeeper.cnxTimeout=1000',
        '-cp',
        JAR,
        MAIN,
        join(home, 'zoo.cfg'),
      ],
      cwd: home,
      env: process.env,
      logFile: join(home, 'log'),
      pidFile,
    })
    await until(`ZooKeeper server ${server} to serve`, WITHIN_MS, () => this.mode(server))
  }

  /** @returns `leader`, `follower`; `undefined`: it does not serve */
  async mode(server: number): Promise<string | undefined> {
    return /^Mode: (\w+)$/m.exec(await this.#ask(server, 'srvr'))?.[1]
  }

  async leader(): Promise<number> {
    return await until('a leading ZooKeeper server', WITHIN_MS, async () => {
      const alive = [...this.servers.keys()].filter((server) => this.#children[server]?.running)
      const modes = await Promise.all(alive.map(async (server) => [server, await this.mode(server)] as const))
      return modes.find(([, mode]) => mode === 'leader')?.[0]
    })
  }

  /** Its place, by the port that it listens on. */
  withPort(port: number): number {
    return this.servers.findIndex((server) => server.port === port)
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(server: number): Promise<void> {
    const child = this.#child(server)
    child.signal('SIGKILL')
    await child.exited
  }

  freeze(server: number): void {
    this.#child(server).signal('SIGSTOP')
  }

  thaw(server: number): void {
    this.#child(server).signal('SIGCONT')
  }

  /** Ends all of them, frozen ones too. */
  async stop(): Promise<void> {
    const running = this.#children.filter((child) => child?.running)
    await Promise.all(
      running.map(async (child) => {
        child?.signal('SIGCONT')
        await child?.stop(3_000)
      }),
    )
  }

  #child(server: number): Child {
    const child = this.#children[server]
    if (child === undefined) throw new Error(`ZooKeeper server ${server} was not started`)
    return child
  }

  #home(server: number): string {
    return join(this.#folder, `server-${server + 1}`)
  }

  /** One of the commands of four letters; no answer is an empty one. */
  async #ask(server: number, command: string): Promise<string> {
    const address = this.servers[server]
    if (address === undefined) throw new Error(`there is no server ${server}`)
    const socket = connect({ ...address, timeout: 1_000 })
    socket.once('timeout', () => socket.destroy())
    socket.write(command)
    return await text(socket).catch(() => '')
  }
}

function writeConfiguration(home: string, at: number, own: Ports, all: readonly Ports[], tickMs: number): void {
  const data = join(home, 'data')
  mkdirSync(data, { recursive: true })
  writeFileSync(join(data, 'myid'), `${at + 1}\n`)
  const lines = [
    `tickTime=${tickMs}`,
    'initLimit=20',
    'syncLimit=4',
    'maxSessionTimeout=60000',
    `dataDir=${data}`,
    `clientPort=${own.client}`,
    `clientPortAddress=${LOOPBACK}`,
    'admin.enableServer=false',
    '4lw.commands.whitelist=srvr',
    'maxClientCnxns=0',
    ...all.map(({ quorum, election }, other) => `server.${other + 1}=${LOOPBACK}:${quorum}:${election}`),
  ]
  writeFileSync(join(home, 'zoo.cfg'), `${lines.join('\n')}\n`)
}

/** All held at once, so that none comes twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, LOOPBACK, () => {
            resolve((server.address() as AddressInfo).port)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function* inThrees(ports: readonly number[]): Generator<[number, number, number]> {
  for (let at = 0; at + 2 < ports.length; at += 3) yield ports.slice(at, at + 3) as [number, number, number]
}
