import type { Config } from './config/config.ts'
import type { Clock } from './core/clock.ts'
import type { Log } from './core/log.ts'
import { amount } from './core/resources.ts'
import { executorsFor, resourcesOf, type Template } from './core/template.ts'
import { type Access, accessBy } from './mesos/auth/access.ts'
import type { MasterDetector } from './mesos/detector/detector.ts'
import { FixedUrlDetector } from './mesos/detector/fixed-url.ts'
import { askForLeader } from './mesos/detector/redirect.ts'
import { ZooKeeperDetector } from './mesos/detector/zookeeper.ts'
import type { Wants } from './mesos/framework-info.ts'
import { type Dispatch, ownConnection } from './mesos/http.ts'
import type { Connect } from './zookeeper/transport.ts'

export interface MesosWayOptions {
  readonly config: Config
  /** Origins, an embedded one resolved; empty where they are found over ZooKeeper. */
  readonly masters: readonly string[]
  readonly clock: Clock
  /** 0 up to 1. */
  readonly random: () => number
  readonly log: Log
  /** Ends a login that is under way. */
  readonly signal: AbortSignal
  /** Tests carry HTTP in memory with it. */
  readonly dispatcher?: Dispatch | undefined
  readonly zookeeper?: Connect | undefined
}

/** How masters and hosts are found and spoken to, as the configuration says. */
export interface MesosWay extends Access {
  readonly detector: MasterDetector
  readonly dispatcher: Dispatch
}

export function mesosWay(options: MesosWayOptions): MesosWay {
  const dispatcher = options.dispatcher ?? ownConnection(options.config.mesos.tls)
  const access = accessBy(options.config.mesos.credentials, { ...options, dispatcher })
  return { ...access, dispatcher, detector: detectorOf(options, dispatcher, access) }
}

/** Of the session that only looks for masters. */
const ZOOKEEPER_TIMEOUT_MS = 10_000

function detectorOf(options: MesosWayOptions, dispatcher: Dispatch, access: Access): MasterDetector {
  const { config, masters, clock, random, log, zookeeper } = options
  const { ensemble, scheme } = config.mesos
  if (ensemble !== undefined) {
    return new ZooKeeperDetector({
      ensemble,
      scheme,
      sessionTimeoutMs: ZOOKEEPER_TIMEOUT_MS,
      clock,
      random,
      log,
      ...(config.zookeeperTls !== undefined && { tls: config.zookeeperTls }),
      ...(zookeeper !== undefined && { connect: zookeeper }),
    })
  }
  return new FixedUrlDetector(masters, askForLeader({ dispatcher, authorize: access.authorize, clock }))
}

/** What the framework must be able to be offered, for these templates. */
export function wantsOf(templates: readonly Template[]): Wants {
  return {
    gpus: templates.some(({ scalars }) => amount(scalars, 'gpus') > 0),
    regions: templates.some(({ regions }) => regions !== 'home'),
    needs: templates.map((template) => ({
      role: template.role,
      constraints: template.constraints,
      least: resourcesOf(template, executorsFor(template, 1)),
    })),
  }
}
