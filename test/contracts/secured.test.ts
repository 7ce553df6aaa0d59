import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { systemChance } from '../../src/chance.ts'
import { compose } from '../../src/compose.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { Clock } from '../../src/core/clock.ts'
import { Secret } from '../../src/core/secret.ts'
import { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import { basicAuthenticator } from '../../src/embedded/mesos/authentication.ts'
import { EmbeddedMesos } from '../../src/embedded/mesos/embedded-mesos.ts'
import { ProcessRunner } from '../../src/embedded/mesos/processes/process-runner.ts'
import type { Program } from '../../src/program.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { systemClock } from '../../src/system-clock.ts'
import { until } from '../real/controller/process.ts'
import { BUILT, demoCommand, listenLater } from './systems.ts'

const TLS = 'test/fixtures/tls'
const pem = (name: string): string => readFileSync(join(TLS, name), 'utf8')
/** Who shows no certificate of the authority is not let in. */
const SECURED = { key: pem('server.key'), cert: pem('server.pem'), clientCa: pem('ca.pem') }
const SECRETS = { token: `11${'7'.repeat(32)}`, mesos: 'hunter2-hunter2' }
const WITHIN_MS = 30_000
const USAGE_EACH_MS = 10_000

/** Real time, but for the long wait between two readings of usage. */
const clock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms === USAGE_EACH_MS ? ms / 20 : ms, signal),
}

let folder: string
let cleanUps: (() => Promise<unknown>)[]
let logged: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'contract-secured-'))
  cleanUps = []
  logged = []
})
afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
  rmSync(folder, { recursive: true, force: true })
})

/** Master and host speak https to known clients alone, and want a login. @returns the master's origin */
async function startMesos(): Promise<string> {
  const [master, host] = [await listenLater('127.0.0.1', SECURED), await listenLater('127.0.0.1', SECURED)]
  const login = basicAuthenticator({ ci: SECRETS.mesos })
  const mesos = await EmbeddedMesos.start({
    clock,
    masterAuthority: `127.0.0.1:${master.port}`,
    hosts: [
      {
        hostname: 'host-1',
        authority: `127.0.0.1:${host.port}`,
        resources: { cpus: 4, memMib: 2048, diskMib: 10_000 },
      },
    ],
    authentication: { frameworks: login, readonly: login },
    hostAuthentication: { readonly: login },
    runnerFor: ({ hostname, authority }) =>
      new ProcessRunner({
        clock,
        workDir: join(folder, hostname),
        hostIp: '127.0.0.1',
        endpoint: authority,
        supervisorPath: join(BUILT, 'mesos/processes/supervisor.js'),
      }),
  })
  master.serve(mesos.masterHandler)
  host.serve(mesos.hostHandler('host-1'))
  cleanUps.push(
    () => master.close(),
    () => host.close(),
    () => mesos.close({ killTasks: true }),
  )
  return master.url.origin
}

/** The sidecar comes by https, agents by http, as they may within a cluster. */
async function startJenkins(): Promise<{ jenkins: EmbeddedJenkins; url: URL; agentUrl: URL }> {
  const [secured, plain] = [await listenLater('127.0.0.1', SECURED), await listenLater()]
  const jenkins = new EmbeddedJenkins({
    clock,
    url: secured.url.href,
    security: true,
    users: [
      {
        name: 'sidecar',
        apiToken: SECRETS.token,
        permissions: ['Overall/Read', 'Job/Read', 'Agent/Create', 'Agent/Connect', 'Agent/Disconnect', 'Agent/Delete'],
      },
    ],
    quietPeriodMs: 0,
    agentProgram: () => readFileSync(join(BUILT, 'jenkins/demo-agent.js')),
  })
  secured.serve(jenkins.handler)
  plain.serve(jenkins.handler)
  await jenkins.start()
  cleanUps.push(
    () => secured.close(),
    () => plain.close(),
    () => jenkins.stop(),
  )
  return { jenkins, url: secured.url, agentUrl: plain.url }
}

async function startProgram(environment: Readonly<Record<string, string>>): Promise<Program> {
  const reading = readConfig(
    {
      JENKINS_USER: 'sidecar',
      JENKINS_TOKEN: SECRETS.token,
      MESOS_USER: userInfo().username,
      SIDECAR_URL: 'http://127.0.0.1:8091',
      POLL_INTERVAL_MS: '500',
      ...environment,
    },
    (file) => readFileSync(file, 'utf8'),
  )
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  const { config } = reading
  const write = (fields: object, message: string): void => {
    const problem = 'err' in fields && fields.err instanceof Error ? fields.err.message : ''
    logged.push(`${message} ${JSON.stringify(fields)} ${problem}`)
  }
  let secretBaseUrl = ''
  const jenkinsToken = new Secret(SECRETS.token)
  const program = compose({
    config,
    endpoints: {
      jenkinsUrl: new URL(config.jenkins.url ?? ''),
      jenkinsUser: config.jenkins.user,
      jenkinsToken: () => jenkinsToken,
      agentUrl: config.jenkins.agentUrl === undefined ? undefined : new URL(config.jenkins.agentUrl),
      masters: config.mesos.masters,
      mesosUser: userInfo().username,
    },
    store: new MemoryStore(),
    clock,
    chance: systemChance,
    log: { debug: write, info: write, warn: write, error: write },
    version: 'contract',
    templates: () => config.templates,
    secretBaseUrl: () => secretBaseUrl,
  })
  secretBaseUrl = await program.secretApp.listen({ host: '127.0.0.1', port: 0 })
  await program.start()
  cleanUps.push(() => program.stop('kill'))
  return program
}

const BOTH: Readonly<Record<string, string>> = Object.fromEntries(
  ['MESOS', 'JENKINS'].flatMap((who) => [
    [`${who}_CA_FILE`, join(TLS, 'ca.pem')],
    [`${who}_CLIENT_CERT_FILE`, join(TLS, 'client.pem')],
    [`${who}_CLIENT_KEY_FILE`, join(TLS, 'client.key')],
  ]),
)

function templatesOf(more: object): { readonly TEMPLATES: string } {
  const linux = {
    labels: ['linux'],
    executors: 1,
    cpus: { agent: 0.1, perExecutor: 0.1 },
    memMib: { agent: 64, perExecutor: 64, factor: 1 },
    idleTimeoutSeconds: 1,
    killGraceSeconds: 1,
    ...more,
  }
  return { TEMPLATES: JSON.stringify({ templates: { linux } }) }
}

test('private authority, client certificate and login everywhere: a build runs, and its usage is read', async () => {
  const master = await startMesos()
  const { jenkins, url, agentUrl } = await startJenkins()
  const program = await startProgram({
    ...BOTH,
    JENKINS_URL: url.href,
    JENKINS_AGENT_URL: agentUrl.href,
    MESOS_MASTER: master,
    MESOS_PRINCIPAL: 'ci',
    MESOS_SECRET: SECRETS.mesos,
    ...templatesOf({ agentCommand: demoCommand() }),
  })
  jenkins.createJob({ name: 'job', label: 'linux', durationMs: 2_500 })
  jenkins.build('job')
  const used = await until('the usage of the agent', WITHIN_MS, async () => {
    const { text } = await program.scrape()
    return text.split('\n').find((line) => /^jenkins_mesos_agent_mem_rss_bytes\{.*\} [1-9]/.test(line))
  })
  expect(used).toContain('template="linux"')
  await until('the end of the build', WITHIN_MS, async () =>
    jenkins.jobs[0]?.builds[0]?.result === 'SUCCESS' ? true : undefined,
  )
  await until('the agent to go', WITHIN_MS, async () => (program.view().agents.length === 0 ? true : undefined))
  const text = logged.join('\n')
  for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret)
})

test.each(['JENKINS', 'MESOS'])('without the authority of %s nothing is done, and it says what to set', async (who) => {
  const environment = { ...BOTH, [`${who}_CA_FILE`]: '' }
  const master = await startMesos()
  const { jenkins, url } = await startJenkins()
  const program = await startProgram({
    ...environment,
    JENKINS_URL: url.href,
    MESOS_MASTER: master,
    ...templatesOf({}),
  })
  jenkins.createJob({ name: 'job', label: 'linux', durationMs: 500 })
  jenkins.build('job')
  await until('the words', WITHIN_MS, async () =>
    logged.some((line) => line.includes(`set ${who}_CA_FILE`)) ? true : undefined,
  )
  expect(program.view().agents).toEqual([])
})
