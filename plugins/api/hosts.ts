import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { View } from '../../src/loop/view-types.ts'
import { described } from '../described.ts'
import { problem, sendProblem } from '../problem.ts'
import type { Sources } from '../sources.ts'
import { AT, hostDetails } from './examples/parts.ts'
import { isFound, search } from './filters.ts'
import { longName, pageSchema, WRONG_PAGE } from './lists.ts'
import { missing } from './missing.ts'
import { byText } from './order.ts'
import { pageOf, paging } from './paging.ts'
import { HostDetails, OneHost } from './schemas/hosts.ts'

const Query = Type.Object({ q: search('name or attributes'), ...paging }, { additionalProperties: false })

const Params = Type.Object({ hostname: Type.String({ minLength: 1, maxLength: 300, description: 'as Mesos has it' }) })

const List = described({
  id: 'listHosts',
  tag: 'lists',
  summary: 'Hosts with our agents or with offers, and why they take no more',
  description: 'By name.',
  answer: pageSchema(HostDetails),
  example: { now: AT, total: 1, offset: 0, items: [hostDetails] },
  problems: { 400: WRONG_PAGE },
})

const One = described({
  id: 'getHost',
  tag: 'lists',
  summary: 'One host, and why it takes no more',
  answer: OneHost,
  example: { now: AT, ...hostDetails },
  problems: { 400: longName('hostname'), 404: missing('host', 'host-3.example.com', undefined) },
})

/** `GET /hosts`: by name; `GET /hosts/{hostname}`: one of them. Each with why it takes no further agent. */
export const hosts: FastifyPluginAsyncTypebox<Pick<Sources, 'view' | 'hosts' | 'explain'>> = async (app, sources) => {
  app.get('/hosts', { schema: { ...List, querystring: Query } }, async ({ query }) => {
    const { now, hosts } = sources.view()
    const matching = namesOf(hosts).filter(({ text }) => isFound(query.q, text))
    const { items, ...page } = pageOf(matching, query)
    const details = sources.hosts(items.map(({ hostname }) => hostname))
    return { now, ...page, items: details.toSorted((a, b) => byText(a.hostname, b.hostname)) }
  })

  app.get('/hosts/:hostname', { schema: { ...One, params: Params } }, async ({ params }, reply) => {
    const { now } = sources.view()
    const [host] = sources.hosts([params.hostname])
    const { held } = sources.explain()
    if (host === undefined) return sendProblem(reply, problem(404, missing('host', params.hostname, held)))
    return { now, held, ...host }
  })
}

interface Name {
  readonly hostname: string
  /** What is looked for stands in here. */
  readonly text: string
}

const names = new WeakMap<View['hosts'], readonly Name[]>()

/** Sorted once for all who ask while the same view holds. */
function namesOf(hosts: View['hosts']): readonly Name[] {
  const before = names.get(hosts)
  if (before !== undefined) return before
  const sorted = hosts
    .map(({ hostname, attributes }) => {
      const pairs = Object.entries(attributes).map(([name, value]) => `${name}=${value}`)
      return { hostname, text: [hostname, ...pairs].join('\n') }
    })
    .sort((a, b) => byText(a.hostname, b.hostname))
  names.set(hosts, sorted)
  return sorted
}
