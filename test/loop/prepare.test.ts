import { expect, test } from '@jest/globals'
import type { AgentRecord } from '../../src/core/model.ts'
import { Preparer } from '../../src/loop/prepare.ts'
import { aRecord, aTemplate } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'

const planned = (agentId: string): AgentRecord => aRecord({ agentId, state: 'planned', launchedAt: undefined })

test('invariant 10: secrets and tokens of agents that were given up are not kept', async () => {
  const { world, context } = aRig()
  const preparer = new Preparer(context)
  const agents = ['waits', 'given-up', 'gone', 'launched', 'under-way'].map(planned)
  for (const record of agents) {
    world.put(record)
    preparer.begin(record.agentId, aTemplate(), 'a-token')
    await preparer.prepare(record, aTemplate())
  }
  const [, givenUp, gone, launched, underWay] = agents as [
    AgentRecord,
    AgentRecord,
    AgentRecord,
    AgentRecord,
    AgentRecord,
  ]
  world.put({ ...givenUp, state: 'stopping', taskEnded: true })
  world.put({ ...gone, state: 'gone' })
  world.put({ ...launched, state: 'starting' })
  world.put({ ...underWay, state: 'starting' })
  world.busy.add(underWay.agentId)
  preparer.prune()
  expect(
    agents.filter(({ agentId }) => preparer.launchOf(agentId) !== undefined).map(({ agentId }) => agentId),
  ).toEqual(['waits', 'under-way'])
  expect(preparer.size).toBe(2)
})

test('a node has the properties of its template', async () => {
  const { world, context, calls } = aRig()
  const record = planned('mesos-linux-1')
  const nodeProperties = {
    environment: { SITE: 'home' },
    toolLocations: [{ type: 'hudson.model.JDK', name: 'jdk', home: '/opt/jdk' }],
  }
  world.put(record)
  await new Preparer(context).prepare(record, aTemplate({ nodeProperties }))
  const created = calls.filter(({ name }) => name === 'createNode').map(({ args: [node] }) => node)
  expect(created).toMatchObject([{ name: 'mesos-linux-1', properties: nodeProperties }])
})
