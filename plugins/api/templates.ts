import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { problem, sendProblem } from '../problem.ts'
import type { Sources } from '../sources.ts'
import { missing } from './missing.ts'

const Params = Type.Object({ name: Type.String({ maxLength: 300 }) })
const Nothing = Type.Object({}, { additionalProperties: false })

/** `GET /templates`: all, in the order of the configuration; `GET /templates/{name}`: one, with where it fits. */
export const templates: FastifyPluginAsyncTypebox<Pick<Sources, 'view' | 'explain'>> = async (app, sources) => {
  app.get('/templates', { schema: { querystring: Nothing } }, async () => {
    const { now, templates } = sources.view()
    return { now, items: templates }
  })

  app.get('/templates/:name', { schema: { params: Params } }, async ({ params }, reply) => {
    const { now, templates } = sources.view()
    const { held, explainer } = sources.explain()
    const template = templates.find((one) => one.template === params.name)
    if (template === undefined) return sendProblem(reply, problem(404, missing('template', params.name, held)))
    return { now, held, ...template, ...explainer?.template(params.name) }
  })
}
