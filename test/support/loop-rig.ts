import type { JenkinsReading } from '../../src/core/jenkins-reading.ts'
import type { Context, Settings, TriggerReason } from '../../src/loop/context.ts'
import { OfferDesk } from '../../src/loop/offer-desk.ts'
import type { BuildsPort, Change, JenkinsPort, MesosPort, StorePort } from '../../src/loop/ports.ts'
import type { Report } from '../../src/loop/report.ts'
import { SecretDesk } from '../../src/loop/secret-desk.ts'
import { World } from '../../src/loop/world.ts'
import { aReading, aTemplate, NOW } from './builders.ts'
import { aLog } from './log.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface Call {
  readonly name: string
  readonly args: readonly unknown[]
}

/** No build was ever lost. */
export const NO_BUILDS: BuildsPort = { read: async () => undefined, start: async () => undefined }

export interface RigOptions {
  readonly jenkins?: Partial<JenkinsPort>
  readonly mesos?: Partial<MesosPort>
  readonly settings?: Partial<Settings>
  /** In [0, 1): what chance says. */
  readonly fraction?: number
}

/** A store in memory that may be told to fail, and keeps every commit. */
export class FlakyStore implements StorePort {
  failure: Error | undefined
  readonly commits: (readonly Change[])[] = []

  readonly load: StorePort['load'] = async () => ({ framework: undefined, agents: new Map() })
  readonly close = async (): Promise<void> => undefined

  readonly commit = async (changes: readonly Change[]): Promise<void> => {
    if (this.failure !== undefined) throw this.failure
    this.commits.push(changes)
  }
}

/** The loop's surroundings as plain objects on a virtual clock: every call is kept, nothing does anything. */
export function aRig(options: RigOptions = {}) {
  const clock = new VirtualClock(NOW)
  const { log, lines, text } = aLog()
  const calls: Call[] = []
  const reports: Call[] = []
  const triggers: TriggerReason[] = []
  const note =
    <T>(name: string, answer: T) =>
    async (...args: readonly unknown[]): Promise<T> => {
      calls.push({ name, args })
      return answer
    }
  const jenkins: JenkinsPort = {
    read: async () => readingNow(),
    identity: async () => 'the-jenkins',
    readNode: note('readNode', undefined),
    createNode: note('createNode', 'created' as const),
    agentSecret: note('agentSecret', {
      secret: 'the-agent-secret',
      connection: 'websocket' as const,
      url: 'http://jenkins.test/',
      jnlpUrl: 'http://jenkins.test/jnlp',
      jarUrl: 'http://jenkins.test/agent.jar',
      noReconnectAfter: true,
    }),
    setOffline: note('setOffline', undefined),
    setOnline: note('setOnline', undefined),
    deleteNode: note('deleteNode', 'deleted' as const),
    close: note('close', undefined),
    ...options.jenkins,
  }
  const mesos: MesosPort = {
    start: () => undefined,
    stop: note('stop', undefined),
    acceptInverseOffers: note('acceptInverseOffers', undefined),
    want: (roles) => {
      calls.push({ name: 'want', args: [[...roles]] })
    },
    accept: note('accept', undefined),
    decline: note('decline', undefined),
    kill: note('kill', undefined),
    acknowledge: note('acknowledge', undefined),
    reconcile: note('reconcile', undefined),
    takeOver: () => false,
    teardown: note('teardown', undefined),
    ...options.mesos,
  }
  const report = new Proxy({} as Report, {
    get:
      (_target, name) =>
      (...args: readonly unknown[]) => {
        reports.push({ name: String(name), args })
      },
  })
  const store = new FlakyStore()
  const world = new World(store, log)
  const secrets = new SecretDesk({
    world,
    now: clock.now,
    connectTimeoutMs: () => 300_000,
    readSecret: async (agentId) => (await jenkins.agentSecret(agentId, 'auto')).secret,
  })
  const declined: string[] = []
  const desk = new OfferDesk({
    clock,
    mesos: {
      decline: async (offers, refuseSeconds) => {
        declined.push(...offers)
        await mesos.decline(offers, refuseSeconds)
      },
    },
    report,
    log,
  })
  const settings: Settings = {
    templates: () => [aTemplate()],
    caps: () => ({ maxAgents: 50, maxCpus: undefined, maxMem: undefined }),
    pollIntervalMs: 2_000,
    launchRate: { burst: 10_000, perSecond: 10_000 },
    dryRun: false,
    frameworkName: 'jenkins',
    jenkinsUrl: 'http://jenkins.test/',
    agentUrl: 'http://jenkins.test/',
    secretBaseUrl: () => 'http://sidecar.test:8091',
    ...options.settings,
  }
  let letters = 0
  const chance = {
    letters: () => String(letters++).padStart(10, '0'),
    token: () => 'a-token',
    fraction: () => options.fraction ?? 0,
  }
  /** Where a trigger goes beside `triggers`; a test of the loop sets it. */
  const wired: { to: ((why: TriggerReason) => void) | undefined } = { to: undefined }
  const context: Context = {
    world,
    desk,
    secrets,
    jenkins,
    mesos,
    clock,
    log,
    report,
    settings,
    trigger: (why) => {
      triggers.push(why)
      wired.to?.(why)
    },
    chance,
  }
  const readingNow = (over: Partial<JenkinsReading> = {}): JenkinsReading => aReading({ readAt: clock.now(), ...over })
  return {
    clock,
    context,
    world,
    desk,
    secrets,
    store,
    calls,
    reports,
    triggers,
    declined,
    lines,
    text,
    wired,
    readingNow,
  }
}

/** The arguments of each call of that name. */
export function argsOf(calls: readonly Call[], name: string): readonly (readonly unknown[])[] {
  return calls.filter((call) => call.name === name).map(({ args }) => args)
}
