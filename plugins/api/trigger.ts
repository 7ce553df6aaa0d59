import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { described } from '../described.ts'

export interface TriggerOptions {
  /** Asks for a round now. */
  readonly trigger: () => void
}

const schema = described({
  id: 'trigger',
  tag: 'actions',
  summary: 'Look at Jenkins now',
  description:
    'For a webhook of Jenkins, when a job enters the queue. A body of any type is taken and not read, up to 64 KiB. ' +
    'Calls that come while a round runs are joined into the next one.',
  status: 202,
  answer: Type.Object({ status: Type.Literal('accepted') }),
  example: { status: 'accepted' },
  problems: { 413: 'The body is larger than 65536 bytes.' },
})

/**
 * `POST /trigger`: for a webhook of Jenkins. What its plugins send in the body, and as what, is theirs: a round looks
 * for itself.
 */
export const trigger: FastifyPluginAsyncTypebox<TriggerOptions> = async (app, options) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => {
    done(null, undefined)
  })

  app.post('/trigger', { schema, config: { scope: 'read' } }, async (_request, reply) => {
    options.trigger()
    return reply.code(202).send({ status: 'accepted' })
  })
}
