import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'

export interface TriggerOptions {
  /** Asks for a round now. */
  readonly trigger: () => void
}

/**
 * `POST /trigger`: for a webhook of Jenkins. What its plugins send in the body, and as what, is theirs: a round looks
 * for itself.
 */
export const trigger: FastifyPluginAsyncTypebox<TriggerOptions> = async (app, options) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => {
    done(null, undefined)
  })

  app.post('/trigger', { config: { scope: 'read' } }, async (_request, reply) => {
    options.trigger()
    return reply.code(202).send({ status: 'accepted' })
  })
}
