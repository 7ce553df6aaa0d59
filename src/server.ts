import fastifyHelmet from '@fastify/helmet'
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
import health from '../plugins/health.ts'
import metrics from '../plugins/metrics.ts'
import openapi from '../plugins/openapi.ts'
import redaction from '../plugins/redaction.ts'
import requests from '../plugins/requests.ts'
import session from '../plugins/session.ts'
import type { Sources } from '../plugins/sources.ts'
import { VALIDATION } from '../plugins/validation.ts'
import type { Access } from './core/access.ts'
import type { Log } from './core/log.ts'
import type { RequestMeter } from './metrics/instruments.ts'

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
  readonly log: Log
}

/** The HTTP face: health, metrics, API and the page. Not yet listening. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { sources, trigger, access, httpHost = '127.0.0.1', publicUrl, log } = options
  const { scrape } = sources
  const app = Fastify({ logger: false, requestTimeout: 30_000, bodyLimit: 64 * 1024, ajv: VALIDATION })
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], styleSrc: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
    },
    strictTransportSecurity: false, // said by whoever ends TLS before us
  })
  if (options.requests !== undefined) await app.register(requests, { requests: options.requests })
  await app.register(redaction)
  await app.register(etag)
  await app.register(errors)
  await app.register(auth, { access, httpHost, publicUrl, log })
  await app.register(compression)
  await app.register(accept)
  await app.register(openapi)
  await app.register(health, { health: sources.health })
  await app.register(metrics, { scrape })
  await app.register(session)
  await app.register(api, { sources, trigger })
  await app.register(events, sources)
  if (options.operator !== undefined) {
    await app.register(actions, { ...options.operator, hasToken: access().tokens.length > 0 })
  }
  await app.register(dashboard)
  return app
}
