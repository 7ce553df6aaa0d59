import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { ItemExplanation } from '../../src/core/snapshot.ts'
import { ITEM_STATES } from '../../src/core/states.ts'
import type { View } from '../../src/loop/view-types.ts'
import { described } from '../described.ts'
import { problem, sendProblem } from '../problem.ts'
import type { Sources } from '../sources.ts'
import { itemDetails } from './examples/explanations.ts'
import { AT, item } from './examples/parts.ts'
import { anyOf, anyText, isAmong, isFound, search } from './filters.ts'
import { longName, pageSchema, WRONG_PAGE } from './lists.ts'
import { missing } from './missing.ts'
import { byText } from './order.ts'
import { pageOf, paging } from './paging.ts'
import { ItemExplanation as Item, OneItem } from './schemas/items.ts'
import { WANTING } from './states.ts'

const Query = Type.Object(
  {
    state: anyOf(ITEM_STATES, 'state'),
    template: anyText('template'),
    job: anyText('job'),
    q: search('job, label, template, node, host or explanation'),
    ...paging,
  },
  { additionalProperties: false },
)

const Params = Type.Object({ itemId: Type.String({ minLength: 1, maxLength: 300, description: 'as in Jenkins' }) })

const List = described({
  id: 'listQueue',
  tag: 'lists',
  summary: 'What waits in Jenkins, and why',
  description: 'The longest waiting first among what wants an agent, then the rest.',
  answer: pageSchema(Item),
  example: { now: AT, total: 1, offset: 0, items: [item] },
  problems: { 400: WRONG_PAGE },
})

const One = described({
  id: 'getItem',
  tag: 'lists',
  summary: 'One item of the queue, with all that is known of it',
  answer: OneItem,
  example: { now: AT, ...itemDetails },
  problems: { 400: longName('itemId'), 404: missing('item', '1187', undefined) },
})

/** `GET /queue`: what waits in Jenkins and why, the longest waiting first; `GET /queue/{itemId}`: one of it in full. */
export const queue: FastifyPluginAsyncTypebox<Pick<Sources, 'view' | 'explain'>> = async (app, { view, explain }) => {
  app.get('/queue', { schema: { ...List, querystring: Query } }, async ({ query }) => {
    const told = view()
    const { state, template, job, q } = query
    const matching = inOrder(told).filter(
      (item) =>
        isAmong(item.state, state) &&
        isAmong(item.template, template) &&
        isAmong(item.job, job) &&
        isFound(q, item.job, item.label, item.template, item.node, item.hostname, item.words, item.itemId),
    )
    return { now: told.now, ...pageOf(matching, query) }
  })

  app.get('/queue/:itemId', { schema: { ...One, params: Params } }, async ({ params }, reply) => {
    const { now, held, explainer } = explain()
    const item = explainer?.item(params.itemId)
    if (item === undefined) return sendProblem(reply, problem(404, missing('item', params.itemId, held)))
    return { now, held, ...item }
  })
}

/** Nobody knows how long it waits. */
const LAST = Number.MAX_SAFE_INTEGER

const orders = new WeakMap<View['queue'], readonly ItemExplanation[]>()

/** Sorted once for all who ask while the same round holds. */
function inOrder({ queue }: View): readonly ItemExplanation[] {
  const before = orders.get(queue)
  if (before !== undefined) return before
  const sorted = queue.toSorted(
    (a, b) =>
      Number(WANTING.has(b.state)) - Number(WANTING.has(a.state)) ||
      (a.since ?? LAST) - (b.since ?? LAST) ||
      byText(a.itemId, b.itemId),
  )
  orders.set(queue, sorted)
  return sorted
}
