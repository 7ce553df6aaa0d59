import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { Sources } from '../sources.ts'

type OverviewSources = Pick<Sources, 'view' | 'summary' | 'timeline' | 'plan' | 'configuration' | 'metrics'>

const schema = { querystring: Type.Object({}, { additionalProperties: false }) }

/** What concerns the whole: its head, all of it at once, its last hours, what was decided, and how it is set up. */
export const overview: FastifyPluginAsyncTypebox<OverviewSources> = async (app, sources) => {
  const now = (): number => sources.view().now

  app.get('/summary', { schema }, async () => sources.summary())
  app.get('/state', { schema }, async () => sources.view())
  app.get('/timeline', { schema }, async () => ({ now: now(), ...sources.timeline() }))
  app.get('/plan', { schema }, async () => ({ now: now(), ...sources.plan() }))
  app.get('/configuration', { schema }, async () => ({ now: now(), ...sources.configuration() }))
  app.get('/metrics', { schema }, async () => ({ now: now(), items: sources.metrics() }))
}
