import { describe, expect, test } from '@jest/globals'
import type { CapScope } from '../../src/core/blocked.ts'
import { CapLedger, isShared, showCap } from '../../src/core/policy.ts'
import { aRecord, aTemplate } from '../support/builders.ts'

const NONE = { maxAgents: 100, maxCpus: undefined, maxMem: undefined }
const template = aTemplate({ name: 'linux', maxAgents: 3, maxCpus: 5_000, maxMem: 4_000_000 })
const agent = (cpus: number, mem: number, over: Parameters<typeof aRecord>[0] = {}) =>
  aRecord({ resources: { cpus, mem }, ...over }, template)

describe('what stands in the way of one more agent', () => {
  test.each<[string, CapScope | undefined, readonly ReturnType<typeof agent>[], Partial<typeof NONE>]>([
    ['nothing', undefined, [agent(1_000, 1_000_000)], {}],
    ['how many its template may have', 'template', Array.from({ length: 3 }, () => agent(1, 1)), {}],
    ['their CPUs', 'template_cpus', [agent(4_001, 1)], {}],
    ['their memory', 'template_mem', [agent(1, 3_000_001)], {}],
    [
      'what its template has on hosts that are cut off',
      'template_cpus',
      [agent(4_001, 1, { state: 'unreachable' })],
      {},
    ],
    ['not what is gone', undefined, [agent(4_001, 1, { state: 'gone' })], {}],
    ['not what another template has', undefined, [agent(4_001, 1, { template: 'other' as never })], {}],
    ['its own caps before those of all', 'template', Array.from({ length: 3 }, () => agent(1, 1)), { maxAgents: 3 }],
    ['all agents', 'agents', [agent(1, 1)], { maxAgents: 1 }],
  ])('%s', (_what, scope, records, caps) => {
    const ledger = new CapLedger({ ...NONE, ...caps }, records)
    expect(ledger.blocks(template, { cpus: 1_000, mem: 1_000_000 })).toBe(scope)
  })

  test('what this round adds counts at once, up to the last thousandth', () => {
    const ledger = new CapLedger(NONE, [])
    ledger.take('linux', { cpus: 3_000, mem: 1_000_000 })
    expect(ledger.blocks(template, { cpus: 2_000, mem: 3_000_000 })).toBeUndefined()
    expect(ledger.blocks(template, { cpus: 2_001, mem: 0 })).toBe('template_cpus')
    expect(ledger.blocksGrowth(template, { cpus: 3_000 }, { cpus: 5_001 })).toBe('template_cpus')
    ledger.grow('linux', { cpus: 3_000 }, { cpus: 5_000 })
    expect(ledger.blocks(template, { cpus: 1, mem: 0 })).toBe('template_cpus')
  })
})

test.each<[CapScope, boolean, string]>([
  ['template', false, 'cap: template linux may have 3 agents (maxAgents)'],
  ['template_cpus', false, 'cap: agents of template linux may have 5 CPUs (maxCpus)'],
  ['template_mem', false, 'cap: agents of template linux may have 4000 MiB (maxMemMib)'],
  ['agents', true, 'cap: 100 agents in all (MAX_AGENTS)'],
  ['cpus', true, 'cap: 2.5 CPUs in all (MAX_CPUS)'],
  ['mem', true, 'cap: 512 MiB in all (MAX_MEM_MIB)'],
])('the cap %s says how to raise it', (scope, shared, words) => {
  expect(showCap(scope, template, { maxAgents: 100, maxCpus: 2_500, maxMem: 512_000 })).toBe(words)
  expect(isShared(scope)).toBe(shared)
})
