import { describe, expect, test } from '@jest/globals'
import type { AgentView } from '../../../src/loop/view-types.ts'
import { apiServer, ask } from '../../support/api-server.ts'
import { NOW } from '../../support/builders.ts'
import { anAgentView, aView } from '../../support/views.ts'

const MIB = 1024 * 1024
const using = (memRssBytes: number | undefined) => ({
  cpuSeconds: 1,
  cpusLimit: undefined,
  memRssBytes,
  memLimitBytes: undefined,
})

const agents = [
  anAgentView({ agentId: 'a', createdAt: NOW - 3_000, usage: using(5 * MIB) }),
  { ...anAgentView({ agentId: 'b', createdAt: NOW - 9_000 }), usedCpus: 1.5, goesAt: NOW + 90_000 },
  { ...anAgentView({ agentId: 'c', createdAt: NOW - 1_000, usage: using(9 * MIB) }), usedCpus: 0.5 },
  { ...anAgentView({ agentId: 'd', createdAt: NOW - 5_000, usage: using(undefined) }), goesAt: NOW + 30_000 },
] satisfies readonly AgentView[]

describe('agents in order', () => {
  const view = aView({ agents })

  test.each([
    ['', 'bdac'],
    ['?sort=oldest', 'bdac'],
    ['?sort=newest', 'cadb'],
    ['?sort=goes', 'dbac'],
    ['?sort=cpu', 'bcda'],
    ['?sort=memory', 'cabd'],
  ])('%j: those of which it is not known come last, the oldest first', async (query, order) => {
    const { json } = await ask(await apiServer({ view: () => view }), `/api/v1/agents${query}`)
    expect((json['items'] as readonly AgentView[]).map(({ agentId }) => agentId).join('')).toBe(order)
  })

  test('of a kind that does not exist are refused', async () => {
    expect((await ask(await apiServer({ view: () => view }), '/api/v1/agents?sort=colour')).status).toBe(400)
  })
})
