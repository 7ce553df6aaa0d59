import fastifyHelmet from '@fastify/helmet'
import Fastify, { type FastifyInstance } from 'fastify'
import actions, { type ActionsOptions } from '../plugins/actions.ts'
import api from '../plugins/api.ts'
import auth from '../plugins/auth.ts'
import dashboard from '../plugins/dashboard.ts'
import errors from '../plugins/errors.ts'
import explain from '../plugins/explain.ts'
import health from '../plugins/health.ts'
import metrics from '../plugins/metrics.ts'
import redaction from '../plugins/redaction.ts'
import requests from '../plugins/requests.ts'
import sizing from '../plugins/sizing.ts'
import type { Explanations } from './loop/explain-view.ts'
import type { Health, View } from './loop/view-types.ts'
import type { RequestMeter } from './metrics/instruments.ts'

export interface ServerOptions {
  readonly view: () => View
  readonly explain: () => Explanations
  readonly health: () => Health
  readonly scrape: () => Promise<{ readonly text: string; readonly contentType: string }>
  /** Counts what the server answers; [nobody does]. */
  readonly requests?: RequestMeter
  readonly trigger: () => void
  /** What an operator may call; [nothing]. */
  readonly operator?: Pick<ActionsOptions, 'actions' | 'log'>
  /** `undefined`: everything is open. */
  readonly token: string | undefined
}

/** The HTTP face: health, metrics, API and the page. Not yet listening. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { view, scrape, trigger, token } = options
  const app = Fastify({ logger: false, requestTimeout: 30_000, bodyLimit: 64 * 1024 })
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], styleSrc: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
    },
    strictTransportSecurity: false, // said by whoever ends TLS before us
  })
  if (options.requests !== undefined) await app.register(requests, { requests: options.requests })
  await app.register(redaction)
  await app.register(errors)
  await app.register(auth, { token })
  await app.register(health, { health: options.health })
  await app.register(metrics, { scrape })
  await app.register(api, { view, trigger })
  await app.register(sizing, { view })
  await app.register(explain, { explain: options.explain })
  if (options.operator !== undefined)
    await app.register(actions, { ...options.operator, hasToken: token !== undefined })
  await app.register(dashboard, { view })
  return app
}
