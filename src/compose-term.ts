import { setMaxListeners } from 'node:events'
import type { Dispatcher } from 'undici'
import { type MesosWay, mesosWay, wantsOf } from './compose-mesos.ts'
import type { Config } from './config/config.ts'
import type { Clock } from './core/clock.ts'
import type { Log } from './core/log.ts'
import type { Template } from './core/template.ts'
import type { Endpoints } from './endpoints.ts'
import { GatedDispatcher } from './gated-dispatcher.ts'
import { Jenkins } from './jenkins/jenkins.ts'
import { addressPort } from './jenkins/who-answers.ts'
import type { Chance, Context } from './loop/context.ts'
import { DryRun } from './loop/dry-run.ts'
import { DryRunError, dryJenkins, dryMesos, dryStore } from './loop/dry-run-ports.ts'
import { type Gate, gatedJenkins, gatedMesos, gatedStore, pass } from './loop/gate.ts'
import { NodeKeeper } from './loop/keep-nodes.ts'
import { Loop } from './loop/loop.ts'
import { MesosEvents } from './loop/mesos-events.ts'
import { Observer } from './loop/observe.ts'
import { OfferDesk } from './loop/offer-desk.ts'
import { OldAddresses } from './loop/old-addresses.ts'
import type { LeaderPort, StorePort } from './loop/ports.ts'
import { Provisioner } from './loop/provision.ts'
import { Reaper } from './loop/reap.ts'
import { Rebuilder } from './loop/rebuild.ts'
import { Reconciler } from './loop/reconcile.ts'
import type { Report } from './loop/report.ts'
import { SecretDesk } from './loop/secret-desk.ts'
import { Sizing } from './loop/sizing.ts'
import { withDeadline } from './loop/store-deadline.ts'
import { timedJenkins, timedMesos, timedStore } from './loop/timed-ports.ts'
import { UsagePoll } from './loop/usage-poll.ts'
import { World } from './loop/world.ts'
import { MesosSession } from './mesos/session.ts'
import { MesosUsage } from './mesos/usage.ts'
import { Term } from './term.ts'
import type { Connect } from './zookeeper/transport.ts'

export interface TermOptions {
  readonly config: Config
  readonly endpoints: Endpoints
  /** Loaded anew for each leadership. */
  readonly store: StorePort
  readonly leader: LeaderPort
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  readonly report: Report
  /** Read anew each round: a reload replaces them. */
  readonly templates: () => readonly Template[]
  /** How tasks reach the listener for secrets, without a trailing slash; known once it listens. */
  readonly secretBaseUrl: () => string | undefined
  /** Whether the program as a whole is on its way out. */
  readonly draining: () => boolean
  /** Tests carry HTTP in memory with these. */
  readonly dispatchers?: {
    readonly jenkins: () => Dispatcher
    readonly mesos: (origin: string) => Dispatcher
    readonly zookeeper?: Connect
  }
}

/** All that one leadership needs, made anew for it; every call that changes something goes through its gate. */
export function composeTerm(options: TermOptions): Term {
  const { config, clock, chance, log, templates, report, leader } = options
  const closed = new AbortController()
  setMaxListeners(0, closed.signal) // one for each request that is under way
  const gate: Gate = { isOpen: () => !closed.signal.aborted && leader.mayAct(), closed: closed.signal }
  // What is under way when another instance takes the framework over goes no further.
  const alone: Gate = { ...gate, isOpen: () => gate.isOpen() && world.mesos.standingBack === undefined }
  const { dryRun } = config
  const openJenkins = makeJenkins(options, alone)
  const doneJenkins = gatedJenkins(timedJenkins(openJenkins, clock, report), alone)
  const jenkins = dryRun ? dryJenkins(doneJenkins) : doneJenkins
  const way = mesosWay({
    config,
    masters: options.endpoints.masters,
    clock,
    random: chance.fraction,
    log,
    signal: closed.signal,
    dispatcher: options.dispatchers?.mesos,
    zookeeper: options.dispatchers?.zookeeper,
  })
  const doneMesos = gatedMesos(timedMesos(makeMesos(options, way, gate), clock, report), gate)
  const mesos = dryRun ? dryMesos(doneMesos) : doneMesos
  const store = dryRun ? dryStore() : gatedStore(timedStore(options.store, clock, report), gate)
  const world = new World(withDeadline(store, clock), log)
  const usage = new MesosUsage({
    frameworkId: () => world.frameworkId,
    clock,
    log,
    scheme: config.mesos.scheme,
    authorize: way.authorize,
    tls: config.mesos.tls,
    ...(options.dispatchers && { dispatcher: options.dispatchers.mesos }),
  })
  const desk = new OfferDesk({ clock, mesos, report, log })
  const secrets = new SecretDesk({
    world,
    now: clock.now,
    connectTimeoutMs: (name) => templates().find((template) => template.name === name)?.connectTimeoutMs ?? 300_000,
    readSecret: async (agentId) => (await jenkins.agentSecret(agentId, 'auto')).secret,
  })
  const agentUrl = withSlash((options.endpoints.agentUrl ?? options.endpoints.jenkinsUrl).href)
  const oldAddresses = new OldAddresses({
    asked: addressPort({ tls: config.jenkins.tls }, () => options.dispatchers?.jenkins()),
    clock,
    inUse: agentUrl,
  })
  const context: Context = {
    oldAddresses,
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
      caps: () => (options.draining() ? { ...config.caps, maxAgents: 0 } : config.caps),
      pollIntervalMs: config.jenkins.pollIntervalMs,
      launchRate: config.launchRate,
      dryRun,
      jenkinsUrl: options.endpoints.jenkinsUrl.href,
      agentUrl,
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
    // Each of its POSTs passes the gate as it is sent.
    rebuilder: new Rebuilder(context, openJenkins.builds),
  }
  const reconciler = new Reconciler(context)
  const events = new MesosEvents(context, hands.reaper, reconciler)
  const sizing = new Sizing({ world, clock, templates })
  const usagePoll = new UsagePoll({ world, usage, sizing, clock, log })
  const dry = dryRun ? new DryRun({ mesos, desk, clock, log }) : undefined
  const loop = new Loop(context, new Observer(context), hands, dry)
  return new Term({
    world,
    context,
    loop,
    hands,
    dryRun: dry,
    events,
    reconciler,
    usagePoll,
    sizing,
    jenkins,
    mesos,
    usage,
    clock,
    log,
    closed,
  })
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

function makeJenkins({ config, endpoints, clock, log, dispatchers }: TermOptions, gate: Gate): Jenkins {
  return new Jenkins({
    url: endpoints.jenkinsUrl,
    user: endpoints.jenkinsUser,
    token: endpoints.jenkinsToken,
    agentUrl: endpoints.agentUrl,
    clock,
    log,
    tls: config.jenkins.tls,
    dispatcher: dispatchers?.jenkins(),
    mayPost: (what) => {
      if (config.dryRun) throw new DryRunError(what)
      pass(gate, what)
    },
  })
}

function makeMesos(options: TermOptions, way: MesosWay, gate: Gate): MesosSession {
  const { config, endpoints, clock, chance, log, templates } = options
  return new MesosSession({
    framework: {
      user: endpoints.mesosUser,
      // A name of its own beside the sidecar that it looks over the shoulder of.
      name: config.dryRun ? `${config.mesos.frameworkName}-dry-run` : config.mesos.frameworkName,
      roles: config.mesos.roles,
      failoverTimeoutSeconds: config.dryRun ? 0 : config.mesos.failoverTimeoutSeconds,
      principal: way.principal,
      hostname: undefined,
      webuiUrl: endpoints.jenkinsUrl.href,
    },
    detector: way.detector,
    authorize: way.authorize,
    clock,
    random: chance.fraction,
    log,
    capabilities: () => wantsOf(templates()),
    dispatcher: (origin) => new GatedDispatcher(way.dispatcher(origin), gate),
  })
}
