import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { AgentView, View } from '../../src/loop/view-types.ts'
import { described } from '../described.ts'
import { problem, sendProblem } from '../problem.ts'
import type { Sources } from '../sources.ts'
import { AT, agentExplanation, agent as example } from './examples/parts.ts'
import { anyOf, anyText, isAmong, isFound, search } from './filters.ts'
import { longName, pageSchema, WRONG_PAGE } from './lists.ts'
import { missing } from './missing.ts'
import { byText } from './order.ts'
import { pageOf, paging } from './paging.ts'
import { AgentView as Agent, OneAgent } from './schemas/agents.ts'
import { AGENT_STATES } from './states.ts'

const SORTS = ['oldest', 'newest', 'goes', 'cpu', 'memory'] as const
type Sort = (typeof SORTS)[number]

const Query = Type.Object(
  {
    state: anyOf(AGENT_STATES, 'state'),
    template: anyText('template'),
    host: anyText('host'),
    sort: Type.Optional(
      Type.Enum(SORTS, {
        description: 'Instead of by template: the first first; those of which it is not known, last',
      }),
    ),
    q: search('id, template, host, builds, reason or explanation'),
    ...paging,
  },
  { additionalProperties: false },
)

const Params = Type.Object({
  agentId: Type.String({ minLength: 1, maxLength: 300, description: 'its node in Jenkins, and its task' }),
})

const List = described({
  id: 'listAgents',
  tag: 'lists',
  summary: 'Agents, and what they do',
  description: 'By template, the oldest first.',
  answer: pageSchema(Agent),
  example: { now: AT, total: 1, offset: 0, items: [example] },
  problems: { 400: WRONG_PAGE },
})

const One = described({
  id: 'getAgent',
  tag: 'lists',
  summary: 'One agent, with why it is kept or goes',
  answer: OneAgent,
  example: { now: AT, ...example, ...agentExplanation },
  problems: { 400: longName('agentId'), 404: missing('agent', 'mesos-linux-4f9a1c7e', undefined) },
})

/** `GET /agents`: by template, the oldest first; `GET /agents/{agentId}`: one of them, with why it is kept or goes. */
export const agents: FastifyPluginAsyncTypebox<Pick<Sources, 'view' | 'explain'>> = async (app, { view, explain }) => {
  app.get('/agents', { schema: { ...List, querystring: Query } }, async ({ query }) => {
    const told = view()
    const { state, template, host, q, sort } = query
    const matching = inOrder(told, sort).filter(
      (agent) =>
        isAmong(agent.state, state) &&
        isAmong(agent.template, template) &&
        isAmong(agent.hostname, host) &&
        isFound(q, agent.agentId, agent.template, agent.hostname, agent.reason, agent.words, ...agent.builds),
    )
    return { now: told.now, ...pageOf(matching, query) }
  })

  app.get('/agents/:agentId', { schema: { ...One, params: Params } }, async ({ params }, reply) => {
    const { now, agents } = view()
    const { held, explainer } = explain()
    const agent = agents.find(({ agentId }) => agentId === params.agentId)
    if (agent === undefined) return sendProblem(reply, problem(404, missing('agent', params.agentId, held)))
    return { now, held, ...agent, ...explainer?.agent(params.agentId) }
  })
}

const orders = new WeakMap<View['agents'], Map<Sort | undefined, readonly AgentView[]>>()

/** Sorted once for all who ask while the same view holds. */
function inOrder({ agents }: View, sort: Sort | undefined): readonly AgentView[] {
  const known = orders.get(agents) ?? new Map<Sort | undefined, readonly AgentView[]>()
  orders.set(agents, known)
  const before = known.get(sort)
  if (before !== undefined) return before
  const key = sort === undefined ? () => 0 : KEYS[sort]
  const sorted = agents.toSorted(
    (a, b) =>
      key(a) - key(b) || byText(a.template, b.template) || a.createdAt - b.createdAt || byText(a.agentId, b.agentId),
  )
  known.set(sort, sorted)
  return sorted
}

/** Greater than whatever is known. */
const UNKNOWN = Number.MAX_VALUE

const KEYS: Readonly<Record<Sort, (agent: AgentView) => number>> = {
  oldest: ({ createdAt }) => createdAt,
  newest: ({ createdAt }) => -createdAt,
  goes: ({ goesAt }) => goesAt ?? UNKNOWN,
  cpu: ({ usedCpus }) => (usedCpus === undefined ? UNKNOWN : -usedCpus),
  memory: ({ usage }) => (usage?.memRssBytes === undefined ? UNKNOWN : -usage.memRssBytes),
}
