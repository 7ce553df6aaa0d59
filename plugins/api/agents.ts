import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { AgentView, View } from '../../src/loop/view-types.ts'
import { problem, sendProblem } from '../problem.ts'
import type { Sources } from '../sources.ts'
import { anyOf, anyText, isAmong, isFound, search } from './filters.ts'
import { missing } from './missing.ts'
import { byText } from './order.ts'
import { pageOf, paging } from './paging.ts'
import { AGENT_STATES } from './states.ts'

const Query = Type.Object(
  {
    state: anyOf(AGENT_STATES, 'state'),
    template: anyText('template'),
    host: anyText('host'),
    q: search('id, template, host, builds, reason or explanation'),
    ...paging,
  },
  { additionalProperties: false },
)

const Params = Type.Object({
  agentId: Type.String({ maxLength: 300, description: 'its node in Jenkins, and its task' }),
})

/** `GET /agents`: by template, the oldest first; `GET /agents/{agentId}`: one of them, with why it is kept or goes. */
export const agents: FastifyPluginAsyncTypebox<Pick<Sources, 'view' | 'explain'>> = async (app, { view, explain }) => {
  app.get('/agents', { schema: { querystring: Query } }, async ({ query }) => {
    const told = view()
    const { state, template, host, q } = query
    const matching = inOrder(told).filter(
      (agent) =>
        isAmong(agent.state, state) &&
        isAmong(agent.template, template) &&
        isAmong(agent.hostname, host) &&
        isFound(q, agent.agentId, agent.template, agent.hostname, agent.reason, agent.words, ...agent.builds),
    )
    return { now: told.now, ...pageOf(matching, query) }
  })

  app.get('/agents/:agentId', { schema: { params: Params } }, async ({ params }, reply) => {
    const { now, agents } = view()
    const { held, explainer } = explain()
    const agent = agents.find(({ agentId }) => agentId === params.agentId)
    if (agent === undefined) return sendProblem(reply, problem(404, missing('agent', params.agentId, held)))
    return { now, held, ...agent, ...explainer?.agent(params.agentId) }
  })
}

const orders = new WeakMap<View['agents'], readonly AgentView[]>()

/** Sorted once for all who ask while the same view holds. */
function inOrder({ agents }: View): readonly AgentView[] {
  const before = orders.get(agents)
  if (before !== undefined) return before
  const sorted = agents.toSorted(
    (a, b) => byText(a.template, b.template) || a.createdAt - b.createdAt || byText(a.agentId, b.agentId),
  )
  orders.set(agents, sorted)
  return sorted
}
