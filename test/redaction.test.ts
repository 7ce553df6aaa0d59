import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import Fastify from 'fastify'
import redaction from '../plugins/redaction.ts'
import { makeLogger } from '../src/cli/logger.ts'
import { mesosWay } from '../src/compose-mesos.ts'
import type { Config } from '../src/config/config.ts'
import { readConfig } from '../src/config/read-config.ts'
import type { FrameworkId, MesosAgentId } from '../src/core/model.ts'
import { redact, Secret } from '../src/core/secret.ts'
import type { TlsFiles } from '../src/core/tls.ts'
import type { HttpRequest, HttpResponse } from '../src/embedded/http.ts'
import { listen } from '../src/embedded/listen.ts'
import { JenkinsClient } from '../src/jenkins/client.ts'
import { MesosSession } from '../src/mesos/session.ts'
import { MesosUsage } from '../src/mesos/usage.ts'
import { systemClock } from '../src/system-clock.ts'
import { openSession } from '../src/zookeeper/open-session.ts'
import { socketConnect } from '../src/zookeeper/sockets.ts'
import { MemoryNetwork } from './support/memory-network.ts'
import { settle, VirtualClock } from './support/virtual-clock.ts'
import { SimulatedEnsemble } from './support/zookeeper/simulated-ensemble.ts'
import { StubServer } from './zookeeper/stub-server.ts'

const pem = (name: string): string => readFileSync(`test/fixtures/tls/${name}`, 'utf8')
const key = pem('rsa-pkcs8.key')
/** One pair that no server takes, for an authority that signed none; and one that does not belong together. */
const badTls: readonly TlsFiles[] = [
  { ca: pem('other-ca.pem'), cert: pem('client.pem'), key: new Secret(pem('client.key')) },
  { ca: pem('ca.pem'), cert: pem('client.pem'), key: new Secret(key) },
]

interface Secrets {
  readonly token: string
  readonly secret: string
  readonly api: string
  readonly masters: string
  readonly state: string
}

const sign = fc.constantFrom(...'abcXYZ0189+/=@"\\$&%#?;,~'.split(''))
const secretText = fc.string({ minLength: 12, maxLength: 30, unit: sign })
const secrets = fc.record<Secrets>({
  token: secretText,
  secret: secretText,
  api: secretText,
  masters: secretText,
  state: secretText,
})

/** Everything that came out of the program in one run. */
let output: string[] = []

const log = makeLogger('debug', { write: (line) => output.push(line) })

const app = Fastify()
let words = ''
beforeAll(async () => {
  await app.register(redaction)
  app.get('/', async () => ({ words }))
})
afterAll(() => app.close())

async function say(error: unknown): Promise<void> {
  log.error({ err: error }, 'it failed')
  words = (error as Error).message
  output.push((await app.inject('/')).body, redact(words))
}

function environment({ token, secret, api, masters, state }: Secrets): Record<string, string> {
  return {
    JENKINS_URL: 'https://jenkins.test',
    JENKINS_USER: 'ci',
    JENKINS_TOKEN: token,
    MESOS_MASTER: `zk://mesos:${masters}@a:2181/mesos`,
    MESOS_USER: 'jenkins',
    MESOS_PRINCIPAL: 'ci',
    MESOS_SECRET: secret,
    API_TOKEN: api,
    STATE_URL: `zk://side:${state}@a:2181/sidecar`,
    SIDECAR_URL: 'http://host:8091',
    AGENT_LABELS: 'linux',
  }
}

/** Whatever is wrong with it. */
function mistakes(values: Secrets): void {
  const env = environment(values)
  const spoiled: readonly Record<string, string>[] = [
    { MESOS_MASTER: `zk://mesos:${values.masters}@a:2181` },
    { MESOS_MASTER: `zk://${values.masters}/mesos` },
    { MESOS_MASTER: `https://ci:${values.masters}@m1:5050` },
    { STATE_URL: `file://host${values.state}` },
    { JENKINS_URL: `https://ci:${values.token}@jenkins.test` },
    { JENKINS_URL: `https://ci:/${values.token}@jenkins.test` },
    { SIDECAR_URL: `http://ci:1/${values.api}@host:8091` },
    { MESOS_SECRET: `${values.secret}:x` },
    { JENKINS_TOKEN: `${values.token} x` },
    { DCOS_SERVICE_ACCOUNT_CREDENTIAL: JSON.stringify({ private_key: key, uid: values.secret }) },
    { DCOS_SERVICE_ACCOUNT_CREDENTIAL: `{"private_key": "${values.secret}` },
    { MESOS_CLIENT_KEY_FILE: '/key' },
    { MESOS_CA_FILE: '/key' },
    { LOG_LEVEL: values.api },
    { HTTP_PORT: values.api },
  ]
  for (const over of spoiled) {
    const reading = readConfig({ ...env, ...over }, () => `${key}\n${values.secret}`, 0)
    output.push(JSON.stringify(reading))
    log.error({ reading }, 'configuration')
  }
}

function configOf(values: Secrets, over: Record<string, string> = {}): Config {
  const reading = readConfig({ ...environment(values), ...over }, () => '')
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config
}

/** Servers that repeat all that they were sent, as debugging proxies do. */
function echo(status: number): (request: HttpRequest) => Promise<HttpResponse> {
  return async (request) => {
    const body = JSON.stringify({ headers: request.headers, body: request.body.toString(), path: request.path })
    return { status, headers: [['Content-Type', 'text/plain']], body: Buffer.from(body) }
  }
}

async function failures(config: Config, status: number): Promise<void> {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock })
  const origins = ['https://jenkins.test', 'http://m1:5050', 'http://h1:5051', 'https://login.test']
  for (const origin of origins) network.serve(origin, echo(status))
  const ended = new AbortController()
  const dispatcher = (origin: string) => network.dispatcher(origin)
  const { credentials } = config.mesos
  const mesos = { ...config.mesos, ensemble: undefined }
  const way = mesosWay({
    config: { ...config, mesos },
    masters: ['http://m1:5050'],
    clock,
    random: () => 1,
    log,
    signal: ended.signal,
    dispatcher,
  })
  const framework = { user: 'u', name: 'n', roles: ['*'], failoverTimeoutSeconds: 1, principal: way.principal }
  const session = new MesosSession({
    ...way,
    framework: { ...framework, hostname: undefined, webuiUrl: undefined },
    clock,
    random: () => 1,
    log,
  })
  session.start(undefined, (event) => {
    log.warn({ event }, 'event')
  })
  const { authorize } = way
  const usage = new MesosUsage({ frameworkId: () => 'F' as FrameworkId, clock, log, authorize, dispatcher })
  const { token, user } = config.jenkins
  const jenkins = new JenkinsClient({
    url: new URL('https://jenkins.test'),
    user,
    token,
    dispatcher: network.dispatcher('https://jenkins.test'),
    log,
  })
  await settle()
  await usage.read([{ mesosAgentId: 'S' as MesosAgentId, address: 'h1:5051' }])
  await jenkins.get('queue').catch(say)
  await jenkins.post('createItem', { config: 'x' }).catch(say)
  await authorize('http://m1:5050').catch(say)
  log.info({ config, way, credentials, session, jenkins, usage }, 'everything')
  await session.stop()
  ended.abort()
  await usage.close()
  await jenkins.close()
}

async function zooKeeperRefuses(config: Config): Promise<void> {
  const clock = new VirtualClock()
  const simulated = new SimulatedEnsemble({ clock, servers: 1 })
  const auth = config.mesos.ensemble?.auth
  const session = openSession({
    ensemble: { ...simulated.at('/mesos'), auth },
    clock,
    random: () => 0,
    log,
    connect: simulated.connect(),
  })
  session.onState((state, why) => {
    log.warn({ state, why }, 'ZooKeeper')
  })
  await clock.advance(1_000)
  await session.get('/none/at/all').then(
    (found) => output.push(found === undefined ? 'nothing' : 'something'),
    async (error: unknown) => say(error),
  )
  log.info({ session, ensemble: config.mesos.ensemble, state: config.state }, 'everything')
  const closed = session.close()
  await clock.advance(2_000)
  await closed
  simulated.close()
}

/** A server that refuses the login. */
async function zooKeeperKnowsNobody(config: Config): Promise<void> {
  const clock = new VirtualClock()
  const server = new StubServer()
  server.auth = -115
  const ensemble = { servers: [{ host: 'zk.test', port: 2181 }], path: '/', auth: config.mesos.ensemble?.auth }
  const session = openSession({ ensemble, clock, random: () => 0, log, connect: server.connect })
  await clock.advance(500)
  await session.get('/').catch(say)
  await session.close()
  expect(output.join('\n')).toContain('the server does not take the credentials')
}

/** On real sockets, with all that would have been sent. */
async function handshakesFail({ jenkins: { user, token }, mesos }: Config, tls: TlsFiles): Promise<void> {
  const server = await listen(echo(200), {
    host: '127.0.0.1',
    port: 0,
    tls: { key: pem('server.key'), cert: pem('server.pem'), clientCa: pem('ca.pem') },
  })
  const { host } = server.url
  const jenkins = new JenkinsClient({ url: server.url, user, token, tls, log })
  await jenkins.post('createItem', { config: 'x' }).catch(say)
  await jenkins.close()
  const ended = new AbortController()
  const { authorize } = mesosWay({
    config: { mesos: { ...mesos, ensemble: undefined, tls } } as Config,
    masters: [server.url.origin],
    clock: systemClock,
    random: () => 1,
    log,
    signal: ended.signal,
  })
  const frameworkId = (): FrameworkId => 'F' as FrameworkId
  const usage = new MesosUsage({ frameworkId, clock: systemClock, log, scheme: 'https', authorize, tls })
  await usage.read([{ mesosAgentId: 'S' as MesosAgentId, address: host }])
  await usage.close()
  ended.abort()
  await new Promise<void>((resolve) => {
    const ignore = (): void => undefined
    const onClose = (why: string): void => {
      log.warn({ why, tls }, 'ZooKeeper')
      resolve()
    }
    socketConnect(tls)({ host: '127.0.0.1', port: server.port }, { onOpen: ignore, onData: ignore, onClose })
  })
  await server.close()
}

function assertHidden(values: Secrets): void {
  const text = output.join('\n')
  expect(output.length).toBeGreaterThan(20)
  const all = [
    ...[values.token, values.secret, values.api, values.masters, values.state],
    Buffer.from(`ci:${values.token}`).toString('base64'),
    Buffer.from(`ci:${values.secret}`).toString('base64'),
    ...[key, pem('client.key')].flatMap((text) => text.split('\n').filter((line) => line.length === 64)),
  ]
  for (const value of all) {
    expect(text).not.toContain(value)
    expect(text).not.toContain(JSON.stringify(value).slice(1, -1))
  }
}

test('invariant 10: no secret of the configuration comes out, whatever fails and whoever repeats it', async () => {
  await fc.assert(
    fc.asyncProperty(secrets, fc.constantFrom(200, 400, 401, 403, 404, 500, 503), async (values, status) => {
      output = []
      const config = configOf(values)
      const account = { uid: 'ci', login_endpoint: 'https://login.test/login', private_key: key }
      const dcos = configOf(values, {
        DCOS_SERVICE_ACCOUNT_CREDENTIAL: JSON.stringify(account),
        MESOS_SECRET: '',
        MESOS_PRINCIPAL: '',
      })
      mistakes(values)
      await failures(config, status)
      await failures(dcos, status)
      await zooKeeperRefuses(config)
      await zooKeeperKnowsNobody(config)
      for (const tls of badTls) await handshakesFail(config, tls)
      assertHidden(values)
    }),
    { numRuns: 10 },
  )
}, 60_000)
