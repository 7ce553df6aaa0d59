import { expect, test } from '@jest/globals'
import { demandContext, wishReader } from '../../src/core/demand.ts'
import type { JenkinsNode, QueueItem } from '../../src/core/jenkins-reading.ts'
import { unanchored } from '../../src/core/unanchored.ts'
import { aNode, anItem, aReading, NOW } from '../support/builders.ts'

const PLAIN = 'Waiting for next available executor'
const builtIn = aNode({ name: '', builtIn: true, executors: 0 })
const old = aNode({ name: 'old-1', labels: ['linux', 'docker'], offline: true })

test.each<[string, readonly JenkinsNode[], Partial<QueueItem>, object]>([
  ['no node, and no label told: unknown', [builtIn], { why: PLAIN }, { kind: 'unreadable' }],
  ['no node: the label of a freestyle job', [builtIn], { why: PLAIN, labelExpression: 'gpu' }, { text: 'gpu' }],
  ['no node, and stuck in its first minutes', [], { why: PLAIN, stuck: true }, { kind: 'unreadable' }],
  ['nodes are there: plain words mean no label', [old], { why: PLAIN, stuck: false }, { kind: 'any' }],
  ['a label that Jenkins names', [old], { why: 'There are no nodes with the label ‘arm’' }, { text: 'arm' }],
  ['the one node of a label: unknown', [old], { why: '‘old-1’ is offline' }, { kind: 'unreadable' }],
  [
    'the one node of the label of a freestyle job',
    [old],
    { why: '‘old-1’ is offline', labelExpression: 'linux&&docker' },
    { text: 'linux&&docker' },
  ],
  [
    'a parameter gave the item another label than its job has',
    [old],
    { why: '‘old-1’ is offline', labelExpression: 'gpu' },
    { kind: 'unreadable' },
  ],
])('without anchors, %s', (_what, nodes, over, expected) => {
  const reading = aReading({ nodes })
  const read = wishReader(demandContext(reading, new Map(), [], [], NOW))
  expect(unanchored(read, reading)(anItem(over))).toMatchObject(expected)
})
