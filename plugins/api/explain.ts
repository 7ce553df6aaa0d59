import { setImmediate } from 'node:timers/promises'
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { Explanations } from '../../src/loop/explain-view.ts'
import { described } from '../described.ts'
import { problem, sendProblem } from '../problem.ts'
import type { Sources } from '../sources.ts'
import * as examples from './examples/explanations.ts'
import { NOTHING, WRONG_PARAMETER } from './lists.ts'
import { missing, type Question } from './missing.ts'
import { type Paging, paging } from './paging.ts'
import { DryRun } from './schemas/dry-run.ts'
import { Explanation } from './schemas/explain.ts'

/** Items of one job that are told in full. */
const MOST_OF_JOB = 100

const name = (of: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: `${of} in full, and nothing else` }))

const Query = Type.Object(
  {
    item: name('The item of the queue with this id'),
    job: name('All items of this job'),
    template: name('This template'),
    agent: name('This agent'),
    ...paging,
  },
  { additionalProperties: false },
)

const Explain = described({
  id: 'explain',
  tag: 'explanations',
  summary: 'Why each build waits, each agent is there, and what fits each template',
  description:
    'The whole, with a page of the items and all templates and agents. With one of `item`, `job`, `template` and ' +
    '`agent` that one in full, and nothing else.',
  answer: Explanation,
  example: examples.explanation,
  problems: {
    400: 'Ask for one of item, job, template, agent, not for item and job.',
    404: missing('item', '1187', undefined),
  },
})

const NO_DRY_RUN = 'This is no dry run: it provisions agents. DRY_RUN=true makes it one.'

const Dry = described({
  id: 'getDryRun',
  tag: 'explanations',
  summary: 'What a dry run would have done',
  answer: DryRun,
  example: examples.dryRun,
  problems: { 400: WRONG_PARAMETER, 404: NO_DRY_RUN },
})

type Explainer = NonNullable<Explanations['explainer']>

const QUESTIONS = ['item', 'job', 'template', 'agent'] as const satisfies readonly Question[]

/**
 * `GET /explain`: why each build waits, each agent is there, and what fits each template, or one of them in full.
 * `GET /dry-run`: what a dry run would have done.
 */
export const explain: FastifyPluginAsyncTypebox<Pick<Sources, 'explain'>> = async (app, sources) => {
  app.get('/explain', { schema: { ...Explain, querystring: Query } }, async ({ query }, reply) => {
    const [question, ...more] = QUESTIONS.filter((name) => query[name] !== undefined)
    if (more.length > 0) {
      const asked = [question, ...more].join(' and ')
      return sendProblem(reply, problem(400, `Ask for one of ${QUESTIONS.join(', ')}, not for ${asked}.`))
    }
    const told = sources.explain()
    if (question === undefined) return await whole(told, query)
    const { now, held, explainer } = told
    const wanted = query[question] ?? ''
    const found = explainer && find(question, wanted, explainer)
    if (found === undefined) return sendProblem(reply, problem(404, missing(question, wanted, held)))
    return { now, held, ...found }
  })

  app.get('/dry-run', { schema: { ...Dry, querystring: NOTHING } }, async (_request, reply) => {
    const { now, dryRun } = sources.explain()
    if (dryRun !== undefined) return { now, ...dryRun.report }
    return sendProblem(reply, problem(404, NO_DRY_RUN))
  })
}

const UNKNOWN = { total: 0, items: [], wishes: {}, templates: [], agents: [] }

async function whole({ now, held, problems, dryRun, explainer }: Explanations, { offset, limit }: Paging) {
  if (explainer !== undefined) await prepare(explainer)
  const { total, ...report } = explainer?.report({ offset, limit }) ?? UNKNOWN
  return { now, held, total, offset, ...report, problems, dryRun: dryRun?.words }
}

/** With thousands of hosts each template takes a while: offers and rounds get their turn in between. */
async function prepare(explainer: Explainer): Promise<void> {
  for (const name of explainer.templateNames) {
    explainer.template(name)
    await setImmediate()
  }
}

function find(question: (typeof QUESTIONS)[number], wanted: string, explainer: Explainer) {
  switch (question) {
    case 'item': {
      const item = explainer.item(wanted)
      return item && { item }
    }
    case 'job': {
      const { items, more } = explainer.job(wanted, MOST_OF_JOB)
      return items.length === 0 ? undefined : { items, more }
    }
    case 'template': {
      const template = explainer.template(wanted)
      return template && { template }
    }
    case 'agent': {
      const agent = explainer.agent(wanted)
      return agent && { agent }
    }
  }
}
