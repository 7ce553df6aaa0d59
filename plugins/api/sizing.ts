import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { described } from '../described.ts'
import type { Sources } from '../sources.ts'
import { AT, sizing as example } from './examples/parts.ts'
import { NOTHING, WRONG_PARAMETER } from './lists.ts'
import { now, word } from './schemas/parts.ts'
import { SizingView } from './schemas/templates.ts'

const schema = described({
  id: 'getSizing',
  tag: 'explanations',
  summary: 'What executors of each template asked for and used, and what would do',
  answer: Type.Object({
    now,
    role: word(['leader', 'standby'], 'Only the leader measures'),
    templates: Type.Array(SizingView),
  }),
  example: { now: AT, role: 'leader', templates: [example] },
  problems: { 400: WRONG_PARAMETER },
})

/** `GET /sizing`: what agents of each template used beside what they asked for, and what would do. */
export const sizing: FastifyPluginAsyncTypebox<Pick<Sources, 'view'>> = async (app, { view }) => {
  app.get('/sizing', { schema: { ...schema, querystring: NOTHING } }, async () => {
    const { now, leadership, templates } = view()
    return { now, role: leadership.role, templates: templates.flatMap((template) => template.sizing ?? []) }
  })
}
