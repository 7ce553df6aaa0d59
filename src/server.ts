import Fastify, { type FastifyInstance } from 'fastify'
import accept from '../plugins/accept.ts'
import actions, { type ActionsOptions } from '../plugins/actions.ts'
import api from '../plugins/api.ts'
import auth from '../plugins/auth.ts'
import compression from '../plugins/compression.ts'
import dashboard from '../plugins/dashboard.ts'
import errors from '../plugins/errors.ts'
import etag from '../plugins/etag.ts'
import events from '../plugins/events.ts'
import headers from '../plugins/headers.ts'
import health from '../plugins/health.ts'
import metrics from '../plugins/metrics.ts'
import openapi from '../plugins/openapi.ts'
import redaction from '../plugins/redaction.ts'
import requests from '../plugins/requests.ts'
import session from '../plugins/session.ts'
import type { Sources } from '../plugins/sources.ts'
import { VALIDATION } from '../plugins/validation.ts'
import { answerBadAddress, answerBrokenRequest } from './bad-requests.ts'
import type { Access } from './core/access.ts'
import type { Clock } from './core/clock.ts'
import type { Log } from './core/log.ts'
import { Listener } from './listener.ts'
import type { RequestMeter } from './metrics/instruments.ts'
import { isTrustedProxy, prefixOf, withoutPrefix } from './public-url.ts'

export interface ServerOptions {
  /** All that is shown. */
  readonly sources: Sources
  /** Counts what the server answers; [nobody does]. */
  readonly requests?: RequestMeter
  readonly trigger: () => void
  /** What an operator may call; [nothing]. */
  readonly operator?: Pick<ActionsOptions, 'actions' | 'log'>
  /** Without tokens this machine alone may call. */
  readonly access: () => Access
  /** HTTP_HOST; [127.0.0.1]. */
  readonly httpHost?: string
  /** PUBLIC_URL. */
  readonly publicUrl?: URL | undefined
  /** [without TLS] */
  readonly listener?: Listener
  readonly clock: Pick<Clock, 'timer'>
  readonly log: Log
}

/** The HTTP face: health, metrics, API and the page. Not yet listening. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { sources, trigger, access, httpHost = '127.0.0.1', publicUrl, log } = options
  const { scrape } = sources
  const app = makeApp(options)
  await app.register(headers)
  if (options.requests !== undefined) await app.register(requests, { requests: options.requests })
  await app.register(redaction)
  await app.register(etag)
  await app.register(errors, { log })
  await app.register(auth, { access, httpHost, publicUrl, log })
  await app.register(compression)
  await app.register(accept)
  await app.register(openapi)
  await app.register(health, { health: sources.health })
  await app.register(metrics, { scrape })
  await app.register(session)
  await app.register(api, { sources, trigger })
  await app.register(events, sources)
  if (options.operator !== undefined) await app.register(actions, options.operator)
  await app.register(dashboard)
  addSlash(app, publicUrl)
  return app
}

/** No request of ours needs more. */
const MOST_BODY_BYTES = 64 * 1024
/** Names of templates, items and hosts, percent-encoded. */
const LONGEST_PART = 1_000
/** Answers under way have so long when the program ends; streams would go on for ever. */
const ENDING_MS = 2_000

function makeApp({ listener = new Listener(undefined), publicUrl, clock }: ServerOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    serverFactory: listener.make,
    bodyLimit: MOST_BODY_BYTES,
    routerOptions: { maxParamLength: LONGEST_PART },
    rewriteUrl: withoutPrefix(prefixOf(publicUrl)),
    trustProxy: publicUrl === undefined ? false : isTrustedProxy,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBadAddress,
    ajv: VALIDATION,
  })
  app.addHook('preClose', async () => {
    if (!app.server.listening) return
    const cancel = clock.timer(ENDING_MS, () => {
      listener.cut()
    })
    app.server.once('close', cancel)
  })
  return app
}

/** Without it the page's own addresses, which are relative, would lead elsewhere. */
function addSlash(app: FastifyInstance, publicUrl: URL | undefined): void {
  const prefix = prefixOf(publicUrl)
  if (prefix === '') return
  app.get(prefix, { config: { scope: 'open' } }, async (_request, reply) => reply.redirect(`${prefix}/`, 308))
}
