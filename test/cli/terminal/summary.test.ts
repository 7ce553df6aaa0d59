import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { LogTail } from '../../../src/cli/terminal/log-tail.ts'
import { coloured, plain } from '../../../src/cli/terminal/paper.ts'
import type { Scene } from '../../../src/cli/terminal/scene.ts'
import { summaryLines } from '../../../src/cli/terminal/summary.ts'
import { widthOf } from '../../../src/cli/terminal/width.ts'
import { NOW } from '../../support/builders.ts'
import { anAgentView, anItemView, aTemplateView, aView } from '../../support/views.ts'
import { aScene, logged } from './scenes.ts'

const show = (scene: Scene, columns = 100, rows = 30): string =>
  summaryLines(scene, { columns, rows }, plain).join('\n')

describe('what it says', () => {
  test('who this is, where the page is, and whether all is well', () => {
    const text = show(aScene())
    expect(text).toContain('jenkins-mesos-sidecar 0.1.0')
    expect(text).toContain('page http://127.0.0.1:8090/  metrics http://127.0.0.1:8090/metrics')
    expect(text).toContain('ok: Jenkins is read, Mesos is subscribed')
    expect(text).toContain('nothing waits for an agent')
    expect(text).toContain('Agents  none')
  })

  test('what waits, the longest first, with the reason', () => {
    const queue = [
      anItemView({ itemId: '1', job: 'young', since: NOW - 5_000 }),
      anItemView({ itemId: '2', job: 'old', since: NOW - 125_000, state: 'capped', words: 'cap: 2 agents' }),
      anItemView({ itemId: '3', job: 'blocked', state: 'not_demand' }),
      anItemView({
        itemId: '4',
        job: 'lost',
        state: 'unserved',
        words: 'no template has label gpu',
        since: NOW - 9_000,
      }),
    ]
    const lines = show(aScene({ view: aView({ queue }) })).split('\n')
    expect(lines).toContain('Queue  2 items wait for an agent, the longest 2 min; 1 not served; 4 in all')
    expect(lines.filter((line) => /^(young|old|lost|blocked)/.test(line))).toEqual([
      'lost             9 s  no template   no template has label gpu',
      'old            2 min  cap reached   cap: 2 agents',
      expect.stringMatching(/^young {12}5 s {2}no room yet/),
    ])
  })

  test('templates: agents against the cap, executors, what is given and used, and what stands in the way', () => {
    const templates = [
      aTemplateView({
        template: 'linux',
        agents: 2,
        busyExecutors: 3,
        givenCpus: 4,
        givenMemMib: 2048,
        usedCpus: 1.25,
        usedMemMib: 700,
      }),
      aTemplateView({ template: 'arm', backedOffUntil: NOW + 40_000, failures: 3 }),
      aTemplateView({ template: 'mac', paused: true }),
      aTemplateView({ template: 'gpu', capped: 'template', agents: 10 }),
    ]
    const text = show(aScene({ view: aView({ templates }) }), 120)
    expect(text).toMatch(/linux +2\/10 +3 +0 +0 +0 +1\.3\/4 +700 MiB\/2 GiB/)
    expect(text).toMatch(/arm .* backs off for 40 s after 3 failures/)
    expect(text).toMatch(/mac .* paused/)
    expect(text).toMatch(/gpu +10\/10 .* cap reached/)
  })

  test('agents: those in trouble first, then those that build, then the idle ones', () => {
    const agents = [
      anAgentView({ agentId: 'a-idle', idleSince: NOW - 20_000, goesAt: NOW + 40_000 }),
      anAgentView({ agentId: 'b-busy', builds: ['app #12', 'app #13'] }),
      anAgentView({ agentId: 'c-lost', state: 'unreachable', reason: 'its host is gone' }),
      anAgentView({ agentId: 'd-off', offlineBy: 'ann: disk' }),
    ]
    const lines = show(aScene({ view: aView({ agents }) })).split('\n')
    expect(lines).toContain('Agents  4 of at most 50: 1 unreachable, 1 offline, 1 busy, 1 idle')
    expect(lines.filter((line) => /^[a-d]-/.test(line)).map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'c-lost | unreachable | host-1 | 1 min | its host is gone',
      'd-off | offline | host-1 | 1 min | taken offline: ann: disk',
      'b-busy | busy | host-1 | 1 min | app #12, app #13',
      'a-idle | idle | host-1 | 1 min | for 20 s, goes in 40 s',
    ])
  })

  test.each([
    [{ dryRun: 'would have started 2 agents' }, 'dry run: would have started 2 agents'],
    [{ problems: ['label gpu is served by nobody'] }, 'needs a look: label gpu is served by nobody'],
    [{ problems: ['a', 'b', 'c', 'd', 'e'] }, 'needs a look: 3 more, see the page'],
    [{ paused: { all: true, templates: [] } }, 'an operator paused all templates'],
    [
      { health: { status: 'store', words: 'the disk is full', lastRoundAgeMs: 90_000 } },
      'the disk is full (the last round ended 1 min ago)',
    ],
    [{ leadership: { role: 'standby', since: NOW, why: 'host-2 leads' } }, 'standby host-2 leads'],
    [{ round: { number: 1, lastAt: NOW, held: 'the first two rounds' } }, 'takes nothing away: the first two rounds'],
  ] as const)('%j', (over, words) => {
    expect(show(aScene({ view: aView(over) }))).toContain(words)
  })

  test('2,000 agents: as many as there is room for, and how many more', () => {
    const agents = Array.from({ length: 2_000 }, (_, index) => anAgentView({ agentId: `mesos-linux-${index}` }))
    const lines = show(aScene({ view: aView({ agents }) }), 80, 24).split('\n')
    const shown = lines.filter((line) => line.startsWith('mesos-linux-')).length
    expect(shown).toBeGreaterThan(5)
    expect(lines).toContain(`and ${(2_000 - shown).toLocaleString('en')} more`)
  })
})

test('what a person is told right now is never cut off, and bad health is told in full', () => {
  const health = {
    status: 'disconnected',
    words: `not subscribed to Mesos: ${'why '.repeat(20)}`,
    lastRoundAgeMs: 1,
  } as const
  const notices = [
    'Draining 2 agents: each goes as its builds end. Ctrl-C twice within 5 s ends all, whatever they run.',
  ]
  for (const columns of [40, 60, 90]) {
    const words = show(aScene({ view: aView({ health }), notices }), columns, 16).replaceAll('\n', ' ')
    expect(words).toContain(notices[0])
    expect(words).toContain(health.words.trim())
  }
})

test('a notice that would fill the terminal leaves room for nothing else, and still fits', () => {
  const notices = ['x'.repeat(3_000)]
  for (const rows of [1, 10, 24, 40]) {
    expect(summaryLines(aScene({ notices }), { columns: 10, rows }, plain)).toHaveLength(rows)
  }
})

describe('where there is little room', () => {
  const agents = Array.from({ length: 30 }, (_, index) => anAgentView({ agentId: `mesos-linux-${index}` }))
  const queue = Array.from({ length: 30 }, (_, index) => anItemView({ itemId: `${index}`, job: `job-${index}` }))
  const templates = [aTemplateView(), aTemplateView({ template: 'arm' })]
  const log = logged(
    { level: 'warn', msg: 'lost' },
    ...Array.from({ length: 40 }, (_, at) => ({ level: 'info', msg: `m${at}` })),
  )
  const scene = aScene({ view: aView({ agents, queue, templates }), log })

  test('a warning stays visible behind many later lines', () => {
    for (const rows of [10, 16, 24, 50]) expect(show(scene, 80, rows)).toMatch(/warn {2}lost/)
  })

  test.each([4, 8, 12])('health, queue and log before agents, with %i rows', (rows) => {
    const text = show(scene, 80, rows)
    expect(text).toContain('ok: Jenkins is read')
    expect(text).toMatch(/warn {2}lost/)
    if (rows > 4) expect(text).toContain('30 items wait')
  })

  test('columns that have no room are left out whole', () => {
    const lines = show(scene, 40, 24).split('\n')
    expect(lines).toContainEqual(expect.stringMatching(/^Template +agents +busy +idle +waiting$/))
  })
})

const name = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('構築ジョブ', 'linux', '👩‍👩‍👧‍👦', '\u001b[2J', 'a\nb', '🇩🇪', 'x'.repeat(300)),
)
const amount = fc.integer({ min: 0, max: 1_000_000 })
const anyAgent = fc
  .record({ agentId: name, hostname: name, reason: name, builds: fc.array(name, { maxLength: 3 }), since: amount })
  .map(({ since, ...over }) => anAgentView({ ...over, createdAt: NOW - since * 1000 }))
const anyItem = fc
  .record({ job: name, words: name, state: fc.constantFrom('capped', 'unserved', 'starting', 'not_demand') })
  .map((over) => anItemView({ ...over, state: over.state as 'capped' }))
const anyTemplate = fc
  .record({ template: name, agents: amount, givenCpus: amount, usedMemMib: amount, paused: fc.boolean() })
  .map((over) => aTemplateView(over))
const anyScene = fc
  .record({
    agents: fc.array(anyAgent, { maxLength: 12 }),
    copies: fc.constantFrom(1, 1, 1, 200),
    queue: fc.array(anyItem, { maxLength: 12 }),
    templates: fc.array(anyTemplate, { maxLength: 6 }),
    problems: fc.array(name, { maxLength: 5 }),
    notices: fc.array(name, { maxLength: 4 }),
    log: fc.array(fc.record({ level: fc.constantFrom('info', 'warn', 'fatal'), msg: name, agentId: name }), {
      maxLength: 20,
    }),
    url: name,
  })
  .map(({ agents, copies, queue, templates, problems, notices, log, url }) =>
    aScene({
      view: aView({ agents: Array.from({ length: copies }, () => agents).flat(), queue, templates, problems }),
      notices,
      log: logged(...log),
      url,
    }),
  )

describe('for any view and any terminal', () => {
  const columns = fc.integer({ min: 1, max: 200 })
  const rows = fc.integer({ min: 1, max: 60 })

  test('never wider, never more lines, and nothing that moves the cursor', () => {
    fc.assert(
      fc.property(anyScene, columns, rows, (scene, width, height) => {
        const lines = summaryLines(scene, { columns: width, rows: height }, plain)
        expect(lines.length).toBeLessThanOrEqual(height)
        for (const line of lines) {
          expect(widthOf(line)).toBeLessThanOrEqual(width)
          expect(line).not.toMatch(/\p{Cc}/u)
        }
      }),
    )
  })

  test('colours add nothing but escape sequences, and each line ends the ones it began', () => {
    fc.assert(
      fc.property(anyScene, columns, rows, (scene, width, height) => {
        const size = { columns: width, rows: height }
        const lines = summaryLines(scene, size, coloured)
        const bare = lines.map((line) => stripVTControlCharacters(line))
        expect(bare).toEqual(summaryLines(scene, size, plain))
        for (const line of lines) expect(line.split('\u001b').length % 2).toBe(1)
      }),
      { numRuns: 50 },
    )
  })
})

test('the tail keeps warnings longer than what came after them', () => {
  const tail = new LogTail()
  tail.write('{"level":"error","msg":"first"}')
  for (let index = 0; index < 1_000; index++) tail.write(`{"level":"info","msg":"${index}"}`)
  expect(tail.lines(3).map(({ message }) => message)).toEqual(['first', '998', '999'])
  expect(tail.size).toBeLessThan(300)
  expect(tail.lines(1).map(({ message }) => message)).toEqual(['first'])
  expect(tail.lines(0)).toEqual([])
})

test('a template of a name that is none of ours is only shown', () => {
  const templates = [aTemplateView({ template: '__proto__' })]
  expect(show(aScene({ view: aView({ templates }) }))).toContain('__proto__')
})
