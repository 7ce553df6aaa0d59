import { describe, expect, test } from '@jest/globals'
import {
  avoidHost,
  BAD_LUCK,
  forgetMended,
  forgetUnused,
  launchFailed,
  learn,
  withFailure,
  withTrouble,
} from '../../src/core/launch-memory.ts'
import type { AgentRecord, TemplateName } from '../../src/core/model.ts'
import { type Verdict, verdictOf } from '../../src/core/outcomes.ts'
import { EMPTY_MEMORY } from '../../src/core/snapshot.ts'
import { aRecord, aTemplate, NOW } from '../support/builders.ts'

const starting = aRecord({ state: 'starting', onlineAt: undefined, idleSince: undefined })
const online = aRecord()
const linux = 'linux' as TemplateName
const HOST: Verdict = { blame: 'host', advice: undefined }
const TEMPLATE: Verdict = { blame: 'template', advice: undefined }
const noUser = {
  state: 'TASK_DROPPED',
  source: 'SOURCE_AGENT',
  reason: 'REASON_EXECUTOR_TERMINATED',
  message: "Failed to chown directory to 'ci': No such user 'ci'",
}

describe('a launch that came to nothing', () => {
  test('by bad luck is forgotten', () => {
    expect(launchFailed(EMPTY_MEMORY, starting, BAD_LUCK, NOW)).toBe(EMPTY_MEMORY)
  })

  test('by the host keeps the host from being asked for a minute, and the template going', () => {
    const memory = launchFailed(EMPTY_MEMORY, starting, HOST, NOW)
    const hostFailures = { 'host-1': { count: 1, lastAt: NOW } }
    expect(memory).toEqual({ ...EMPTY_MEMORY, hostBackoff: { 'host-1': NOW + 60_000 }, hostFailures })
  })

  test('by the template backs it off, and it alone avoids the host', () => {
    const memory = launchFailed(EMPTY_MEMORY, starting, TEMPLATE, NOW)
    expect(memory.backoff[linux]).toMatchObject({ failures: 1, until: NOW + 10_000 })
    expect(memory.hostBackoff).toEqual({})
    expect(memory.avoidedBy[linux]?.hostBackoff).toEqual({ 'host-1': NOW + 60_000 })
    const again = launchFailed(memory, starting, TEMPLATE, NOW + 70_000)
    expect(again.avoidedBy[linux]?.hostBackoff).toEqual({ 'host-1': NOW + 190_000 })
    const good = learn(again, [starting], [{ ...starting, state: 'online', onlineAt: NOW }], NOW + 200_000)
    expect(good.avoidedBy[linux]).toEqual({ hostBackoff: {}, hostFailures: {} })
    expect(forgetMended(again, []).avoidedBy).toEqual({})
  })

  test('by an image that a job named is of that image alone, and forgotten with it', () => {
    const wrong = { ...starting, revision: `${starting.revision}+x/y:1` }
    const memory = launchFailed(EMPTY_MEMORY, wrong, TEMPLATE, NOW)
    expect(Object.keys(memory.avoidedBy)).toEqual(['linux+x/y:1'])
    expect(forgetUnused(memory, { 'mesos:x/y:1': NOW }).avoidedBy).toEqual(memory.avoidedBy)
    expect(forgetUnused(memory, {}).avoidedBy).toEqual({})
  })

  test('by the same host again and again keeps it from being asked for longer, up to ten minutes', () => {
    let memory = EMPTY_MEMORY
    const delays = [0, 1, 2, 3, 4, 5].map((n) => {
      const now = NOW + n * 700_000
      memory = launchFailed(memory, starting, HOST, now)
      return (memory.hostBackoff['host-1'] ?? 0) - now
    })
    expect(delays).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000])
    const good = learn(memory, [starting], [{ ...starting, state: 'online', onlineAt: NOW }], NOW + 5_000_000)
    expect([good.hostFailures, good.hostBackoff]).toEqual([{}, {}])
  })

  test('by a host long ago, or by another host, makes no difference', () => {
    const other = launchFailed(EMPTY_MEMORY, { ...starting, hostname: 'host-2' }, HOST, NOW)
    const later = launchFailed(other, starting, HOST, NOW + 10_000)
    expect(later.hostBackoff['host-1']).toBe(NOW + 70_000)
    const muchLater = launchFailed(later, starting, HOST, NOW + 3_610_000)
    expect(muchLater.hostBackoff).toEqual({ 'host-1': NOW + 3_670_000 })
    expect(muchLater.hostFailures).toEqual({ 'host-1': { count: 1, lastAt: NOW + 3_610_000 } })
  })

  test('with no host known avoids none, and forgets those whose time is over', () => {
    const before = { ...EMPTY_MEMORY, hostBackoff: { 'host-7': NOW, 'host-8': NOW + 1 } }
    expect(avoidHost(before, undefined, NOW).hostBackoff).toEqual({ 'host-8': NOW + 1 })
  })

  test('for want of a node in Jenkins blames no host', () => {
    const memory = withFailure(withFailure(EMPTY_MEMORY, linux, NOW), linux, NOW + 20_000)
    expect(memory.backoff[linux]).toMatchObject({ failures: 2, until: NOW + 40_000 })
    expect(memory.hostBackoff).toEqual({})
  })

  test('for want of a user does not go round for ever: from the third on it is tried every ten minutes', () => {
    let memory = EMPTY_MEMORY
    const delays = [0, 1, 2, 3].map((n) => {
      const now = NOW + n * 3_600_000
      memory = launchFailed(memory, starting, verdictOf(noUser), now)
      return (memory.backoff[linux]?.until ?? 0) - now
    })
    expect(delays).toEqual([10_000, 20_000, 600_000, 600_000])
  })
})

describe('what an operator must put right', () => {
  test('is kept in words, the same whichever host said it', () => {
    const memory = withTrouble(EMPTY_MEMORY, starting, noUser, verdictOf(noUser))
    const words = memory.troubles[linux]?.words ?? ''
    expect(words).toMatch(/^template linux: its agents end \(TASK_DROPPED, REASON_EXECUTOR_TERMINATED, .*No such user/)
    expect(words).toMatch(/create that user on the hosts/)
    const elsewhere = { ...starting, hostname: 'host-2' }
    expect(withTrouble(EMPTY_MEMORY, elsewhere, noUser, verdictOf(noUser)).troubles[linux]?.words).toBe(words)
  })

  test('is not said of bad luck, of hosts, or of a template that failed once or twice', () => {
    for (const verdict of [BAD_LUCK, HOST, TEMPLATE]) {
      expect(withTrouble(EMPTY_MEMORY, starting, noUser, verdict)).toBe(EMPTY_MEMORY)
    }
    let memory = EMPTY_MEMORY
    for (const n of [1, 2, 3]) memory = withFailure(memory, linux, NOW + n * 60_000)
    const silent = { state: 'TASK_FAILED', reason: undefined, message: undefined }
    expect(withTrouble(memory, starting, silent, TEMPLATE).troubles[linux]?.words).toBe(
      'template linux: its agents end (TASK_FAILED)',
    )
  })

  test('goes away when a launch succeeds', () => {
    const memory = withTrouble(EMPTY_MEMORY, starting, noUser, verdictOf(noUser))
    expect(learn(memory, [starting], [online], NOW).troubles).toEqual({})
  })

  test('goes away with its back-off when the template is changed or taken out', () => {
    const failed = launchFailed(EMPTY_MEMORY, starting, verdictOf(noUser), NOW)
    const memory = withTrouble(failed, starting, noUser, verdictOf(noUser))
    expect(forgetMended(memory, [aTemplate()])).toBe(memory)
    expect(forgetMended(memory, [aTemplate({ revision: 'r2' })])).toMatchObject({ troubles: {}, backoff: {} })
    expect(forgetMended(memory, [])).toMatchObject({ troubles: {}, backoff: {} })
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
