import type { Dispatcher } from 'undici'
import type { Config } from './config/config.ts'
import type { Clock } from './core/clock.ts'
import type { Log } from './core/log.ts'
import type { Template } from './core/model.ts'
import { Jenkins } from './jenkins/jenkins.ts'
import type { Chance, Context } from './loop/context.ts'
import { NodeKeeper } from './loop/keep-nodes.ts'
import { Loop } from './loop/loop.ts'
import { MesosEvents } from './loop/mesos-events.ts'
import { Observer } from './loop/observe.ts'
import { OfferDesk } from './loop/offer-desk.ts'
import type { StorePort } from './loop/ports.ts'
import { Provisioner } from './loop/provision.ts'
import { Reaper } from './loop/reap.ts'
import { Reconciler } from './loop/reconcile.ts'
import { SecretDesk } from './loop/secret-desk.ts'
import { withDeadline } from './loop/store-deadline.ts'
import { UsagePoll } from './loop/usage-poll.ts'
import { buildView, type View } from './loop/view.ts'
import { World } from './loop/world.ts'
import { FixedUrlDetector } from './mesos/detector/fixed-url.ts'
import { MesosSession } from './mesos/session.ts'
import { MesosUsage } from './mesos/usage.ts'
import { GaugeWriter } from './metrics/collect.ts'
import { defineMetrics } from './metrics/definitions.ts'
import { reportTo, startAtZero } from './metrics/recorder.ts'
import { Program } from './program.ts'
import { secretServer } from './secret-server.ts'
import { buildServer } from './server.ts'

/** Where Jenkins and Mesos are, embedded ones resolved. */
export interface Endpoints {
  readonly jenkinsUrl: URL
  readonly jenkinsUser: string | undefined
  readonly jenkinsToken: string | undefined
  readonly agentUrl: URL | undefined
  /** Origins. */
  readonly masters: readonly string[]
  readonly mesosUser: string
}

export interface ComposeOptions {
  readonly config: Config
  readonly endpoints: Endpoints
  readonly store: StorePort
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  readonly version: string
  /** Read anew each round: a reload replaces them. */
  readonly templates: () => readonly Template[]
  /** How tasks reach the listener for secrets, without a trailing slash; known once it listens. */
  readonly secretBaseUrl: () => string | undefined
  /** What a person should look at although no round says so. */
  readonly problems?: () => readonly string[]
  /** Tests carry HTTP in memory with these. */
  readonly dispatchers?: {
    readonly jenkins: Dispatcher
    readonly mesos: (origin: string) => Dispatcher
  }
}

/** A round must have ended so many poll intervals ago at most. */
const STALLED_POLLS = 10
const LEAST_STALLED_MS = 30_000

/** Builds every adapter and hands it to the loop and to the server. Nothing runs yet. */
export async function compose(options: ComposeOptions): Promise<Program> {
  const { config, endpoints, store, clock, chance, log, templates, dispatchers } = options
  const metrics = defineMetrics()
  const report = reportTo(metrics, clock.now)
  startAtZero(
    metrics,
    templates().map(({ name }) => name),
  )
  metrics.buildInfo.set({ version: options.version }, 1)

  const jenkins = new Jenkins({
    url: endpoints.jenkinsUrl,
    user: endpoints.jenkinsUser,
    token: endpoints.jenkinsToken,
    agentUrl: endpoints.agentUrl,
    clock,
    log,
    dispatcher: dispatchers?.jenkins,
  })
  const mesos = new MesosSession({
    framework: {
      user: endpoints.mesosUser,
      name: config.mesos.frameworkName,
      roles: config.mesos.roles,
      failoverTimeoutSeconds: config.dryRun ? 0 : config.mesos.failoverTimeoutSeconds,
      principal: undefined,
      hostname: undefined,
      webuiUrl: endpoints.jenkinsUrl.href,
    },
    detector: new FixedUrlDetector(endpoints.masters),
    clock,
    random: chance.fraction,
    log,
    ...(dispatchers && { dispatcher: dispatchers.mesos }),
  })
  const world = new World(withDeadline(store, clock), log)
  const usage = new MesosUsage({
    frameworkId: () => world.frameworkId,
    clock,
    log,
    ...(dispatchers && { dispatcher: dispatchers.mesos }),
  })

  const desk = new OfferDesk({
    clock,
    onOverdue: (offers) => {
      mesos.decline(offers, 0).then(
        () => {
          report.offers('declined', offers.length)
        },
        (error: unknown) => {
          log.debug({ err: error }, 'an overdue offer was not declined: the subscription takes it with it')
        },
      )
    },
  })
  const secrets = new SecretDesk({
    world,
    now: clock.now,
    connectTimeoutMs: (name) => templates().find((template) => template.name === name)?.connectTimeoutMs ?? 300_000,
    readSecret: async (agentId) => (await jenkins.agentSecret(agentId, 'auto')).secret,
  })
  const context: Context = {
    world,
    desk,
    secrets,
    jenkins,
    mesos,
    clock,
    log,
    report,
    chance,
    settings: {
      templates,
      caps: () => (program.draining ? { ...config.caps, maxAgents: 0 } : config.caps),
      pollIntervalMs: config.jenkins.pollIntervalMs,
      dryRun: config.dryRun,
      frameworkName: config.mesos.frameworkName,
      secretBaseUrl: options.secretBaseUrl,
    },
    trigger: (why) => {
      loop.trigger(why)
    },
  }
  const hands = {
    provisioner: new Provisioner(context),
    reaper: new Reaper(context),
    keeper: new NodeKeeper(context),
  }
  const reconciler = new Reconciler(context)
  const events = new MesosEvents(context, hands.reaper, reconciler)
  const loop = new Loop(context, new Observer(context), hands)
  const usagePoll = new UsagePoll({ world, usage, clock, log })

  const gauges = new GaugeWriter(metrics)
  const view = (): View =>
    buildView({
      world,
      desk,
      usage: usagePoll.latest,
      templates: templates(),
      caps: config.caps,
      jenkinsUrl: endpoints.jenkinsUrl.href,
      now: clock.now(),
      maxRoundAgeMs: Math.max(LEAST_STALLED_MS, config.jenkins.pollIntervalMs * STALLED_POLLS),
      problems: [...(options.problems?.() ?? []), ...hands.keeper.failures.values()],
    })
  const scrape = async (): Promise<{ text: string; contentType: string }> => {
    gauges.write(view())
    return { text: await metrics.registry.metrics(), contentType: metrics.registry.contentType }
  }
  const app = await buildServer({
    view,
    health: () => view().health,
    scrape,
    trigger: () => {
      loop.trigger('asked')
    },
    token: config.http.apiToken?.reveal(),
  })
  const secretApp = secretServer({ redeem: (agentId, token) => secrets.redeem(agentId, token), log })
  const program = new Program({
    world,
    context,
    loop,
    hands,
    events,
    reconciler,
    usagePoll,
    jenkins,
    mesos,
    store,
    usage,
    clock,
    log,
    view,
    scrape,
    app,
    secretApp,
  })
  return program
}
