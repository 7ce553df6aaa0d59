import { describe, expect, test } from '@jest/globals'
import { failed, NO_BACKOFF } from '../../src/core/backoff.ts'
import type { AgentId } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type Snapshot } from '../../src/core/snapshot.ts'
import {
  aNode,
  anchorOf,
  anItem,
  anOffer,
  aReading,
  aRecord,
  aSnapshot,
  aTemplate,
  items,
  NOW,
  nodeOf,
} from '../support/builders.ts'

const linux = aTemplate()
const anchor = anchorOf(linux)
const planned = aRecord({
  state: 'planned',
  launchedAt: undefined,
  onlineAt: undefined,
  idleSince: undefined,
  taskState: undefined,
})
const world = (over: Partial<Snapshot>): Snapshot =>
  aSnapshot({ ready: new Set([planned.agentId]), records: [planned], ...over })

describe('a planned agent that lost its offer', () => {
  test('is placed on the next that has room', () => {
    const { actions } = plan(world({ offers: [anOffer({ host: 2 })] }), NOW)
    expect(actions).toMatchObject([{ kind: 'place', agentId: planned.agentId, place: { hostname: 'host-2' } }])
  })

  test('is waited for by its item, and keeps the role wanted', () => {
    const jenkins = aReading({ nodes: [anchor], queue: [anItem()] })
    const { actions, wantedRoles, explanation } = plan(world({ jenkins }), NOW)
    expect([actions, [...wantedRoles]]).toEqual([[], ['*']])
    expect(explanation.items).toMatchObject([{ state: 'starting', template: 'linux' }])
  })

  test('is given up after 60 s, which nobody else decides for one that is not ready', () => {
    expect(plan(world({}), NOW + 59_999).records).toEqual([])
    expect(plan(world({}), NOW + 60_000).records).toMatchObject([
      { state: 'stopping', taskEnded: true, reapReason: 'placement_failed' },
    ])
    expect(plan(world({ ready: new Set<AgentId>() }), NOW + 600_000).records).toEqual([])
  })
})

test.each([
  ['subscribed', false, true, 'waits for Mesos: not subscribed'],
  ['told of our tasks', true, false, 'waits for Mesos to tell which of our tasks run'],
])('until Mesos has %s nothing is placed, and the person who waits is told', (_what, subscribed, reconciled, words) => {
  const { mesos } = aSnapshot()
  const jenkins = aReading({ nodes: [anchor], queue: [anItem()] })
  const { actions, explanation } = plan(
    aSnapshot({ jenkins, offers: [anOffer()], mesos: { ...mesos, subscribed, reconciled } }),
    NOW,
  )
  expect(actions.map(({ kind }) => kind)).toEqual(['decline'])
  expect(explanation.items[0]?.words).toContain(words)
})

describe('a template whose launches fail', () => {
  const jenkins = aReading({ nodes: [anchor], queue: items(3) })
  const once = failed(NO_BACKOFF, NOW)
  const thrice = failed(failed(once, NOW + 10_000), NOW + 30_000)
  const after = (backoff: typeof once, now: number, over: Partial<Snapshot> = {}) =>
    plan(
      aSnapshot({
        jenkins,
        offers: [anOffer()],
        memory: { ...EMPTY_MEMORY, backoff: { [linux.name]: backoff } },
        ...over,
      }),
      now,
    )

  test('is left alone during its back-off, and says until when', () => {
    const { actions, explanation } = after(once, NOW + 1_000)
    expect(actions.map(({ kind }) => kind)).toEqual(['decline'])
    expect(explanation.items[0]).toMatchObject({ state: 'backed_off', words: expect.stringContaining('in 9 s') })
  })

  test('gets all its agents after one failure', () => {
    expect(after(once, NOW + 10_000).actions).toHaveLength(3)
  })

  test('with an open breaker gets one agent that tries', () => {
    const { actions, explanation } = after(thrice, NOW + 70_000)
    expect(actions.map(({ kind }) => kind)).toEqual(['provision'])
    expect(explanation.items[1]?.words).toContain('one launch is trying')
  })

  test('with an open breaker and one agent on its way gets no other', () => {
    const starting = aRecord({ state: 'starting', onlineAt: undefined, idleSince: undefined, launchedAt: NOW + 69_000 })
    const { actions } = after(thrice, NOW + 70_000, { records: [starting] })
    expect(actions.map(({ kind }) => kind)).toEqual(['decline'])
  })
})

test('reserved nodes of others that are idle do not count for an item without label', () => {
  const why = '‘static-1’ is reserved for jobs with matching label expression'
  const jenkins = aReading({ nodes: [anchor, aNode({ labels: ['special'] })], queue: [anItem({ why, stuck: false })] })
  expect(plan(aSnapshot({ jenkins, offers: [anOffer()] }), NOW).actions.map(({ kind }) => kind)).toEqual(['provision'])
})

test('an item that only one template’s anchor names waits for an agent of it that starts', () => {
  const two = aTemplate({ name: 'two', labels: ['two'] })
  const coming = aRecord({ agentId: 'mesos-two-1', state: 'starting', onlineAt: undefined, idleSince: undefined }, two)
  const jenkins = aReading({ nodes: [anchor, anchorOf(two)], queue: [anItem({ why: '‘anchor-two’ is offline' })] })
  const { explanation, actions } = plan(aSnapshot({ templates: [linux, two], records: [coming], jenkins }), NOW)
  expect([actions, explanation.items[0]?.state, explanation.items[0]?.template]).toEqual([[], 'starting', 'two'])
})

test('agents of both revisions of a template, with other labels each, take what has no label', () => {
  const old = aRecord({ agentId: 'mesos-linux-old', labels: ['linux', 'old'] })
  const now = aRecord({ agentId: 'mesos-linux-new' })
  const plain = 'Waiting for next available executor'
  const jenkins = aReading({
    nodes: [anchor, nodeOf(old), nodeOf(now)],
    queue: items(2, { why: plain, stuck: false }),
  })
  const { explanation, actions } = plan(aSnapshot({ records: [old, now], jenkins }), NOW)
  expect([actions, explanation.items.map(({ state }) => state)]).toEqual([[], ['served', 'served']])
})
