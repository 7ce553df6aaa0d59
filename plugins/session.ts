import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Type } from 'typebox'
import type { Caller } from './access/caller.ts'
import { described, USUAL } from './described.ts'
import { includes, type Scope } from './scope.ts'

/** What the page may offer to whoever looks at it. */
export interface SessionView {
  /** Of the caller's token. */
  readonly name: string
  readonly scope: Scope
  readonly mayAct: boolean
  readonly words: string
}

const MAY: Readonly<Record<Scope, string>> = {
  open: 'may see whether this sidecar is well',
  metrics: 'may read the metrics, and nothing else',
  read: 'may see everything and change nothing',
  act: 'may see and change everything',
}

const schema = described({
  id: 'getSession',
  tag: 'overview',
  summary: 'Who the caller is, and what it may',
  answer: Type.Object({
    name: Type.String({ description: 'Of the token, as `API_TOKEN` has it' }),
    scope: Type.Enum(['metrics', 'read', 'act'], { description: 'Each includes those before it' }),
    mayAct: Type.Boolean({ description: 'Whether it may call actions' }),
    words: Type.String({ description: 'The same in words' }),
  }),
  example: { name: 'alice', scope: 'act', mayAct: true, words: 'alice may see and change everything' },
  problems: USUAL,
})

/** `GET /api/v1/session`: who the caller is, and what it may. For every token, so that a page can tell them apart. */
const session: FastifyPluginAsync = async (app) => {
  app.get('/api/v1/session', { schema, config: { scope: 'metrics' } }, async (request, reply) =>
    reply.header('cache-control', 'no-store').send(sessionOf(request.caller)),
  )
}

function sessionOf({ name, scope }: Caller): SessionView {
  return { name, scope, mayAct: includes(scope, 'act'), words: `${name} ${MAY[scope]}` }
}

export default fp(session, { name: 'session', fastify: '5.x', dependencies: ['auth'] })
