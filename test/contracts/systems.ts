import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { readConfig } from '../../src/config/read-config.ts'
import type { HttpHandler } from '../../src/embedded/http.ts'
import { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import { type Listener, type ListenTls, listen } from '../../src/embedded/listen.ts'
import { EmbeddedMesos } from '../../src/embedded/mesos/embedded-mesos.ts'
import { ProcessRunner } from '../../src/embedded/mesos/processes/process-runner.ts'
import { systemClock } from '../../src/system-clock.ts'
import { givenLogin, type MesosLogin, NO_LOGIN } from './login.ts'
import { given } from './variables.ts'

/** A Mesos to test with. */
export interface MesosSystem {
  readonly real: boolean
  /** Of a master; it need not lead. */
  readonly origin: string
  readonly user: string
  readonly role: string
  /** The address by which its hosts reach this machine. */
  readonly ourAddress: string
  readonly login: MesosLogin
  readonly close: () => Promise<void>
}

/** A Jenkins to test with. */
export interface JenkinsSystem {
  readonly real: boolean
  readonly url: URL
  /** Has the sidecar's least rights. */
  readonly user: string
  readonly token: string
  /** May make and delete jobs and nodes. */
  readonly admin: { readonly user: string; readonly token: string } | undefined
  /** Of templates; `undefined`: the default, which runs Java. */
  readonly agentCommand: string | undefined
  readonly close: () => Promise<void>
}

/** Variables without which there is nobody who makes jobs. */
export function missingForJobs(): readonly string[] {
  if (given('TEST_JENKINS_URL') === undefined) return []
  return ['TEST_JENKINS_ADMIN_USER', 'TEST_JENKINS_ADMIN_TOKEN'].filter((name) => given(name) === undefined)
}

/** What `npm run build` made; the embedded systems start programs of it. */
export const BUILT = resolve('dist/src/embedded')
const LOOPBACK = '127.0.0.1'

/** @param folder for sandboxes and checkpoints of the embedded one */
export async function startMesos(folder: string): Promise<MesosSystem> {
  const url = given('TEST_MESOS_MASTER')
  const user = given('TEST_MESOS_USER') ?? userInfo().username
  const role = given('TEST_MESOS_ROLE') ?? '*'
  if (url === undefined) return await startEmbeddedMesos(folder, user, role)
  const { origin, hostname, port } = new URL(url)
  const ourAddress = given('TEST_OUR_ADDRESS') ?? (await localAddressTowards(hostname, Number(port)))
  return { real: true, origin, user, role, ourAddress, login: givenLogin(), close: async () => undefined }
}

/** @param address where the embedded one listens, such that agents reach it */
export async function startJenkins(address = LOOPBACK): Promise<JenkinsSystem> {
  const url = given('TEST_JENKINS_URL')
  if (url === undefined) return await startEmbeddedJenkins(address)
  const [user, token] = ['TEST_JENKINS_USER', 'TEST_JENKINS_TOKEN'].map((name) => {
    const value = given(name)
    if (value === undefined) throw new Error(`${name} is not set: TEST_JENKINS_URL needs a user with the least rights`)
    return value
  }) as [string, string]
  const adminUser = given('TEST_JENKINS_ADMIN_USER')
  const adminToken = given('TEST_JENKINS_ADMIN_TOKEN')
  return {
    real: true,
    url: new URL(url.endsWith('/') ? url : `${url}/`),
    user,
    token,
    admin: adminUser === undefined || adminToken === undefined ? undefined : { user: adminUser, token: adminToken },
    agentCommand: undefined,
    close: async () => undefined,
  }
}

async function startEmbeddedMesos(folder: string, user: string, role: string): Promise<MesosSystem> {
  const master = await listenLater(LOOPBACK)
  const hosts = await Promise.all(['host-1', 'host-2'].map(async (name) => ({ name, listener: await listenLater() })))
  const mesos = await EmbeddedMesos.start({
    clock: systemClock,
    masterAuthority: `${LOOPBACK}:${master.port}`,
    hosts: hosts.map(({ name, listener }) => ({
      hostname: name,
      authority: `${LOOPBACK}:${listener.port}`,
      resources: { cpus: 4, memMib: 2048, diskMib: 10_000, ports: [{ begin: 31_000, end: 32_000 }] },
    })),
    runnerFor: ({ hostname, authority }) =>
      new ProcessRunner({
        clock: systemClock,
        workDir: join(folder, hostname),
        hostIp: LOOPBACK,
        endpoint: authority,
        supervisorPath: join(BUILT, 'mesos/processes/supervisor.js'),
      }),
  })
  master.serve(mesos.masterHandler)
  for (const { name, listener } of hosts) listener.serve(mesos.hostHandler(name))
  return {
    real: false,
    origin: master.url.origin,
    login: NO_LOGIN,
    user,
    role,
    ourAddress: LOOPBACK,
    close: async () => {
      await mesos.close({ killTasks: true })
      await Promise.all([master, ...hosts.map(({ listener }) => listener)].map((listener) => listener.close()))
    },
  }
}

async function startEmbeddedJenkins(address: string): Promise<JenkinsSystem> {
  const listener = await listenLater(address)
  const [token, adminToken] = [randomBytes(17).toString('hex'), randomBytes(17).toString('hex')]
  const jenkins = new EmbeddedJenkins({
    clock: systemClock,
    url: listener.url.href,
    security: true,
    users: [
      {
        name: 'sidecar',
        apiToken: token,
        permissions: ['Overall/Read', 'Job/Read', 'Agent/Create', 'Agent/Connect', 'Agent/Disconnect', 'Agent/Delete'],
      },
      { name: 'admin', apiToken: adminToken, permissions: ['Overall/Administer'] },
    ],
    agentProgram: () => readFileSync(join(BUILT, 'jenkins/demo-agent.js')),
  })
  listener.serve(jenkins.handler)
  await jenkins.start()
  return {
    real: false,
    url: listener.url,
    user: 'sidecar',
    token,
    admin: { user: 'admin', token: adminToken },
    agentCommand: demoCommand(),
    close: async () => {
      await jenkins.stop()
      await listener.close()
    },
  }
}

/** Of the template that there is with an embedded Jenkins and no configuration. */
export function demoCommand(): string {
  const reading = readConfig({}, () => '')
  const command = reading.ok ? reading.config.templates[0]?.launch.command : undefined
  if (command === undefined) throw new Error('the configuration has no default template any more')
  return command
}

/** Addresses must be known before what answers there is made. */
export async function listenLater(
  host = LOOPBACK,
  tls?: ListenTls,
): Promise<Listener & { readonly serve: (handler: HttpHandler) => void }> {
  let handler: HttpHandler = async () => ({ status: 503, headers: [], body: Buffer.from('not ready\n') })
  const listener = await listen((request) => handler(request), { host, port: 0, ...(tls && { tls }) })
  return {
    ...listener,
    serve: (served) => {
      handler = served
    },
  }
}

async function localAddressTowards(host: string, port: number): Promise<string> {
  const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port })
  try {
    await once(socket, 'connect')
    return socket.localAddress ?? LOOPBACK
  } finally {
    socket.destroy()
  }
}
