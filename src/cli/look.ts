import { userInfo } from 'node:os'
import { systemChance } from '../chance.ts'
import { type MesosWay, mesosWay, wantsOf } from '../compose-mesos.ts'
import type { Config } from '../config/config.ts'
import { scheduled } from '../config/schedules.ts'
import type { JenkinsReading } from '../core/jenkins-reading.ts'
import type { Log } from '../core/log.ts'
import type { FrameworkId } from '../core/model.ts'
import type { Offer } from '../core/offer.ts'
import { NOTHING_PAUSED } from '../core/pause.ts'
import { EMPTY_MEMORY, type Snapshot } from '../core/snapshot.ts'
import type { Endpoints } from '../endpoints.ts'
import { Jenkins } from '../jenkins/jenkins.ts'
import type { MesosEvent, Saved } from '../loop/ports.ts'
import { MesosSession } from '../mesos/session.ts'
import { MesosUsage } from '../mesos/usage.ts'
import { systemClock } from '../system-clock.ts'

/** What a look at Mesos showed, as a framework of its own that takes nothing and is gone afterwards. */
export interface MesosLook {
  readonly subscribed: boolean
  /** Why not. */
  readonly why: string | undefined
  readonly master: string | undefined
  readonly version: string | undefined
  readonly frameworkId: FrameworkId | undefined
  /** Who we are there. */
  readonly principal: string | undefined
  /** What a host tells of use, in words; `undefined`: none was asked. */
  readonly usage: string | undefined
  /** What was offered for the roles within the time. */
  readonly offers: readonly Offer[]
}

const SUBSCRIBE_MS = 8_000
/** An allocation takes up to a second; so this sees every host once. */
const OFFERS_MS = 2_500

export function lookAtJenkins({ jenkins: { tls } }: Config, endpoints: Endpoints, log: Log): Jenkins {
  return new Jenkins({
    url: endpoints.jenkinsUrl,
    user: endpoints.jenkinsUser,
    token: endpoints.jenkinsToken,
    agentUrl: endpoints.agentUrl,
    tls,
    clock: systemClock,
    timeoutMs: 10_000,
    log,
  })
}

/** Never uses the stored framework id: looking must not take over from a sidecar that runs. */
export async function lookAtMesos(
  config: Config,
  endpoints: Endpoints,
  roles: ReadonlySet<string>,
  outer: Log,
  signal: AbortSignal,
): Promise<MesosLook> {
  const ended = new AbortController()
  const random = systemChance.fraction
  const { masters } = endpoints
  const heard = listening(outer)
  const { log } = heard
  const way = mesosWay({ config, masters, clock: systemClock, random, log, signal: ended.signal })
  const session = new MesosSession({
    framework: {
      user: config.mesos.user ?? userInfo().username,
      name: `${config.mesos.frameworkName}-look`,
      roles: config.mesos.roles,
      failoverTimeoutSeconds: 0,
      principal: way.principal,
      hostname: undefined,
      webuiUrl: undefined,
    },
    detector: way.detector,
    authorize: way.authorize,
    dispatcher: way.dispatcher,
    // Hosts that are of no use are told of, with the reason.
    capabilities: () => ({ ...wantsOf(config.templates), needs: [] }),
    clock: systemClock,
    random,
    log,
  })
  const offers: Offer[] = []
  let subscribed: Extract<MesosEvent, { kind: 'subscribed' }> | undefined
  let why: string | undefined
  const told = new AbortController()
  session.want(roles)
  session.start(undefined, (event) => {
    if (event.kind === 'offers') offers.push(...event.offers)
    if (event.kind === 'subscribed') subscribed = event
    if (event.kind === 'refused' || event.kind === 'disconnected') why = event.why
    if (event.kind === 'subscribed' || event.kind === 'refused') told.abort()
  })
  await pause(SUBSCRIBE_MS, AbortSignal.any([told.signal, signal]))
  if (subscribed !== undefined && roles.size > 0) await pause(OFFERS_MS, signal)
  const usage = subscribed === undefined ? undefined : await lookAtUsage(config, way, subscribed.frameworkId, offers)
  if (subscribed !== undefined)
    await session.teardown().catch((error: unknown) => {
      log.debug({ err: error }, 'the framework of this look was not ended: it ends with its connection')
    })
  await session.stop()
  ended.abort()
  return {
    subscribed: subscribed !== undefined,
    why: subscribed === undefined ? (why ?? heard.lastWhy() ?? 'the master did not answer in time') : undefined,
    master: subscribed?.master,
    version: subscribed?.version,
    frameworkId: subscribed?.frameworkId,
    principal: way.principal,
    usage,
    offers,
  }
}

/** A log that remembers why something did not work: what looks for a master waits in silence. */
function listening(inner: Log): { readonly log: Log; readonly lastWhy: () => string | undefined } {
  let last: string | undefined
  const warn = (fields: object, message: string): void => {
    if ('why' in fields && typeof fields.why === 'string') last = `${message}: ${fields.why}`
    inner.warn(fields, message)
  }
  const log: Log = {
    debug: (fields, message) => {
      inner.debug(fields, message)
    },
    info: (fields, message) => {
      inner.info(fields, message)
    },
    warn,
    error: (fields, message) => {
      inner.error(fields, message)
    },
  }
  return { log, lastWhy: () => last }
}

/** One host is asked: they are alike as a rule. */
async function lookAtUsage(
  { mesos: { scheme, tls } }: Config,
  { authorize }: MesosWay,
  frameworkId: FrameworkId,
  offers: readonly Offer[],
): Promise<string | undefined> {
  const [first] = offers
  if (first === undefined) return undefined
  const { mesosAgentId, address, hostname } = first
  const quiet = (): void => undefined
  let why: string | undefined
  const note = (fields: object): void => {
    if ('why' in fields) why = String(fields.why)
  }
  const log = { debug: note, info: quiet, warn: note, error: quiet }
  const usage = new MesosUsage({ frameworkId: () => frameworkId, clock: systemClock, log, scheme, tls, authorize })
  await usage.read([{ mesosAgentId, address }])
  await usage.close()
  return why === undefined ? `${hostname} tells it` : `there will be no usage data: ${why}`
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await systemClock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

/** For a command that knows nothing of earlier agents. */
export const NOTHING_SAVED: Saved = { framework: undefined, agents: new Map() }

/** What the planner is shown by a command that only looks. Without a look at Mesos: as if nothing had been offered. */
export function lookSnapshot(
  config: Config,
  jenkins: JenkinsReading,
  saved: Saved,
  mesos: MesosLook | undefined,
): Snapshot {
  return {
    round: 3, // as if it had run for a while: the first rounds would take nothing away
    jenkins,
    otherJenkins: undefined,
    fresh: true,
    mesos: {
      subscribed: mesos?.subscribed ?? true,
      reconciled: true,
      frameworkId: saved.framework?.frameworkId,
    },
    offers: mesos?.offers ?? [],
    windows: new Map(),
    records: [...saved.agents.values()],
    templates: scheduled(() => config.templates, systemClock.now)(),
    caps: config.caps,
    pollIntervalMs: config.jenkins.pollIntervalMs,
    busy: new Set(),
    ready: new Set(),
    strays: [],
    absent: new Set(),
    lostFrameworks: new Set(),
    frameworkName: config.mesos.frameworkName,
    memory: EMPTY_MEMORY,
    brakeReleased: false,
    paused: saved.paused ?? NOTHING_PAUSED,
    launchRate: config.launchRate,
    hosts: [],
  }
}
