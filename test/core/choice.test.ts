import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { plan } from '../../src/core/plan.ts'
import type { Plan, Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { anchorOf, anItem, aReading, aSnapshot, aTemplate, NOW } from '../support/builders.ts'
import { anyWorld } from '../support/worlds.ts'

/** By which template the item is served first. */
function chosen(templates: readonly Template[], why: string, over: Partial<Snapshot> = {}): string | undefined {
  const jenkins = aReading({ nodes: templates.map((one) => anchorOf(one)), queue: [anItem({ why, stuck: false })] })
  const answers = [templates, templates.toReversed()].map((list) => {
    const [item] = plan(aSnapshot({ templates: list, jenkins, ...over }), NOW).explanation.items
    return `${item?.state ?? ''} ${item?.template ?? ''}`
  })
  expect(new Set(answers).size).toBe(1)
  return answers[0]
}

const FOR_LINUX = 'There are no nodes with the label ‘linux’'
const NO_LABEL = 'Waiting for next available executor'

describe('of several templates for one label', () => {
  const small = aTemplate({ name: 'small', labels: ['linux', 'small'] })

  test('the highest priority comes first, however badly it fits', () => {
    const important = aTemplate({ name: 'zebra', labels: ['linux', 'x', 'y'], priority: 1, diskMib: 9999 })
    expect(chosen([small, important], FOR_LINUX)).toBe('waiting_offer zebra')
  })

  test('then the fewest labels beyond those that were asked for', () => {
    const plain = aTemplate({ name: 'zebra', labels: ['linux'], diskMib: 9999 })
    expect(chosen([small, plain], FOR_LINUX)).toBe('waiting_offer zebra')
  })

  test.each([
    ['gpu||cuda', 'cuda'],
    ['a||b&&c', 'both'],
  ])('labels are beyond what was asked for only if %s does not name them', (text, name) => {
    const templates = [
      aTemplate({ name: 'gpu', labels: ['gpu', 'linux'] }),
      aTemplate({ name: 'cuda', labels: ['gpu', 'cuda'] }),
      aTemplate({ name: 'one', labels: ['a', 'x'] }),
      aTemplate({ name: 'both', labels: ['b', 'c'], diskMib: 9999 }),
    ]
    expect(chosen(templates, `There are no nodes with the label ‘${text}’`)).toBe(`waiting_offer ${name}`)
  })

  test.each<[string, Parameters<typeof aTemplate>[0]]>([
    ['memory', { memMib: { agent: 100, perExecutor: 100, factor: 1 } }],
    ['CPU', { cpus: { agent: 100, perExecutor: 100 } }],
  ])('then the least %s for one executor', (_what, less) => {
    const lean = aTemplate({ name: 'zebra', labels: ['linux', 'small'], ...less })
    expect(chosen([small, lean], FOR_LINUX)).toBe('waiting_offer zebra')
  })

  test('what only some hosts have is kept for those who ask for it', () => {
    const gpu = aTemplate({
      name: 'a-gpu',
      labels: ['linux', 'gpu'],
      scalars: { gpus: 1_000 },
      memMib: { agent: 1, perExecutor: 1, factor: 1 },
    })
    expect(chosen([small, gpu], FOR_LINUX)).toBe('waiting_offer small')
  })

  test('then the name', () => {
    expect(chosen([small, aTemplate({ name: 'alike', labels: ['linux', 'other'] })], FOR_LINUX)).toBe(
      'waiting_offer alike',
    )
  })

  test.each<[string, Partial<Template>, Partial<Snapshot>]>([
    ['capped', { maxAgents: 0 }, {}],
    ['capped by CPU', { maxCpus: 100 }, {}],
    ['capped by memory', { maxMem: 100_000 }, {}],
    ['paused', {}, { paused: { all: false, templates: ['best' as never] } }],
  ])('where the first is %s the next one serves', (_what, over, more) => {
    const best = aTemplate({ name: 'best', labels: ['linux'], ...over })
    expect(chosen([small, best], FOR_LINUX, more)).toBe('waiting_offer small')
  })

  test('where all are capped the item is told of the first', () => {
    const best = aTemplate({ name: 'best', labels: ['linux'], maxAgents: 0 })
    expect(chosen([{ ...small, maxAgents: 0 }, best], FOR_LINUX)).toBe('capped best')
  })
})

describe('an item without a label', () => {
  const plain = aTemplate({ name: 'plain', labels: [], priority: 9 })

  test('goes to the default template first, whatever the priority of others', () => {
    const main = aTemplate({ name: 'main', labels: ['a', 'b', 'c'], isDefault: true })
    expect(chosen([plain, main], NO_LABEL)).toBe('waiting_offer main')
  })

  test('goes to others while the default template may not serve it', () => {
    const main = aTemplate({ name: 'main', isDefault: true, maxAgents: 0 })
    expect(chosen([plain, main], NO_LABEL)).toBe('waiting_offer plain')
  })

  test('goes past a default template in mode EXCLUSIVE, whose agents Jenkins would not give it', () => {
    const main = aTemplate({ name: 'main', isDefault: true, mode: 'EXCLUSIVE' })
    expect(chosen([plain, main], NO_LABEL)).toBe('waiting_offer plain')
  })

  test('one with a label is not drawn to the default template', () => {
    const main = aTemplate({ name: 'main', labels: ['linux', 'x'], isDefault: true })
    expect(chosen([aTemplate(), main], FOR_LINUX)).toBe('waiting_offer linux')
  })
})

/** Without what is only shown in the order of the configuration. */
function substance({ actions, explanation, ...rest }: Plan): unknown {
  const byText = (list: readonly unknown[]): readonly unknown[] =>
    list.map((one) => JSON.stringify(one)).toSorted((a, b) => (a < b ? -1 : 1))
  return {
    ...rest,
    actions: byText(actions),
    explanation: { ...explanation, templates: byText(explanation.templates) },
  }
}

test('the order of the configuration changes nothing', () => {
  fc.assert(
    fc.property(anyWorld, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (snapshot, order) => {
      const templates = order.flatMap((index) => snapshot.templates[index] ?? [])
      expect(substance(plan({ ...snapshot, templates }, NOW))).toEqual(substance(plan(snapshot, NOW)))
    }),
    { numRuns: 1_000 },
  )
})
