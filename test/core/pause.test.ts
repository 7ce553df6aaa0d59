import { describe, expect, test } from '@jest/globals'
import type { TemplateName } from '../../src/core/model.ts'
import { isPaused, NOTHING_PAUSED, paused, resumed } from '../../src/core/pause.ts'
import { plan } from '../../src/core/plan.ts'
import { anOffer, aRecord, aTemplate, items, NOW, nodeOf } from '../support/builders.ts'
import { aQueueOf } from '../support/queue-worlds.ts'

const linux = 'linux' as TemplateName
const gpu = 'gpu' as TemplateName

test('one template is paused once, however often that is asked, and resumed alone', () => {
  const once = paused(paused(paused(NOTHING_PAUSED, linux), gpu), linux)
  expect(once).toEqual({ all: false, templates: ['gpu', 'linux'] })
  expect(resumed(once, gpu)).toEqual({ all: false, templates: ['linux'] })
})

test('all are paused on top of what is, and resumed with it', () => {
  const all = paused(paused(NOTHING_PAUSED, linux), undefined)
  expect([isPaused(all, linux), isPaused(all, gpu)]).toEqual([true, true])
  expect(resumed(all, undefined)).toEqual(NOTHING_PAUSED)
  // to resume one of them says nothing of the others
  expect(isPaused(resumed(all, linux), gpu)).toBe(true)
})

describe('while a template is paused', () => {
  const template = aTemplate({ minIdle: 2 })
  const pause = { all: false, templates: [linux] }

  test('nothing is provisioned for it, and no offers are wanted: neither for builds nor for the warm pool', () => {
    const { actions, wantedRoles, explanation } = plan(
      aQueueOf(items(2), { templates: [template], paused: pause, offers: [anOffer()] }),
      NOW,
    )
    expect(actions.map(({ kind }) => kind)).toEqual(['decline'])
    expect(wantedRoles.size).toBe(0)
    expect(explanation.items.map(({ state }) => state)).toEqual(['paused', 'paused'])
    expect(explanation.problems.join()).toContain('template linux is paused')
  })

  test('another template that serves the item takes it', () => {
    const other = aTemplate({ name: 'other', labels: ['linux'] })
    const queue = items(1, { why: 'All nodes of label ‘linux’ are offline' })
    const { actions } = plan(
      aQueueOf(queue, { templates: [aTemplate(), other], paused: pause, offers: [anOffer()] }),
      NOW,
    )
    expect(actions).toMatchObject([{ kind: 'provision', template: { name: 'other' } }])
  })

  test('an agent that was planned before finds no place', () => {
    const record = aRecord({ state: 'planned', launchedAt: undefined, onlineAt: undefined, idleSince: undefined })
    const snapshot = aQueueOf([], {
      records: [record],
      ready: new Set([record.agentId]),
      nodes: [nodeOf(record, { offline: true })],
      offers: [anOffer()],
    })
    const kinds = (all: boolean) =>
      plan({ ...snapshot, paused: { all, templates: [] } }, NOW).actions.map(({ kind }) => kind)
    expect(kinds(false)).toContain('place')
    expect(kinds(true)).toEqual(['decline'])
  })

  test('idle agents are reaped all the same', () => {
    const record = aRecord({ idleSince: NOW - 300_000 })
    const snapshot = aQueueOf([], { records: [record], nodes: [nodeOf(record)], paused: { all: true, templates: [] } })
    expect(plan(snapshot, NOW).actions).toEqual([{ kind: 'reap', agentId: record.agentId }])
  })
})
