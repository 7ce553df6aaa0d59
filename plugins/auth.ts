import { createHash, timingSafeEqual } from 'node:crypto'
import fastifyAuth from '@fastify/auth'
import fastifyBasicAuth from '@fastify/basic-auth'
import fastifyBearerAuth from '@fastify/bearer-auth'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

export interface AuthOptions {
  /** `undefined`: nobody is asked. */
  readonly token: string | undefined
}

/** Health must be open: Marathon and load balancers bring no token. */
const OPEN = new Set(['/health/live', '/health/ready'])

/** With a token set, every other path wants it: as a bearer token, or for browsers as the password of any user. */
const auth: FastifyPluginAsync<AuthOptions> = async (app, { token }) => {
  if (token === undefined) return
  await app.register(fastifyAuth)
  await app.register(fastifyBearerAuth, { keys: new Set([token]), addHook: false })
  await app.register(fastifyBasicAuth, {
    authenticate: { realm: 'jenkins-mesos-sidecar' },
    validate: async (_user, password) => {
      if (!isSame(password, token)) throw new Error('wrong token')
    },
  })
  const verify = app.auth([app.verifyBearerAuth ?? never, app.basicAuth])
  app.addHook('onRequest', async function (request, reply) {
    if (OPEN.has(request.url.split('?')[0] ?? '')) return
    await new Promise<void>((resolve, reject) => {
      verify.call(this, request, reply, (error?: Error) => {
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  })
}

function never(): never {
  throw new Error('the bearer plugin was not registered')
}

/** Takes the same time whatever is wrong with it. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(token).digest())
}

export default fp(auth, { name: 'auth', fastify: '5.x' })
