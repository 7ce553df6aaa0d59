import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  amount,
  fits,
  fromMilli,
  minus,
  plus,
  type Resources,
  shortages,
  show,
  showScalar,
  toMilli,
} from '../../src/core/resources.ts'

const names = fc.constantFrom('cpus', 'mem', 'disk', 'gpus', 'constructor', 'toString', '__proto__')
/** Up to a million CPUs or a TiB, in thousandths: sums of these stay exact. */
const millis = fc.nat(1_100_000_000)
/** Its own properties only, whatever they are called. */
const resources: fc.Arbitrary<Resources> = fc
  .uniqueArray(fc.tuple(names, millis), { selector: ([name]) => name })
  .map((entries): Resources => Object.fromEntries(entries))

const NAMES = ['cpus', 'mem', 'disk', 'gpus', 'constructor', 'toString', '__proto__']

function amounts(of: Resources): readonly number[] {
  return NAMES.map((name) => amount(of, name))
}

describe('thousandths', () => {
  test.each([
    [0.1, 100],
    [0.5, 500],
    [1024, 1_024_000],
    [0.0005, 1],
    [0.0004, 0],
    [0.1 + 0.2, 300],
    [7.999999999, 8000],
  ])('of %d are %i', (value, milli) => {
    expect(toMilli(value)).toBe(milli)
  })

  test('come back as they were', () => {
    fc.assert(fc.property(millis, (milli) => toMilli(fromMilli(milli)) === milli))
  })

  test('do not drift: a thousand tenths of a CPU are a hundred CPUs', () => {
    const tenth = { cpus: toMilli(0.1) }
    const sum = Array.from({ length: 1000 }, () => tenth).reduce<Resources>(plus, {})
    expect(sum).toEqual({ cpus: 100_000 })
    expect(Array.from({ length: 1000 }, () => tenth).reduce<Resources>(minus, sum)).toEqual({ cpus: 0 })
  })
})

describe('sums', () => {
  test('are those of each scalar, an absent one being zero', () => {
    fc.assert(
      fc.property(resources, resources, (a, b) => {
        const [left, right] = [amounts(a), amounts(b)]
        expect(amounts(plus(a, b))).toEqual(left.map((milli, at) => milli + (right[at] ?? 0)))
        expect(amounts(minus(a, b))).toEqual(left.map((milli, at) => milli - (right[at] ?? 0)))
      }),
    )
  })

  test('do not depend on order or grouping', () => {
    fc.assert(
      fc.property(resources, resources, resources, (a, b, c) => {
        expect(amounts(plus(a, b))).toEqual(amounts(plus(b, a)))
        expect(amounts(plus(plus(a, b), c))).toEqual(amounts(plus(a, plus(b, c))))
        expect(amounts(minus(plus(a, b), b))).toEqual(amounts(a))
      }),
    )
  })

  test('leave their operands as they were', () => {
    fc.assert(
      fc.property(resources, resources, (a, b) => {
        const before = [amounts(a), amounts(b)]
        plus(Object.freeze(a), Object.freeze(b))
        minus(a, b)
        expect([amounts(a), amounts(b)]).toEqual(before)
      }),
    )
  })

  test('with nothing change nothing', () => {
    fc.assert(
      fc.property(resources, (a) => {
        expect(plus(a, {})).toEqual(a)
        expect(minus(a, {})).toEqual(a)
        expect(plus({}, a)).toEqual(a)
      }),
    )
  })
})

describe('what fits', () => {
  test('is what leaves nothing negative, and what has no shortage', () => {
    fc.assert(
      fc.property(resources, resources, (needed, available) => {
        const fitting = fits(needed, available)
        expect(fitting).toBe(amounts(minus(available, needed)).every((milli) => milli >= 0))
        expect(fitting).toBe(shortages(needed, available).length === 0)
      }),
    )
  })

  test('is what something was added to, and never more than there is', () => {
    fc.assert(
      fc.property(resources, resources, (a, b) => {
        expect(fits(a, plus(a, b))).toBe(true)
        expect(fits(plus(a, { cpus: 1 }), a)).toBe(false)
        expect(fits({}, a)).toBe(true)
      }),
    )
  })

  test('would, were each shortage made good', () => {
    fc.assert(
      fc.property(resources, resources, (needed, available) => {
        const missing = shortages(needed, available)
        for (const shortage of missing) {
          expect(shortage).toEqual({
            name: shortage.name,
            needed: amount(needed, shortage.name),
            available: amount(available, shortage.name),
          })
          expect(shortage.needed).toBeGreaterThan(shortage.available)
        }
        const gift = Object.fromEntries(missing.map((one) => [one.name, one.needed - one.available]))
        expect(fits(needed, plus(available, gift))).toBe(true)
      }),
    )
  })

  test.each<[Resources, Resources, readonly string[]]>([
    [{ cpus: 500, mem: 1_024_000 }, { cpus: 500, mem: 1_024_000 }, []],
    [{ cpus: 501 }, { cpus: 500 }, ['cpus']],
    [{ cpus: 1, gpus: 1000 }, { cpus: 1 }, ['gpus']],
    [{ gpus: 0 }, {}, []],
    [{ cpus: 2, mem: 2 }, { cpus: 1, mem: 1 }, ['cpus', 'mem']],
  ])('%j into %j is short of %j', (needed, available, short) => {
    expect(shortages(needed, available).map(({ name }) => name)).toEqual(short)
    expect(fits(needed, available)).toBe(short.length === 0)
  })
})

describe('in words', () => {
  test.each<[Resources, string]>([
    [{ cpus: 500, mem: 1_024_000 }, 'cpus 0.5, mem 1024 MiB'],
    [{ disk: 1500 }, 'disk 1.5 MiB'],
    [{ gpus: 2000, cpus: 0 }, 'gpus 2'],
    [{ cpus: 0 }, 'nothing'],
    [{}, 'nothing'],
  ])('%j is %s', (of, words) => {
    expect(show(of)).toBe(words)
  })

  test('a scalar is shown even if there is none of it', () => {
    expect(showScalar('mem', 0)).toBe('mem 0 MiB')
  })
})
