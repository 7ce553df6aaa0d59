import { expect, test } from '@jest/globals'
import { type Backoff, failed, NO_BACKOFF } from '../../src/core/backoff.ts'
import { plan } from '../../src/core/plan.ts'
import type { Plan } from '../../src/core/snapshot.ts'
import { LimitTeller } from '../../src/loop/tell-limits.ts'
import { anchorOf, aReading, aSnapshot, aTemplate, items, NOW } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'

const linux = aTemplate()

function planned(maxAgents: number, waiting = 2): Plan {
  return plan(
    aSnapshot({
      jenkins: aReading({ nodes: [anchorOf(linux)], queue: items(waiting) }),
      caps: { maxAgents, maxCpus: undefined, maxMem: undefined },
    }),
    NOW,
  )
}

function withBackoff(backoff: Backoff): Plan {
  const free = planned(50)
  return { ...free, memory: { ...free.memory, backoff: { [linux.name]: backoff } } }
}

const SNAPSHOT = { templates: [linux], caps: { maxAgents: 0, maxCpus: undefined, maxMem: undefined } }

function told(steps: readonly (readonly [Plan, number])[]) {
  const { context, lines } = aRig()
  const scopes: string[] = []
  const teller = new LimitTeller(context.log, (scope) => scopes.push(scope))
  for (const [one, minutes] of steps) teller.tell(SNAPSHOT, one, NOW + minutes * 60_000)
  return { lines, scopes }
}

test('a cap that is reached is told, and again after ten minutes at the earliest', () => {
  const { lines, scopes } = told([
    [planned(0), 0],
    [planned(0), 1],
    [planned(50), 2],
    [planned(0), 3],
    [planned(50), 4],
    [planned(0), 15],
  ])
  expect(lines).toMatchObject([
    {
      level: 'info',
      message: 'a cap is reached',
      fields: { scope: 'agents', words: 'cap: 0 agents in all (MAX_AGENTS)' },
    },
    { level: 'info', message: 'a cap is reached' },
  ])
  expect(scopes).toEqual(['agents', 'agents', 'agents']) // the metric counts each time
})

test('the cap of a template is told with its template', () => {
  const free = planned(50)
  const templates = free.explanation.templates.map((one) => ({ ...one, capped: 'template' as const }))
  const { lines } = told([[{ ...free, explanation: { ...free.explanation, templates } }, 0]])
  const words = expect.stringContaining('template linux may have')
  expect(lines).toMatchObject([{ fields: { template: 'linux', scope: 'template', words } }])
})

test('a breaker is told when it opens and when it closes, and not while it stays as it is', () => {
  const twice = failed(failed(NO_BACKOFF, NOW), NOW)
  const open = failed(twice, NOW)
  const { lines } = told([
    [withBackoff(twice), 0],
    [withBackoff(open), 0],
    [withBackoff(failed(open, NOW)), 0],
    [withBackoff(open), 30], // half open: one launch may try
    [withBackoff(NO_BACKOFF), 31],
    [withBackoff(NO_BACKOFF), 32],
  ])
  expect(lines).toMatchObject([
    {
      level: 'warn',
      message: 'launches fail one after the other: one at a time is tried',
      fields: { template: 'linux', failures: 3, seconds: 10 },
    },
    {
      level: 'info',
      message: 'launches are not held back by failures any more',
      fields: { template: 'linux' },
    },
  ])
})
