import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { applyStatus, drain, giveUp, isEnded, settle } from '../../src/core/lifecycle.ts'
import type { AgentRecord, StatusFacts } from '../../src/core/model.ts'
import { aRecord, NOW } from '../support/builders.ts'

const RUNS = { numRuns: 2_000 }

const status = (state: string, reason?: string, source = 'SOURCE_EXECUTOR'): StatusFacts => ({
  state,
  reason,
  source,
  message: undefined,
})
const reconciled = (state: string): StatusFacts => status(state, 'REASON_RECONCILIATION', 'SOURCE_MASTER')

const STARTING = status('TASK_STARTING')
const RUNNING = status('TASK_RUNNING')
const KILLING = status('TASK_KILLING')
const CUT = status('TASK_UNREACHABLE', 'REASON_AGENT_REMOVED', 'SOURCE_MASTER')
const BACK = status('TASK_RUNNING', 'REASON_AGENT_REREGISTERED', 'SOURCE_MASTER')
const ENDINGS = [
  status('TASK_FINISHED'),
  status('TASK_FAILED'),
  status('TASK_KILLED'),
  status('TASK_GONE', 'REASON_RECONCILIATION', 'SOURCE_MASTER'),
  status('TASK_LOST', 'REASON_AGENT_REMOVED', 'SOURCE_MASTER'),
  status('TASK_GONE_BY_OPERATOR', 'REASON_AGENT_REMOVED_BY_OPERATOR', 'SOURCE_MASTER'),
]

/** What a master may tell of one task, in the order in which it happened. */
const legal = fc
  .record({
    running: fc.boolean(),
    cuts: fc.nat(2),
    killing: fc.boolean(),
    ending: fc.option(fc.constantFrom(...ENDINGS), { nil: undefined }),
  })
  .map(({ running, cuts, killing, ending }) => [
    STARTING,
    ...(running ? [RUNNING, ...Array.from({ length: cuts }, () => [CUT, BACK]).flat()] : []),
    ...(killing ? [KILLING] : []),
    ...(ending === undefined ? [] : [ending]),
  ])

/** Each at least once, some more often, in any order. */
const jumbled = legal.chain((history) =>
  fc
    .array(fc.constantFrom(...history), { maxLength: 6 })
    .chain((again) => fc.shuffledSubarray([...history, ...again], { minLength: history.length + again.length }))
    .map((told) => ({ history, told })),
)

const anyRecord = fc.constantFrom(
  aRecord({ state: 'planned', launchedAt: undefined, onlineAt: undefined, idleSince: undefined, taskState: undefined }),
  aRecord({ state: 'starting', onlineAt: undefined, idleSince: undefined, taskState: undefined }),
  aRecord(),
  drain(aRecord(), 'idle', 'idle', NOW),
)

const after = (record: AgentRecord, told: readonly StatusFacts[]): AgentRecord =>
  told.reduce((so, facts, index) => applyStatus(so, facts, NOW + index), record)

test('invariants 1, 6: whatever the order and however often, an agent ends if and only if its task has ended', () => {
  fc.assert(
    fc.property(anyRecord, jumbled, (record, { history, told }) => {
      const result = after(record, told)
      const hasEnded = history.some(({ state }) => isEnded(state))
      const inOrder = after(record, history)
      expect([inOrder.taskEnded, inOrder.state === 'stopping']).toEqual([hasEnded, hasEnded])
      // One that Mesos gave up and found again is safe in `draining`: its build ends, then its task is killed.
      if (hasEnded) expect(['stopping', 'draining']).toContain(result.state)
      else expect([result.taskEnded, ['stopping', 'gone'].includes(result.state)]).toEqual([false, false])
      if (result.state === 'stopping') expect(result.taskEnded).toBe(true)
    }),
    RUNS,
  )
})

test('invariant 6: once an end is told that nothing comes back from, no status of whatever kind takes it back', () => {
  const final = fc.constantFrom(...ENDINGS.slice(0, 4))
  const anything = fc.array(
    fc.constantFrom(STARTING, RUNNING, KILLING, CUT, BACK, reconciled('TASK_RUNNING'), ...ENDINGS),
  )
  fc.assert(
    fc.property(anyRecord, final, anything, (record, ending, later) => {
      const ended = applyStatus(record, ending, NOW)
      expect(after(ended, later)).toBe(ended)
    }),
    RUNS,
  )
})

test('after a jumble reconciliation brings every record to where the right order had brought it', () => {
  fc.assert(
    fc.property(anyRecord, jumbled, (record, { history, told }) => {
      fc.pre(!history.some(({ state }) => isEnded(state)))
      const last = history.at(-1)?.state ?? 'TASK_STARTING'
      const one = applyStatus(after(record, told), reconciled(last), NOW)
      const other = applyStatus(after(record, history), reconciled(last), NOW)
      expect(one.state).toBe(other.state)
    }),
    RUNS,
  )
})

test('a status told twice in a row changes nothing the second time', () => {
  fc.assert(
    fc.property(anyRecord, jumbled, (record, { told }) => {
      told.reduce((so, facts) => {
        const once = applyStatus(so, facts, NOW)
        expect(applyStatus(once, facts, NOW + 1)).toBe(once)
        return once
      }, record)
    }),
    RUNS,
  )
})

test('a late STARTING does not hide that the task runs', () => {
  expect(after(aRecord(), [RUNNING, STARTING]).taskState).toBe('TASK_RUNNING')
})

test.each(['TASK_LOST', 'TASK_GONE_BY_OPERATOR'])(
  'invariant 1: after %s its host comes back: a build may end there',
  (lost) => {
    const ended = applyStatus(aRecord(), status(lost, 'REASON_AGENT_REMOVED', 'SOURCE_MASTER'), NOW)
    expect(applyStatus(ended, RUNNING, NOW)).toBe(ended)
    const back = applyStatus(ended, BACK, NOW)
    expect(back).toMatchObject({ state: 'draining', taskEnded: false, taskState: 'TASK_RUNNING' })
    expect(back.reason).toMatch(/came back/)
    const nodeless = settle({ ...ended, nodeGone: true }, NOW)
    expect(applyStatus(nodeless, BACK, NOW)).toBe(nodeless)
  },
)

test('an error about an id that runs already ends nothing', () => {
  const message = 'Task has duplicate ID: mesos-linux-1'
  const error = { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', source: 'SOURCE_MASTER', message }
  const record = aRecord()
  expect(applyStatus(record, error, NOW)).toBe(record)
})

test('an agent whose host is being drained drains at once, whatever it was', () => {
  const draining = status('TASK_KILLING', 'REASON_AGENT_DRAINING')
  for (const record of [aRecord(), aRecord({ state: 'starting' }), aRecord({ state: 'unreachable' })]) {
    expect(applyStatus(record, draining, NOW)).toMatchObject({ state: 'draining', reapReason: 'maintenance' })
  }
  const idle = drain(aRecord(), 'idle', 'idle', NOW)
  expect(applyStatus(idle, draining, NOW)).toMatchObject({ state: 'draining', reapReason: 'idle' })
})

test('a mark-gone drain tells its end twice: the second changes nothing', () => {
  const gone = status('TASK_GONE_BY_OPERATOR', 'REASON_AGENT_DRAINING')
  const once = applyStatus(aRecord(), gone, NOW)
  expect(once).toMatchObject({ state: 'stopping', taskEnded: true })
  expect(applyStatus(once, gone, NOW)).toBe(once)
})

test('invariant 3: an unreachable agent is given up once its node is gone and its task was told to die', () => {
  const stopping = aRecord({ state: 'stopping', nodeGone: true, taskState: 'TASK_UNREACHABLE', killedAt: NOW })
  expect(giveUp(stopping, NOW + 1)).toMatchObject({ state: 'gone', taskEnded: false })
  for (const over of [{ nodeGone: false }, { killedAt: undefined }, { taskState: 'TASK_RUNNING' }] as const) {
    const record = { ...stopping, ...over }
    expect(giveUp(record, NOW + 1)).toBe(record)
  }
})
