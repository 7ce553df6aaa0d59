import { describe, expect, test } from '@jest/globals'
import { demandContext, type Wish, wishReader } from '../../src/core/demand.ts'
import type { QueueItem } from '../../src/core/jenkins-reading.ts'
import type { AgentRecord } from '../../src/core/model.ts'
import { aNode, anchorOf, anItem, aReading, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'

const linux = aTemplate()
const agent = aRecord()

function wishOf(over: Partial<QueueItem>, records: readonly AgentRecord[] = [agent], now = NOW): Wish {
  const nodes = [anchorOf(linux), aNode(), ...records.map((record) => nodeOf(record))]
  const anchors = new Map([['anchor-linux', linux]])
  return wishReader(demandContext(aReading({ nodes }), anchors, records, [linux], now))(anItem(over))
}

test.each<[string, string | undefined, Partial<Wish>]>([
  ['plain waiting', 'Waiting for next available executor', { kind: 'any', exclusiveIdle: false }],
  [
    'idle nodes that are reserved',
    '‘static-1’ is reserved for jobs with matching label expression',
    { kind: 'any', exclusiveIdle: true },
  ],
  [
    'a veto with the label told',
    '‘static-1’ doesn’t have label ‘gpu’; ‘b’ is not accepting tasks',
    { kind: 'label', text: 'gpu' },
  ],
  [
    'a veto of an item without label',
    '‘static-1’ is reserved for jobs with matching label expression; ‘b’ is not accepting tasks',
    { kind: 'any', exclusiveIdle: false },
  ],
  ['a veto that tells nothing of the label', '‘static-1’ is not accepting tasks', { kind: 'unreadable' }],
  ['an executor just given away', 'Executor slot already in use', { kind: 'none' }],
  ['another build, although buildable', 'Build #1 is already in progress', { kind: 'none' }],
  ['no words', undefined, { kind: 'unreadable' }],
  [
    'an expression that is none',
    'There are no nodes with the label ‘a &&’',
    { kind: 'label', text: 'a &&', expression: { kind: 'atom', label: 'a &&' } },
  ],
  ['a label that is a template’s', 'Waiting for next available executor on ‘linux’', { kind: 'label', text: 'linux' }],
  ['a label of nobody', 'Waiting for next available executor on ‘gpu’', { kind: 'label', text: 'gpu' }],
  ['the anchor by name', 'Waiting for next available executor on ‘anchor-linux’', { kind: 'template' }],
])('%s', (_what, why, wish) => {
  expect(wishOf({ why, stuck: false })).toMatchObject(wish)
})

describe('one of our agents named', () => {
  const why = '‘mesos-linux-1’ is offline'

  test('with an anchor of its labels: it wants that very agent', () => {
    expect(wishOf({ why })).toEqual({ kind: 'tied', node: 'mesos-linux-1', ours: true })
  })

  test('whose labels no anchor has: its template as it is now', () => {
    expect(wishOf({ why }, [{ ...agent, labels: ['linux', 'old'] }])).toEqual({ kind: 'template', template: 'linux' })
  })

  test('whose template is gone: it wants that very agent', () => {
    const orphaned = { ...agent, labels: ['old'], template: 'old' as never }
    expect(wishOf({ why }, [orphaned])).toEqual({ kind: 'tied', node: 'mesos-linux-1', ours: true })
  })
})

test.each<[string, Partial<QueueItem>, string]>([
  ['pending', { pending: true }, 'is about to start'],
  ['blocked', { blocked: true, why: undefined }, 'is blocked by another build'],
  ['not buildable', { buildable: false, why: undefined }, 'is not buildable yet'],
])('an item that is %s is no demand, whatever the words', (_what, over, words) => {
  expect(wishOf(over)).toEqual({ kind: 'none', words })
})

test.each<[string, Partial<QueueItem>, Wish['kind']]>([
  ['young', { queuedSince: NOW - 539_999 }, 'unreadable'],
  ['old', { queuedSince: NOW - 540_000 }, 'any'],
  ['young by its time as buildable', { queuedSince: undefined, buildableSince: NOW - 1 }, 'unreadable'],
  ['of unknown age', { queuedSince: undefined, buildableSince: undefined }, 'any'],
])('a stuck item with plain words that is %s', (_what, over, kind) => {
  expect(wishOf({ why: 'Waiting for next available executor', stuck: true, ...over }).kind).toBe(kind)
})
