import { describe, expect, test } from '@jest/globals'
import { refusalOf, requestOf } from '../../../plugins/dashboard/static/lib/outcomes.js'
import { isCount, mostAgents, questionOf } from '../../../plugins/dashboard/static/lib/questions.js'

const text = (asked: Parameters<typeof questionOf>[0]): string => {
  const { title, follows } = questionOf(asked)
  return [title, ...follows].join(' ')
}

const room = { agents: 7, maxAgents: 10, allAgents: 20, maxAllAgents: 50 }

describe('a question', () => {
  test('names what it is about, and says what follows', () => {
    expect(text({ action: 'pause', template: 'linux', agents: 3 })).toMatch(
      /^Pause template linux\? No agent is started for it.*The 3 agents that are there go on with their builds/,
    )
    expect(text({ action: 'pause', template: 'linux', agents: 0 })).toMatch(/It has no agent now/)
    expect(text({ action: 'pause' })).toMatch(/^Pause all templates\? No agent is started any more/)
    expect(text({ action: 'resume', template: 'linux' })).toMatch(/^Resume template linux\?/)
    expect(text({ action: 'resume' })).toMatch(/Templates that were paused one by one go on, too/)
    expect(text({ action: 'reload' })).toMatch(/If there is a mistake in them nothing changes/)
    expect(text({ action: 'log-level', level: 'debug', was: 'info' })).toMatch(
      /The level is info now.*No secret is logged/,
    )
    expect(text({ action: 'log-level', level: 'warn', was: 'info' })).not.toMatch(/No secret/)
  })

  test.each([
    [[], 'it goes at once'],
    [['app #1'], 'It goes when app #1 has ended; no build is cut off'],
    [['app #1', 'lib #2'], 'its 2 builds have ended; no build is cut off'],
  ])('about an agent with builds %p says that %p', (builds, words) => {
    expect(text({ action: 'drain', agentId: 'mesos-linux-1', builds })).toContain(words)
  })

  test('about what cannot be taken back says so, and looks grave', () => {
    for (const asked of [
      { action: 'drain' as const, agentId: 'a' },
      { action: 'release-brake' as const, held: 8, agents: 9, words: 'the brake holds 8 of 9 agents' },
      { action: 'accept-jenkins' as const, agents: 1 },
    ]) {
      expect(text(asked)).toMatch(/This cannot be taken back/)
      expect(questionOf(asked).grave).toBe(true)
    }
    expect(questionOf({ action: 'take-over' }).grave).toBe(true)
    expect(questionOf({ action: 'resume' }).grave).toBe(false)
  })

  test('repeats what the program says about it', () => {
    expect(text({ action: 'take-over', words: 'another instance took over' })).toContain('another instance took over')
    expect(text({ action: 'release-brake', held: 8, agents: 9 })).toMatch(/^Let 8 agents of 9 go\?/)
  })
})

describe('how many agents may be provisioned', () => {
  test.each([
    [room, 3, 'its own cap'],
    [{ ...room, allAgents: 48 }, 2, 'the cap over all templates'],
    [{ ...room, agents: 12 }, 0, 'its own cap is reached'],
    [{ ...room, allAgents: 60 }, 0, 'the cap over all templates is reached'],
  ])('with %p: %p, because of %s', (given, most, words) => {
    expect(mostAgents(given)).toBe(most)
    expect(text({ action: 'provision', template: 'linux', agents: 1, room: given })).toContain(words)
  })

  test('says what that takes', () => {
    const each = { executors: 2, cpus: 1.1, memMib: 2_560.4 }
    expect(text({ action: 'provision', template: 'linux', agents: 3, room: { ...room, ...each } })).toContain(
      'It has 7 agents of at most 10; then it has 10. At most 3 more may be started now: its own cap says so. ' +
        'That takes about 6 executors, 3.3 CPU and 7681 MiB of memory.',
    )
  })

  test('says nothing of a number that is none', () => {
    for (const agents of [Number.NaN, 0, -1, 1.5]) {
      expect(isCount(agents)).toBe(false)
      const { yes, follows } = questionOf({ action: 'provision', template: 'linux', agents, room })
      expect([yes, ...follows].join(' ')).not.toMatch(/NaN|-1|1\.5|Provision 0/)
    }
  })
})

test.each([
  [{ action: 'pause' as const }, 'actions/pause', {}],
  [{ action: 'pause' as const, template: 'linux', agents: 3 }, 'actions/pause', { template: 'linux' }],
  [{ action: 'resume' as const, template: 'linux' }, 'actions/resume', { template: 'linux' }],
  [{ action: 'drain' as const, agentId: 'a', builds: ['x'] }, 'actions/drain', { agentId: 'a' }],
  [
    { action: 'provision' as const, template: 'linux', agents: 2, room },
    'actions/provision',
    { template: 'linux', agents: 2 },
  ],
  [{ action: 'log-level' as const, level: 'debug', was: 'info' }, 'actions/log-level', { level: 'debug' }],
  [{ action: 'reload' as const }, 'actions/reload', {}],
  [{ action: 'release-brake' as const, held: 3, words: 'x' }, 'actions/release-brake', {}],
])('%p is sent as %s', (asked, path, body) => {
  expect(requestOf(asked)).toEqual({ path, body })
})

test.each([
  [0, 'The sidecar does not answer', /does not answer\. Whether it was done is not known/],
  [401, 'No such token.', /^No such token\. Sign in/],
  [403, 'Your token may read only.', /^Your token may read only\. Nothing was done/],
  [409, 'Template linux is not paused.', /^Template linux is not paused\. Nothing was done\.$/],
  [429, 'Too many.', /Wait a minute/],
  [503, 'The state is not stored.', /Try again in a moment/],
  [400, 'The body is no JSON.', /^The body is no JSON\.$/],
])('a refusal with %p says what to do', (status, words, told) => {
  expect(refusalOf(status, words)).toMatch(told)
})
