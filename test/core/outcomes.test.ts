import { describe, expect, test } from '@jest/globals'
import type { AgentRecord, TemplateName } from '../../src/core/model.ts'
import { type Blame, blameFor, launchFailed, learn, withFailure } from '../../src/core/outcomes.ts'
import { EMPTY_MEMORY } from '../../src/core/snapshot.ts'
import { aRecord, NOW } from '../support/builders.ts'

const starting = aRecord({ state: 'starting', onlineAt: undefined, idleSince: undefined })
const online = aRecord()
const linux = 'linux' as TemplateName

describe('a launch that came to nothing', () => {
  test.each<[string, string | undefined, Blame]>([
    ['TASK_FAILED', undefined, 'template'],
    ['TASK_FAILED', 'REASON_COMMAND_EXECUTOR_FAILED', 'template'],
    ['TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED', 'template'],
    ['TASK_ERROR', 'REASON_TASK_INVALID', 'template'],
    ['TASK_DROPPED', 'REASON_TASK_INVALID', 'template'],
    ['TASK_DROPPED', undefined, 'nobody'],
    ['TASK_LOST', 'REASON_INVALID_OFFERS', 'nobody'],
    ['TASK_DROPPED', 'REASON_INVALID_OFFERS', 'nobody'],
    ['TASK_KILLED', 'REASON_TASK_KILLED_DURING_LAUNCH', 'nobody'],
    ['TASK_LOST', 'REASON_FRAMEWORK_REMOVED', 'nobody'],
    ['TASK_LOST', 'REASON_AGENT_REMOVED', 'host'],
    ['TASK_DROPPED', 'REASON_AGENT_DISCONNECTED', 'host'],
    ['TASK_FAILED', 'REASON_EXECUTOR_REGISTRATION_TIMEOUT', 'host'],
    ['TASK_GONE', 'REASON_RECONCILIATION', 'host'],
  ])('with %s, %s is to blame on: %s', (state, reason, blame) => {
    expect(blameFor(state, reason)).toBe(blame)
  })

  test('by bad luck is forgotten', () => {
    expect(launchFailed(EMPTY_MEMORY, starting, 'nobody', NOW)).toBe(EMPTY_MEMORY)
  })

  test('by the host keeps the host from being asked for a minute, and the template going', () => {
    const memory = launchFailed(EMPTY_MEMORY, starting, 'host', NOW)
    expect(memory).toEqual({ ...EMPTY_MEMORY, hostBackoff: { 'host-1': NOW + 60_000 } })
  })

  test('by the template backs it off and avoids the host', () => {
    const memory = launchFailed(EMPTY_MEMORY, starting, 'template', NOW)
    expect(memory.backoff[linux]).toMatchObject({ failures: 1, until: NOW + 10_000 })
    expect(memory.hostBackoff).toEqual({ 'host-1': NOW + 60_000 })
  })

  test('with no host known avoids none, and forgets those whose time is over', () => {
    const before = { ...EMPTY_MEMORY, hostBackoff: { 'host-7': NOW, 'host-8': NOW + 1 } }
    const nowhere = { ...starting, hostname: undefined }
    expect(launchFailed(before, nowhere, 'host', NOW).hostBackoff).toEqual({ 'host-8': NOW + 1 })
  })

  test('for want of a node in Jenkins blames no host', () => {
    const memory = withFailure(withFailure(EMPTY_MEMORY, linux, NOW), linux, NOW + 20_000)
    expect(memory.backoff[linux]).toMatchObject({ failures: 2, until: NOW + 40_000 })
    expect(memory.hostBackoff).toEqual({})
  })
})

describe('between two looks', () => {
  const learned = (before: readonly AgentRecord[], after: readonly AgentRecord[], memory = EMPTY_MEMORY) =>
    learn(memory, before, after, NOW)

  test('an agent that came online clears the failures of its template', () => {
    const failing = withFailure(EMPTY_MEMORY, linux, NOW)
    expect(learned([starting], [online], failing).backoff[linux]).toMatchObject({ failures: 0 })
  })

  test('an agent that came online changes nothing where nothing had failed', () => {
    expect(learned([starting], [online])).toBe(EMPTY_MEMORY)
  })

  test('an agent that did not connect counts as a failure', () => {
    const late: AgentRecord = { ...starting, state: 'draining', reapReason: 'connect_timeout' }
    expect(learned([starting], [late]).backoff[linux]).toMatchObject({ failures: 1 })
    expect(learned([late], [{ ...late, state: 'stopping' }])).toBe(EMPTY_MEMORY)
  })

  test.each<[string, readonly AgentRecord[], readonly AgentRecord[]]>([
    ['the same records', [starting], [starting]],
    ['a record that is new', [], [online]],
    ['an agent that was online before', [online], [{ ...online, state: 'disconnected' }]],
  ])('%s teach nothing', (_what, before, after) => {
    expect(learned(before, after)).toBe(EMPTY_MEMORY)
  })
})
