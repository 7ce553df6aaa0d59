import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from './core/clock.ts'
import { codeOf } from './core/code-of.ts'
import type { Log } from './core/log.ts'
import type { HttpHandler } from './embedded/http.ts'
import { EmbeddedJenkins } from './embedded/jenkins/embedded-jenkins.ts'
import { type Listener, listen } from './embedded/listen.ts'
import { EmbeddedMarathon } from './embedded/marathon/embedded-marathon.ts'
import { EmbeddedMesos } from './embedded/mesos/embedded-mesos.ts'
import { ProcessRunner } from './embedded/mesos/processes/process-runner.ts'
import { makeFolder } from './store/folder.ts'

/** What one embedded host has. */
export interface HostSize {
  readonly hostname: string
  readonly cpus: number
  readonly memMib: number
  readonly attributes?: Readonly<Record<string, string>>
}

export interface EmbeddedOptions {
  readonly clock: Clock
  readonly log: Log
  /** State that survives a restart lies here, with sandboxes. */
  readonly folder: string
  /** 0 or not given: the port of the last time if it is free, so that agents find us again; else any. */
  readonly port?: number
}

export interface RunningMesos {
  readonly mesos: EmbeddedMesos
  /** Origin of the master. */
  readonly url: string
  /** With `killTasks` nothing is left running; else tasks go on without us, and the next start finds them. */
  readonly close: (options: { readonly killTasks: boolean }) => Promise<void>
}

export interface RunningJenkins {
  readonly jenkins: EmbeddedJenkins
  /** With a trailing slash. */
  readonly url: string
  /** A user with the sidecar's rights and no others. */
  readonly user: string
  readonly token: string
  /** A user who may do everything. */
  readonly adminUser: string
  readonly adminToken: string
  readonly close: () => Promise<void>
}

/** This machine as one host: all of its CPUs, and three quarters of its memory. */
export function thisMachine(): HostSize {
  const memMib = Math.floor((totalmem() / 1024 / 1024) * 0.75)
  return { hostname: 'localhost', cpus: availableParallelism(), memMib }
}

/** So many equal hosts, `host-01` and on, with a rack for every ten. */
export function equalHosts(count: number, cpus: number, memMib: number): readonly HostSize[] {
  return Array.from({ length: count }, (_, index) => ({
    hostname: `host-${String(index + 1).padStart(2, '0')}`,
    cpus,
    memMib,
    attributes: { rack: `r${Math.floor(index / 10) + 1}` },
  }))
}

/** A Mesos master with its hosts on loopback. Tasks run as real processes of this machine. */
export async function startEmbeddedMesos(
  options: EmbeddedOptions & { readonly hosts: readonly HostSize[] },
): Promise<RunningMesos> {
  const { clock, log, folder, hosts } = options
  makeFolder(folder)
  const onProblem = (words: string): void => {
    log.warn({ problem: words }, 'the embedded Mesos has a problem')
  }
  const ports = new KnownPorts(join(folder, 'ports.json'))
  const master = await listenLater(ports, 'master', options.port, log)
  const listeners = [master]
  const specs = []
  for (const { hostname, cpus, memMib, attributes } of hosts) {
    const listener = await listenLater(ports, hostname, 0, log)
    listeners.push(listener)
    const resources = { cpus, memMib, diskMib: 100_000, ports: [{ begin: 31_000, end: 32_000 }] }
    const authority = `127.0.0.1:${listener.port}`
    specs.push({ listener, spec: { hostname, authority, resources, ...(attributes && { attributes }) } })
  }
  const mesos = await EmbeddedMesos.start({
    clock,
    hosts: specs.map(({ spec }) => spec),
    masterAuthority: `127.0.0.1:${master.port}`,
    stateDir: join(folder, 'checkpoints'),
    onProblem,
    runnerFor: ({ hostname, authority }) =>
      new ProcessRunner({
        clock,
        workDir: join(folder, 'hosts', hostname),
        hostIp: '127.0.0.1',
        endpoint: authority,
        onProblem,
      }),
  })
  master.serve(mesos.masterHandler)
  for (const { listener, spec } of specs) listener.serve(mesos.hostHandler(spec.hostname))
  return {
    mesos,
    url: `http://127.0.0.1:${master.port}`,
    close: async ({ killTasks }) => {
      await mesos.close({ killTasks })
      await Promise.all(listeners.map((listener) => listener.close()))
    },
  }
}

/** A Marathon on loopback over the Mesos at that URL. What it runs goes on when it is closed. */
export async function startEmbeddedMarathon(
  options: EmbeddedOptions & { readonly mesosUrl: string },
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const { clock, log, folder, mesosUrl } = options
  makeFolder(folder)
  const listener = await listenLater(new KnownPorts(join(folder, 'ports.json')), 'marathon', options.port, log)
  const marathon = await EmbeddedMarathon.start({
    clock,
    mesosUrl,
    stateDir: folder,
    chance: Math.random,
    onProblem: (words) => {
      log.warn({ problem: words }, 'the embedded Marathon has a problem')
    },
  })
  listener.serve(marathon.handler)
  return {
    url: listener.url.origin,
    close: async () => {
      await listener.close()
      await marathon.close()
    },
  }
}

interface Keys {
  readonly secretKey: string
  readonly token: string
  readonly adminToken: string
}

/** A Jenkins on loopback whose agents and builds are real processes. */
export async function startEmbeddedJenkins(options: EmbeddedOptions): Promise<RunningJenkins> {
  const { clock, log, folder } = options
  makeFolder(folder)
  const keys = knownOr<Keys>(join(folder, 'keys.json'), () => ({
    secretKey: randomBytes(32).toString('hex'),
    token: randomBytes(17).toString('hex'),
    adminToken: randomBytes(17).toString('hex'),
  }))
  const listener = await listenLater(new KnownPorts(join(folder, 'ports.json')), 'jenkins', options.port, log)
  const url = `http://127.0.0.1:${listener.port}/`
  const user = 'sidecar'
  const adminUser = 'admin'
  const jenkins = new EmbeddedJenkins({
    clock,
    url,
    security: true,
    users: [
      {
        name: user,
        apiToken: keys.token,
        permissions: ['Overall/Read', 'Job/Read', 'Agent/Create', 'Agent/Connect', 'Agent/Disconnect', 'Agent/Delete'],
      },
      { name: adminUser, apiToken: keys.adminToken, permissions: ['Overall/Administer'] },
    ],
    secretKey: keys.secretKey,
    agentProgram: () => readFileSync(fileURLToPath(new URL('./embedded/jenkins/demo-agent.js', import.meta.url))),
    stateFile: join(folder, 'jenkins.json'),
    onError: (error) => {
      log.warn({ err: error }, 'the embedded Jenkins could not write its state')
    },
  })
  listener.serve(jenkins.handler)
  await jenkins.start()
  return {
    jenkins,
    url,
    user,
    token: keys.token,
    adminUser,
    adminToken: keys.adminToken,
    close: async () => {
      await jenkins.stop()
      await listener.close()
    },
  }
}

/** Ports by name, the same ones at each start if they are free. */
class KnownPorts {
  readonly #file: string
  readonly #ports: Record<string, number>

  constructor(file: string) {
    this.#file = file
    this.#ports = { ...knownOr<Record<string, number>>(file, () => ({})) }
  }

  of(name: string): number {
    return this.#ports[name] ?? 0
  }

  keep(name: string, port: number): void {
    this.#ports[name] = port
    writeFileSync(this.#file, `${JSON.stringify(this.#ports)}\n`, { mode: 0o600 })
  }
}

/** What was written by an earlier start, or made now and written. A file that cannot be read is made anew. */
function knownOr<T>(file: string, make: () => T): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw error
    const made = make()
    writeFileSync(file, `${JSON.stringify(made)}\n`, { mode: 0o600 })
    return made
  }
}

/** A listener whose handler comes later: addresses must be known before what answers there is made. */
async function listenLater(
  ports: KnownPorts,
  name: string,
  wanted: number | undefined,
  log: Log,
): Promise<Listener & { readonly serve: (handler: HttpHandler) => void }> {
  let handler: HttpHandler = async () => ({ status: 503, headers: [], body: Buffer.from('not ready\n') })
  const onError = (thrown: unknown): void => {
    log.debug({ err: thrown }, 'an embedded listener broke a connection')
  }
  const open = (port: number): Promise<Listener> =>
    listen((request) => handler(request), { host: '127.0.0.1', port, onError })
  const listener = wanted === undefined || wanted === 0 ? await openKnown(open, ports.of(name)) : await open(wanted)
  ports.keep(name, listener.port)
  return {
    ...listener,
    serve: (served) => {
      handler = served
    },
  }
}

async function openKnown(open: (port: number) => Promise<Listener>, known: number): Promise<Listener> {
  try {
    return await open(known)
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    return await open(0)
  }
}
