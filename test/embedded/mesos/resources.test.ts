import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { attributesOf } from '../../../src/embedded/mesos/host-spec.ts'
import { parseJson } from '../../../src/embedded/mesos/json-text.ts'
import { add, contains, fromWire, type Pool, scalar, subtract, toText } from '../../../src/embedded/mesos/resources.ts'
import { HOST } from './client.ts'

const ranges = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 10 })), { minLength: 1, maxLength: 4 })
  .map((list) => list.map(([begin, length]) => ({ begin, end: begin + length })))
const role = fc.constantFrom(undefined, 'ci')
const pool: fc.Arbitrary<Pool> = fc
  .record({ cpus: fc.integer({ min: 1, max: 9_000 }), ports: ranges, role })
  .map(({ cpus, ports, role }) =>
    fromWire([
      { name: 'cpus', type: 'SCALAR', scalar: { value: cpus / 1000 }, ...(role === undefined ? {} : { role }) },
      { name: 'ports', type: 'RANGES', ranges: { range: ports } },
    ]),
  )

describe('resources', () => {
  test('a part can be taken out of a sum, and what is left is contained in it', () => {
    fc.assert(
      fc.property(pool, pool, (a, b) => {
        const sum = add(a, b)
        const rest = subtract(sum, b)
        expect(contains(sum, a) && contains(sum, b) && contains(sum, rest)).toBe(true)
        expect(scalar(rest, 'cpus')).toBe(scalar(a, 'cpus'))
        expect(subtract(a, a)).toEqual([])
      }),
    )
  })

  test('thousandths add up where floats do not', () => {
    const tenth = fromWire([{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }])
    expect(toText(Array.from({ length: 3 }, () => tenth).reduce(add))).toBe('cpus:0.3')
  })

  test('what is reserved for others is not contained', () => {
    const own = fromWire([{ name: 'cpus', type: 'SCALAR', scalar: { value: 2 }, role: 'ci' }])
    expect(contains(own, fromWire([{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }]))).toBe(false)
  })
})

test('attributes are told as a Mesos agent reads them', () => {
  const attributes = { os: 'linux', cores: '8', ratio: '0.25', big: '[1-10,20-30]', neg: '-3', num: 'v8', blank: 'x y' }

  expect(attributesOf({ ...HOST, attributes })).toEqual([
    { name: 'os', type: 'TEXT', text: { value: 'linux' } },
    { name: 'cores', type: 'SCALAR', scalar: { value: 8 } },
    { name: 'ratio', type: 'SCALAR', scalar: { value: 0.25 } },
    {
      name: 'big',
      type: 'RANGES',
      ranges: {
        range: [
          { begin: 1, end: 10 },
          { begin: 20, end: 30 },
        ],
      },
    },
    { name: 'neg', type: 'TEXT', text: { value: '-3' } },
    { name: 'num', type: 'TEXT', text: { value: 'v8' } },
    { name: 'blank', type: 'TEXT', text: { value: 'xy' } },
  ])
})

test('the reader of JSON texts takes what JSON.parse takes, and nothing else', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '}', ']', ',', '"', '\\', 'x', '\u0001'),
      (whole, at, more) => {
        const cut = at % (whole.length + 1)
        const changed = whole.slice(0, cut) + more + whole.slice(cut)
        let expected: unknown
        let fails = false
        try {
          expected = JSON.parse(changed)
        } catch {
          fails = true
        }
        const ours = parseJson(changed)
        expect('error' in ours).toBe(fails)
        if ('value' in ours) expect(ours.value).toEqual(expected)
      },
    ),
  )
})
