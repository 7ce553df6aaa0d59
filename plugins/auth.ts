import fastifyAuth from '@fastify/auth'
import fastifyBasicAuth from '@fastify/basic-auth'
import fastifyBearerAuth from '@fastify/bearer-auth'
import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Access } from '../src/core/access.ts'
import type { Log } from '../src/core/log.ts'
import { nobody } from './access/caller.ts'
import { whyCrossSite } from './access/cross-site.ts'
import { whyNotLocal } from './access/local.ts'
import { Refusal } from './access/refusal.ts'
import { TokenBook } from './access/token-book.ts'
import { includes, isReading, scopeOf } from './scope.ts'

export interface AuthOptions {
  /** Asked at each request: tokens are changed without a restart. */
  readonly access: () => Access
  /** HTTP_HOST: the name by which callers of this machine may call it, too. */
  readonly httpHost: string
  /** How people reach the page through a proxy. */
  readonly publicUrl: URL | undefined
  readonly log: Log
}

const REALM = 'realm="jenkins-mesos-sidecar"'
/** So many wrong tokens an address and minute are answered as such. */
const MOST_FAILURES = 10
const MINUTE_MS = 60_000

/**
 * Who may call what: each route has a scope, and a token the scopes that it was given. It is sent as a bearer token,
 * or by a browser as the password of any user. Where no token is set, this machine alone may do everything.
 *
 * A right token is taken however many wrong ones came from its address: whoever shares a proxy with an attacker would
 * be locked out. Wrong ones are answered with 429 after a while, on a connection that ends.
 */
const auth: FastifyPluginAsync<AuthOptions> = async (app, { access, httpHost, publicUrl, log }) => {
  const book = new TokenBook(access)
  await app.register(fastifyRateLimit, { global: false })
  const failures = app.createRateLimit({ max: MOST_FAILURES, timeWindow: MINUTE_MS })
  const told = app.createRateLimit({ max: 1, timeWindow: MINUTE_MS })
  /** Once a minute for each address: strangers cannot fill the log. */
  const tell = async (request: FastifyRequest, refused: string): Promise<void> => {
    const before = await told(request)
    if (!before.isAllowed && before.isExceeded) return
    const { caller, method, routeOptions } = request
    const { name, scope: _, ...where } = caller
    log.warn({ audit: true, caller: name, ...where, method, route: routeOptions.url, refused }, 'a caller was refused')
  }

  const accept = (request: FastifyRequest, given: string): boolean => {
    const token = book.find(given)
    if (token !== undefined) request.caller = { ...request.caller, name: token.name, scope: token.scope }
    return token !== undefined
  }
  await app.register(fastifyAuth)
  await app.register(fastifyBearerAuth, {
    keys: new Set<string>(),
    auth: (given, request) => accept(request, given),
    addHook: false,
    specCompliance: 'rfc6749',
    verifyErrorLogLevel: 'debug',
  })
  await app.register(fastifyBasicAuth, {
    validate: async (_user, password, request) => {
      if (!accept(request, password)) throw new Error('wrong token')
    },
  })
  const verify = app.auth([app.verifyBearerAuth ?? never, app.basicAuth])

  const hasToken = (request: FastifyRequest, reply: FastifyReply): Promise<boolean> =>
    new Promise((resolve) => {
      verify.call(app, request, reply, (error?: Error | null) => {
        resolve(error === undefined || error === null)
      })
    })

  const askForToken = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.headers.authorization === undefined) {
      reply.header('www-authenticate', challengeFor(request))
      throw new Refusal(401, 'This needs a token: send the header Authorization: Bearer, with one of API_TOKEN.')
    }
    if (await hasToken(request, reply)) return
    const failed = await failures(request)
    if (failed.isAllowed) throw new Error('no address is on a list')
    const words = 'This token is not one of API_TOKEN.'
    await tell(request, words)
    if (!failed.isExceeded) {
      reply.header('www-authenticate', challengeFor(request, 'error="invalid_token"'))
      throw new Refusal(401, words)
    }
    reply.header('retry-after', failed.ttlInSeconds).header('connection', 'close')
    throw new Refusal(429, `Too many wrong tokens came from your address: wait ${failed.ttlInSeconds} s.`)
  }

  app.decorateRequest('caller')
  app.addHook('onRequest', async (request, reply) => {
    request.caller = nobody(request)
    const needed = scopeOf(request)
    if (needed === 'open') return
    const refuse = async (status: 401 | 403, words: string, challenge: string): Promise<never> => {
      await tell(request, words)
      reply.header('www-authenticate', `Bearer ${REALM}${challenge}`)
      throw new Refusal(status, words)
    }
    if (book.isEmpty) {
      const stranger = whyStranger(request, httpHost, publicUrl)
      if (stranger !== undefined) await refuse(401, stranger, '')
      request.caller = { ...request.caller, name: 'this machine', scope: 'act' }
    } else await askForToken(request, reply)
    const { name, scope } = request.caller
    const foreign = whyCrossSite(request, publicUrl?.origin)
    if (foreign !== undefined) await refuse(403, foreign, '')
    if (includes(scope, needed)) return
    const narrow = `The token ${name} has the scope ${scope}; this needs ${needed}.`
    await refuse(403, narrow, `, error="insufficient_scope", scope="${needed}"`)
  })
}

/** Why a request is not taken, where no token is set. */
function whyStranger({ socket, headers }: FastifyRequest, httpHost: string, publicUrl?: URL): string | undefined {
  if (publicUrl !== undefined) {
    // A proxy on this machine need not say that it is one.
    return 'PUBLIC_URL says that a proxy brings callers here, so they need a token. Set API_TOKEN.'
  }
  return whyNotLocal({ address: socket.remoteAddress ?? '', headers, httpHost })
}

/** Only who opens an address in a browser is asked by it for a password: to a page's own calls no dialog may come up. */
function challengeFor({ method, headers }: FastifyRequest, error?: string): string {
  const { accept = '', 'sec-fetch-mode': mode = 'navigate' } = headers
  if (isReading(method) && mode === 'navigate' && accept.includes('text/html')) return `Basic ${REALM}, charset="UTF-8"`
  return `Bearer ${REALM}${error === undefined ? '' : `, ${error}`}`
}

function never(): never {
  throw new Error('the bearer plugin was not registered')
}

export default fp(auth, { name: 'auth', fastify: '5.x' })
