import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { described } from '../described.ts'
import { problem, sendProblem } from '../problem.ts'
import type { Sources } from '../sources.ts'
import { AT, template as example, templateReport } from './examples/parts.ts'
import { allSchema, longName, NOTHING, WRONG_PARAMETER } from './lists.ts'
import { missing } from './missing.ts'
import { OneTemplate, TemplateView } from './schemas/templates.ts'

const Params = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 300, description: 'as the configuration has it' }),
})

const List = described({
  id: 'listTemplates',
  tag: 'lists',
  summary: 'Templates, and how they stand',
  description: 'All of them, in the order of the configuration.',
  answer: allSchema(TemplateView),
  example: { now: AT, items: [example] },
  problems: { 400: WRONG_PARAMETER },
})

const One = described({
  id: 'getTemplate',
  tag: 'lists',
  summary: 'One template, and where its agents fit',
  answer: OneTemplate,
  example: { now: AT, ...example, ...templateReport },
  problems: { 400: longName('name'), 404: missing('template', 'linux', undefined) },
})

/** `GET /templates`: all, in the order of the configuration; `GET /templates/{name}`: one, with where it fits. */
export const templates: FastifyPluginAsyncTypebox<Pick<Sources, 'view' | 'explain'>> = async (app, sources) => {
  app.get('/templates', { schema: { ...List, querystring: NOTHING } }, async () => {
    const { now, templates } = sources.view()
    return { now, items: templates }
  })

  app.get('/templates/:name', { schema: { ...One, params: Params } }, async ({ params }, reply) => {
    const { now, templates } = sources.view()
    const { held, explainer } = sources.explain()
    const template = templates.find((one) => one.template === params.name)
    if (template === undefined) return sendProblem(reply, problem(404, missing('template', params.name, held)))
    return { now, held, ...template, ...explainer?.template(params.name) }
  })
}
