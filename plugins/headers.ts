import fastifyHelmet from '@fastify/helmet'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

const SELF = ["'self'"]
const NONE = ["'none'"]

/** The page is files of our own that ask for data of our own: nothing else may load, run, frame it or be sent to. */
const CONTENT = {
  defaultSrc: NONE,
  scriptSrc: SELF,
  styleSrc: SELF,
  imgSrc: SELF,
  connectSrc: SELF,
  fontSrc: SELF,
  manifestSrc: SELF,
  baseUri: NONE,
  formAction: NONE,
  frameAncestors: NONE,
  // Text never becomes markup: no script can reach innerHTML and its like.
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: NONE,
}

const USED_NOWHERE = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
const PERMISSIONS = USED_NOWHERE.map((feature) => `${feature}=()`).join(', ')

/** What a browser may do with our answers. */
const headers: FastifyPluginAsync = async (app) => {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT },
    frameguard: { action: 'deny' },
    // It holds for every port of a host, and on the hosts of a cluster most ports are not ours.
    strictTransportSecurity: false,
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', PERMISSIONS)
  })
}

export default fp(headers, { name: 'headers', fastify: '5.x' })
