import { expect, test } from '@jest/globals'
import { viewSizing } from '../../../src/core/sizing-advice.ts'
import type { View } from '../../../src/loop/view-types.ts'
import { apiServer } from '../../support/api-server.ts'
import { aTemplate, NOW } from '../../support/builders.ts'
import { aSizing, times } from '../../support/sizings.ts'
import { aTemplateView, aView } from '../../support/views.ts'

async function answer(view: View) {
  const app = await apiServer({ view: () => view })
  const { statusCode, headers, body } = await app.inject('/api/v1/sizing')
  return { statusCode, cache: headers['cache-control'], body: JSON.parse(body) as unknown }
}

test('each template has what its agents used, what it asks for, and what would do', async () => {
  const used = aSizing({ cpus: times(30, 0.125), memMib: times(30, 128) })
  const view = viewSizing(used, aTemplate(), NOW)
  const { statusCode, cache, body } = await answer(aView({ templates: [aTemplateView({ sizing: view })] }))
  expect([statusCode, cache]).toEqual([200, 'no-cache'])
  const quantiles = (value: number) => ({ p50: value, p95: value, max: value })
  expect(body).toEqual({
    now: NOW,
    role: 'leader',
    templates: [
      {
        template: 'linux',
        cpus: { asked: 0.3, measured: 30, agents: quantiles(0.125), samples: quantiles(0.125) },
        memMib: { asked: 704, measured: 30, agents: quantiles(128), samples: quantiles(128) },
        advice: expect.stringMatching(/^An executor of linux asks for 0\.3 CPUs/),
      },
    ],
  })
})

test('an instance that stands by says so, and measures nothing', async () => {
  const leadership = { role: 'standby', since: NOW, why: 'b leads' } as const
  const { body } = await answer(aView({ leadership, templates: [aTemplateView()] }))
  expect(body).toEqual({ now: NOW, role: 'standby', templates: [] })
})
