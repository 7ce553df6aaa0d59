import Fastify, { type FastifyInstance } from 'fastify'
import { messageOf } from './core/code-of.ts'
import type { Log } from './core/log.ts'
import type { AgentId } from './core/model.ts'
import { Listener } from './listener.ts'
import type { Redeemed } from './loop/secret-desk.ts'

export interface SecretServerOptions {
  readonly redeem: (agentId: AgentId, token: string) => Promise<Redeemed>
  readonly log: Log
}

/**
 * The listener where tasks fetch their secret, and nothing else. A token works once: everything that is not exactly
 * that is 410, so that the fetcher fails at once and the launch with it.
 */
export function secretServer({ redeem, log }: SecretServerOptions): FastifyInstance {
  // A HEAD would use the token up and give nothing for it.
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    serverFactory: new Listener(undefined).make,
    routerOptions: { maxParamLength: 300 },
  })
  app.get<{ Params: { agentId: string; token: string } }>('/agent-secret/:agentId/:token', async (request, reply) => {
    const { agentId, token } = request.params
    try {
      const redeemed = await redeem(agentId as AgentId, token)
      if (redeemed.kind === 'gone') {
        log.warn({ agentId, why: redeemed.why }, 'a secret was asked for and not given')
        return await reply.code(410).type('text/plain').send('gone\n')
      }
      return await reply.type('application/octet-stream').header('cache-control', 'no-store').send(redeemed.secret)
    } catch (error) {
      log.warn({ agentId, why: messageOf(error), err: error }, 'a secret could not be given')
      return await reply.code(503).type('text/plain').send('try again\n')
    }
  })
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).type('text/plain').send('not found\n'))
  return app
}
