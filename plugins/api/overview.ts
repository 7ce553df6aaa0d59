import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { TSchema } from 'typebox'
import { described } from '../described.ts'
import { sharedJson } from '../latest.ts'
import type { Sources } from '../sources.ts'
import * as examples from './examples/overview.ts'
import { allSchema, NOTHING, WRONG_PARAMETER } from './lists.ts'
import { Configuration, Metric, PlanAnswer, Timeline } from './schemas/set-up.ts'
import { SummaryView, View } from './schemas/view.ts'

type OverviewSources = Pick<Sources, 'view' | 'summary' | 'timeline' | 'plan' | 'configuration' | 'metrics'>

const schema = (id: string, summary: string, answer: TSchema, example: unknown) => ({
  ...described({ id, tag: 'overview', summary, answer, example, problems: { 400: WRONG_PARAMETER } }),
  querystring: NOTHING,
})

const SCHEMAS = {
  summary: schema('getSummary', 'The head of the page: small, however big the farm is', SummaryView, examples.summary),
  state: schema('getState', 'All that the program knows and thinks, at once', View, examples.state),
  timeline: schema('getTimeline', 'The last hours', Timeline, examples.timeline),
  plan: schema('getPlan', 'What the last round decided', PlanAnswer, examples.plan),
  configuration: schema('getConfiguration', 'How this instance is set up', Configuration, examples.configuration),
  metrics: schema('listMetrics', 'The metrics of `/metrics`, and what they say', allSchema(Metric), examples.metrics),
}

/** What concerns the whole: its head, all of it at once, its last hours, what was decided, and how it is set up. */
export const overview: FastifyPluginAsyncTypebox<OverviewSources> = async (app, sources) => {
  const now = (): number => sources.view().now

  app.get('/summary', { schema: SCHEMAS.summary }, async () => sources.summary())
  app.get('/state', { schema: SCHEMAS.state }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(sharedJson(sources.view())),
  )
  app.get('/timeline', { schema: SCHEMAS.timeline }, async () => ({ now: now(), ...sources.timeline() }))
  app.get('/plan', { schema: SCHEMAS.plan }, async () => ({ now: now(), ...sources.plan() }))
  app.get('/configuration', { schema: SCHEMAS.configuration }, async () => ({
    now: now(),
    ...sources.configuration(),
  }))
  app.get('/metrics', { schema: SCHEMAS.metrics }, async () => ({ now: now(), items: sources.metrics() }))
}
