import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Container } from '../../src/core/launch.ts'
import { mergeOffers } from '../../src/core/match.ts'
import type { PortRange } from '../../src/core/offer.ts'
import { pack } from '../../src/core/packing.ts'
import { type HostOffer, type MatchContext, type Need, refusals } from '../../src/core/stages.ts'
import { fixedPorts, resourcesOf, type Template } from '../../src/core/template.ts'
import { anOffer, aTemplate, NOW } from '../support/builders.ts'
import { aContainer } from '../support/containers.ts'

const CONTEXT: MatchContext = { now: NOW, hostBackoff: {} }
const RANGES = [{ begin: 31_000, end: 31_009 }]

function withContainer(over: Partial<Container>, ports = 0): Template {
  const template = aTemplate({ ports })
  return { ...template, launch: { ...template.launch, container: aContainer(over) } }
}

function mapping(hostPort: number, protocol: 'tcp' | 'udp' = 'tcp') {
  return { containerPort: 80, hostPort, protocol }
}

function need(hostPorts: readonly number[], more = 0): Need {
  return { role: '*', resources: { cpus: 100, ports: (hostPorts.length + more) * 1000 }, hostPorts }
}

function host(n: number, portRanges: readonly PortRange[] = RANGES): HostOffer {
  const ports = portRanges.reduce((sum, { begin, end }) => sum + end - begin + 1, 0) * 1000
  const [merged] = mergeOffers([{ ...anOffer({ host: n, free: { cpus: 1000, ports } }), portRanges }])
  if (merged === undefined) throw new Error('one offer makes one host')
  return merged
}

describe('what an agent asks for', () => {
  test.each<[string, Partial<Container>, number, number | undefined, readonly number[]]>([
    ['ports alone', {}, 2, 2000, []],
    ['a mapping from the offer', { portMappings: [mapping(0), mapping(0)] }, 1, 3000, []],
    ['a fixed port', { portMappings: [mapping(8080), mapping(0)] }, 0, 2000, [8080]],
    ['one port for TCP and UDP', { portMappings: [mapping(53), mapping(53, 'udp')] }, 0, 1000, [53]],
    ['a network of Docker', { network: 'USER', networkNames: ['n'], portMappings: [mapping(53)] }, 0, 1000, [53]],
    ['the host network, where nothing is mapped', { network: 'HOST', portMappings: [mapping(53)] }, 1, 1000, []],
    ['no network', { network: 'NONE', portMappings: [mapping(53)] }, 0, undefined, []],
    ['Mesos on the host network', { type: 'MESOS', portMappings: [mapping(53)] }, 0, undefined, []],
    ['Mesos in a network', { type: 'MESOS', networkNames: ['n'], portMappings: [mapping(53)] }, 0, 1000, [53]],
  ])('%s', (_name, container, ports, expected, fixed) => {
    const template = withContainer(container, ports)
    expect(resourcesOf(template, 1)['ports']).toBe(expected)
    expect(fixedPorts(template)).toEqual(fixed)
  })

  test('without a container there is nothing to map', () => {
    expect(fixedPorts(aTemplate())).toEqual([])
    expect(resourcesOf(aTemplate(), 1)).not.toHaveProperty('ports')
  })
})

describe('hosts', () => {
  const words = (one: HostOffer, asked: Need) =>
    refusals(one, asked, CONTEXT).map(({ stage, passing, words: text }) => `${stage}${passing ? '' : '!'}: ${text}`)

  test('that offer the port are taken, with the ports of several offers together', () => {
    expect(words(host(1), need([31_000, 31_009]))).toEqual([])
    const apart = [
      { ...anOffer({ id: 'a', free: { cpus: 100, ports: 1000 } }), portRanges: [{ begin: 80, end: 80 }] },
      { ...anOffer({ id: 'b', free: { ports: 1000 } }), portRanges: [{ begin: 90, end: 90 }] },
    ]
    const [both] = mergeOffers(apart)
    expect(both && words(both, need([80, 90]))).toEqual([])
  })

  test('that never have the port are told from those where it is in use', () => {
    expect(words(host(1), need([8080]))).toEqual([
      'ports!: host-1 does not offer host port 8080 (hostPort in portMappings of the template), it has 31000-31009',
    ])
    const hole = [
      { begin: 31_000, end: 31_004 },
      { begin: 31_006, end: 31_006 },
    ]
    expect(words(host(1, hole), need([31_005]))).toEqual([
      'ports: host-1 does not offer host port 31005 (hostPort in portMappings of the template), it has 31000-31004, 31006',
    ])
    expect(words(host(1, []), need([8080]))[0]).toMatch(/^ports: .* it has none$/)
  })

  test('are not asked about ports where no port is fixed', () => {
    expect(words(host(1, []), need([]))).toEqual([])
  })
})

describe('packing', () => {
  test('a fixed port is for one agent of a host', () => {
    const { placed, unplaced } = pack([need([31_000]), need([31_000]), need([31_000])], [host(1), host(2)], CONTEXT)
    expect(placed.map(({ host: one }) => one.hostname).sort()).toEqual(['host-1', 'host-2'])
    expect(unplaced).toHaveLength(1)
  })

  test('never gives a port of a host twice, and leaves none out that could be had', () => {
    const asked = fc.record({ port: fc.integer({ min: 31_000, max: 31_011 }), more: fc.nat(2) })
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (wanted, count) => {
        const hosts = Array.from({ length: count }, (_, n) => host(n + 1))
        const { placed, unplaced } = pack(
          wanted.map(({ port, more }) => need([port], more)),
          hosts,
          CONTEXT,
        )
        for (const one of hosts) {
          const here = placed.filter(({ host: at }) => at === one)
          const ports = here.flatMap(({ need: { hostPorts = [] } }) => hostPorts)
          expect(new Set(ports).size).toBe(ports.length)
          const left = 10_000 - here.reduce((sum, { need: { resources } }) => sum + (resources['ports'] ?? 0), 0)
          expect(left).toBeGreaterThanOrEqual(0)
          for (const { hostPorts = [], resources } of unplaced) {
            const could = (resources['ports'] ?? 0) <= left && here.length < 10
            expect(could && hostPorts.every((port) => port <= 31_009 && !ports.includes(port))).toBe(false)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
