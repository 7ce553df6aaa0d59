import { expect, test } from '@jest/globals'
import type { TemplateName } from '../../src/core/model.ts'
import { explained } from '../../src/loop/view.ts'
import { anAgentView, aView } from '../support/views.ts'

test('before a round has ended a view stands as it is', () => {
  const view = aView()
  expect(explained(view, undefined)).toBe(view)
})

test('agents are told why they are kept, as far as it is known', () => {
  const known = anAgentView({ agentId: 'mesos-linux-1', keep: undefined, words: undefined, goesAt: undefined })
  const other = anAgentView({ agentId: 'mesos-linux-2', keep: undefined, words: undefined, goesAt: undefined })
  const { agentId, since, hostname } = known
  const words = 'idle for 5 s of 180 s'
  const told = {
    ...{ agentId, since, hostname, provisioned: '', words, goesAt: 7 },
    ...({ template: known.template as TemplateName, state: 'online', keep: 'idle' } as const),
  }
  const { agents } = explained(aView({ agents: [known, other] }), { agents: [told] })
  expect(agents).toEqual([{ ...known, keep: 'idle', words, goesAt: 7 }, other])
})
