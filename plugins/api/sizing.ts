import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { Sources } from '../sources.ts'

const Nothing = Type.Object({}, { additionalProperties: false })

/** `GET /sizing`: what agents of each template used beside what they asked for, and what would do. */
export const sizing: FastifyPluginAsyncTypebox<Pick<Sources, 'view'>> = async (app, { view }) => {
  app.get('/sizing', { schema: { querystring: Nothing } }, async () => {
    const { now, leadership, templates } = view()
    return { now, role: leadership.role, templates: templates.flatMap((template) => template.sizing ?? []) }
  })
}
