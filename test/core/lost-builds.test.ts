import { expect, test } from '@jest/globals'
import { type AtRisk, followBuilds, isLostWithHost } from '../../src/core/lost-builds.ts'
import type { AgentRecord } from '../../src/core/model.ts'
import { aRecord, nodeOf } from '../support/builders.ts'

type Over = Partial<Omit<AgentRecord, 'agentId'>>

test.each<[string, Over, boolean]>([
  ['its host is lost', { state: 'stopping', taskEnded: true, taskState: 'TASK_LOST' }, true],
  ['its host is gone', { state: 'stopping', taskEnded: true, taskState: 'TASK_GONE' }, true],
  ['an operator gave its host up', { state: 'stopping', taskEnded: true, taskState: 'TASK_GONE_BY_OPERATOR' }, true],
  ['nobody could reach it', { state: 'draining', reapReason: 'unreachable', taskState: 'TASK_UNREACHABLE' }, true],
  ['it was given up and is back', { state: 'draining', reapReason: 'unreachable', taskState: 'TASK_RUNNING' }, false],
  ['nobody can reach it yet', { state: 'unreachable', taskState: 'TASK_UNREACHABLE' }, false],
  ['its process failed', { state: 'stopping', taskEnded: true, taskState: 'TASK_FAILED' }, false],
  ['it was killed', { state: 'stopping', taskEnded: true, taskState: 'TASK_KILLED' }, false],
  ['it was never launched', { state: 'stopping', taskEnded: true, taskState: 'TASK_DROPPED' }, false],
])('%s', (_what, over, lost) => {
  expect(isLostWithHost(aRecord(over))).toBe(lost)
})

/** Looks one after the other: what is lost in the last. */
function lostAfter(...looks: readonly (readonly [Over, readonly string[]])[]): readonly string[] {
  let atRisk: AtRisk = new Map()
  let lost: readonly { readonly url: string }[] = []
  for (const [over, urls] of looks) {
    const record = aRecord(over)
    const node = nodeOf(record, { running: urls.map((url) => ({ url, name: url })) })
    ;({ atRisk, lost } = followBuilds(atRisk, [record], new Map([[node.name, node]])))
  }
  return lost.map(({ url }) => url)
}

const LOST: Over = { state: 'stopping', taskEnded: true, taskState: 'TASK_LOST' }
const UNREACHABLE: Over = { state: 'unreachable', taskState: 'TASK_UNREACHABLE' }

test('a build is lost with the host that it ran on, once', () => {
  expect(lostAfter([{}, ['a/1/']], [LOST, ['a/1/']])).toEqual(['a/1/'])
  expect(lostAfter([{}, ['a/1/']], [LOST, []])).toEqual(['a/1/'])
  expect(lostAfter([{}, ['a/1/']], [LOST, []], [LOST, []])).toEqual([])
})

test('a build that ended before is not', () => {
  expect(lostAfter([{}, ['a/1/']], [{}, ['b/1/']], [LOST, []])).toEqual(['b/1/'])
  expect(lostAfter([{}, ['a/1/']], [{}, []], [LOST, []])).toEqual([])
})

test('a build that Jenkins gave up with the connection is remembered until the host is given up', () => {
  expect(lostAfter([{}, ['a/1/']], [{ state: 'disconnected' }, []], [UNREACHABLE, []], [LOST, []])).toEqual(['a/1/'])
  expect(
    lostAfter(
      [{}, ['a/1/']],
      [UNREACHABLE, []],
      [{ ...UNREACHABLE, state: 'draining', reapReason: 'unreachable' }, []],
    ),
  ).toEqual(['a/1/'])
})

test('what ran before the host came back is not', () => {
  expect(lostAfter([{}, ['a/1/']], [UNREACHABLE, []], [{}, []], [LOST, []])).toEqual([])
})
