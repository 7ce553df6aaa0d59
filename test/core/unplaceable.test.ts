import { describe, expect, test } from '@jest/globals'
import type { MesosAgentId } from '../../src/core/model.ts'
import type { KnownHost } from '../../src/core/offer.ts'
import { plan } from '../../src/core/plan.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Constraint, Template } from '../../src/core/template.ts'
import { Unplaceable } from '../../src/core/unplaceable.ts'
import { anchorOf, anItem, aReading, aSnapshot, aTemplate, NOW } from '../support/builders.ts'

const WINDOWS: readonly Constraint[] = [{ field: 'os', operator: 'IS', value: 'windows' }]

function host(name: string, os: string, role = '*'): KnownHost {
  return {
    hostname: name,
    mesosAgentId: `S-${name}` as MesosAgentId,
    attributes: [{ name: 'os', type: 'TEXT', value: os }],
    domain: undefined,
    unavailability: undefined,
    free: { [role]: { cpus: 4_000, mem: 8_192_000, disk: 1_000_000 } },
    seenAt: NOW,
  }
}

const LINUX_HOSTS = [host('a', 'linux'), host('b', 'linux')]

describe('no known host can ever run', () => {
  test.each<[string, Partial<Template>, readonly KnownHost[], boolean]>([
    ['a template whose rule none keeps', { constraints: WINDOWS }, LINUX_HOSTS, true],
    ['one whose rule some host keeps', { constraints: WINDOWS }, [...LINUX_HOSTS, host('c', 'windows')], false],
    ['one that asks for what none has', { scalars: { fpga: 1_000 } }, LINUX_HOSTS, true],
    ['one that is only too big for what is free now', { cpus: { agent: 64_000, perExecutor: 0 } }, LINUX_HOSTS, false],
    ['an ordinary one', {}, LINUX_HOSTS, false],
    ['one of which nothing is known, as no host has offered yet', { constraints: WINDOWS }, [], false],
    ['one to whose role none has offered yet', { constraints: WINDOWS, role: 'ci' }, LINUX_HOSTS, false],
  ])('%s', (_, over, hosts, expected) => {
    expect(new Unplaceable(aSnapshot({ hosts }), NOW).has(aTemplate(over))).toBe(expected)
  })
})

const windows = aTemplate({ name: 'windows', labels: ['ci', 'windows'], priority: 5, constraints: WINDOWS })
const linux = aTemplate({ name: 'linux', labels: ['ci', 'linux'] })
const NONE = 'There are no nodes with the label '

function planned(labels: readonly string[], over: Partial<Snapshot> = {}) {
  const templates = over.templates ?? [windows, linux]
  const queue = labels.map((label, index) =>
    anItem({ id: String(index + 1), job: `job-${index + 1}`, why: `${NONE}‘${label}’`, buildableSince: NOW + index }),
  )
  const jenkins = aReading({ nodes: templates.map((one) => anchorOf(one)), queue })
  return plan(aSnapshot({ templates, jenkins, hosts: LINUX_HOSTS, ...over }), NOW)
}

describe('what no known host can run does not stand in the way of what one can', () => {
  test('a build goes to the template that can be placed, although another has a higher priority', () => {
    const [item] = planned(['ci']).explanation.items
    expect(item).toMatchObject({ state: 'waiting_offer', template: 'linux' })
    const [known] = planned(['ci'], { hosts: [...LINUX_HOSTS, host('c', 'windows')] }).explanation.items
    expect(known).toMatchObject({ template: 'windows' })
  })

  test('it takes no room under the caps that others could use', () => {
    const caps = { maxAgents: 1, maxCpus: undefined, maxMem: undefined }
    const { items } = planned(['windows', 'linux'], { caps }).explanation
    expect(items.map(({ template, state }) => [template, state])).toEqual([
      ['windows', 'capped'],
      ['linux', 'waiting_offer'],
    ])
  })

  test('its warm pool neither', () => {
    const caps = { maxAgents: 1, maxCpus: undefined, maxMem: undefined }
    const templates = [
      { ...windows, minIdle: 1 },
      { ...linux, minIdle: 1 },
    ]
    const { templates: told } = planned([], { caps, templates }).explanation
    expect(told.map(({ template, wanted }) => [template, wanted])).toEqual([
      ['windows', 0],
      ['linux', 1],
    ])
  })

  test('where nothing else serves a build it is still wanted: a host that can may come', () => {
    const { explanation, wantedRoles } = planned(['windows'])
    expect(explanation.items[0]).toMatchObject({ state: 'waiting_offer', template: 'windows' })
    expect([...wantedRoles]).toEqual(['*'])
  })
})
