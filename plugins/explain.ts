import { setImmediate } from 'node:timers/promises'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { Explanations } from '../src/loop/explain-view.ts'

export interface ExplainOptions {
  readonly explain: () => Explanations
}

/** Items of one job that are told in full. */
const MOST_OF_JOB = 100

type Question = 'item' | 'job' | 'template' | 'agent'
const QUESTIONS: readonly Question[] = ['item', 'job', 'template', 'agent']

type Answer = { readonly found: object } | { readonly status: 400 | 404; readonly words: string }

/**
 * `GET /api/v1/explain`: why each build waits, each agent is there, and what fits each template. With `?item=ID`,
 * `?job=NAME`, `?template=NAME` or `?agent=ID` one of them in full. `GET /api/v1/dry-run`: what a dry run would have
 * done.
 */
const explain: FastifyPluginAsync<ExplainOptions> = async (app, options) => {
  app.get<{ readonly Querystring: Readonly<Record<string, unknown>> }>('/api/v1/explain', async (request, reply) => {
    const answer = await answerTo(request.query, options.explain())
    if ('found' in answer) return reply.header('cache-control', 'no-store').send(answer.found)
    const title = answer.status === 404 ? 'Not Found' : 'Bad Request'
    return reply
      .code(answer.status)
      .type('application/problem+json')
      .send({ type: 'about:blank', title, status: answer.status, detail: answer.words })
  })

  app.get('/api/v1/dry-run', async (_request, reply) => {
    const { dryRun } = options.explain()
    if (dryRun !== undefined) return reply.header('cache-control', 'no-store').send(dryRun.report)
    const detail = 'This is no dry run: it provisions agents. DRY_RUN=true makes it one.'
    return reply
      .code(404)
      .type('application/problem+json')
      .send({ type: 'about:blank', title: 'Not Found', status: 404, detail })
  })
}

async function answerTo(query: Readonly<Record<string, unknown>>, told: Explanations): Promise<Answer> {
  const asked = Object.keys(query)
  const [question, ...more] = QUESTIONS.filter((name) => asked.includes(name))
  const strange = asked.filter((name) => !QUESTIONS.some((known) => known === name))
  if (more.length > 0 || strange.length > 0) {
    return { status: 400, words: `Ask for one of ${QUESTIONS.join(', ')}, not for ${asked.join(' and ')}.` }
  }
  const { now, held, problems, dryRun, explainer } = told
  const shared = { now, held }
  if (question === undefined) {
    if (explainer !== undefined) await prepare(explainer)
    const report = explainer?.report() ?? { items: [], wishes: {}, templates: [], agents: [] }
    return { found: { ...shared, ...report, problems, dryRun: dryRun?.words } }
  }
  const wanted = query[question]
  if (typeof wanted !== 'string' || wanted === '') return { status: 400, words: `Say which ${question}.` }
  const found = explainer === undefined ? undefined : find(question, wanted, explainer)
  if (found !== undefined) return { found: { ...shared, ...found } }
  const why = held === undefined ? '' : ` At the moment: ${held}.`
  return { status: 404, words: `${missing(question, wanted)}${why}` }
}

/** With thousands of hosts each template takes a while: offers and rounds get their turn in between. */
async function prepare(explainer: NonNullable<Explanations['explainer']>): Promise<void> {
  for (const name of explainer.templateNames) {
    explainer.template(name)
    await setImmediate()
  }
}

function find(
  question: Question,
  wanted: string,
  explainer: NonNullable<Explanations['explainer']>,
): object | undefined {
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

function missing(question: Question, wanted: string): string {
  switch (question) {
    case 'item':
      return `There is no item ${wanted} in the queue: it has started, or was cancelled.`
    case 'job':
      return `No build of ${wanted} is in the queue.`
    case 'template':
      return `There is no template ${wanted}.`
    case 'agent':
      return `There is no agent ${wanted}: it has gone, or never was.`
  }
}

export default fp(explain, { name: 'explain', fastify: '5.x' })
