import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { moveTo, pagesOf, windowOf } from '../../../plugins/dashboard/static/lib/window.js'

const list = fc.record({
  total: fc.nat(20_000),
  rowHeight: fc.integer({ min: 20, max: 140 }),
  top: fc.integer({ min: -2_000_000, max: 3_000 }),
  seen: fc.integer({ min: 1, max: 3_000 }),
})

describe('the rows that are there', () => {
  test.each([
    ['at the top', { total: 10_000, rowHeight: 50, top: 200, seen: 800 }, { from: 0, to: 20 }],
    ['in the middle', { total: 10_000, rowHeight: 50, top: -5_000, seen: 800 }, { from: 92, to: 124 }],
    ['at the end', { total: 110, rowHeight: 50, top: -5_000, seen: 800 }, { from: 92, to: 110 }],
    ['of an empty list', { total: 0, rowHeight: 50, top: 0, seen: 800 }, { from: 0, to: 0 }],
    ['of a list far below', { total: 10, rowHeight: 50, top: 5_000, seen: 800 }, { from: 0, to: 0 }],
  ])('%s', (_where, given, rows) => {
    expect(windowOf(given)).toEqual(rows)
  })

  test('are all rows in sight and only few more, and rows that exist', () => {
    fc.assert(
      fc.property(list, (given) => {
        const { total, rowHeight, top, seen } = given
        const { from, to } = windowOf(given)
        expect(from).toBeGreaterThanOrEqual(0)
        expect(to).toBeGreaterThanOrEqual(from)
        expect(to).toBeLessThanOrEqual(total)
        expect(to - from).toBeLessThanOrEqual(Math.ceil(seen / rowHeight) + 2 * 8 + 2)
        for (const y of [0, Math.floor(seen / 2), seen - 1]) {
          const row = Math.floor((y - top) / rowHeight)
          if (row < 0 || row >= total) continue
          expect(row).toBeGreaterThanOrEqual(from)
          expect(row).toBeLessThan(to)
        }
      }),
    )
  })

  test('lie in the pages that are fetched, and none of these is needless', () => {
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 500 }), (given, pageSize) => {
        const window = windowOf(given)
        const pages = pagesOf(window, pageSize)
        for (const page of pages) {
          expect(page * pageSize).toBeLessThan(window.to)
          expect((page + 1) * pageSize).toBeGreaterThan(window.from)
        }
        for (const row of window.to > window.from ? [window.from, window.to - 1] : [])
          expect(pages).toContain(Math.floor(row / pageSize))
        expect(pages).toEqual([...new Set(pages)].sort((a, b) => a - b))
      }),
    )
  })
})

describe('keys', () => {
  test.each([
    ['ArrowDown', 4, 5],
    ['ArrowDown', 99, 99],
    ['ArrowUp', 0, 0],
    ['PageDown', 4, 14],
    ['PageUp', 4, 0],
    ['PageDown', 95, 99],
    ['Home', 50, 0],
    ['End', 50, 99],
  ])('%s leads from row %d to row %d', (key, from, to) => {
    expect(moveTo(key, from, 100, 10)).toBe(to)
  })

  test.each(['a', 'Tab', 'Escape', 'ArrowLeft', 'constructor', '__proto__'])('%s is not for the list', (key) => {
    expect(moveTo(key, 3, 100, 10)).toBeUndefined()
  })

  test('lead nowhere in an empty list', () => {
    expect(moveTo('End', 0, 0, 10)).toBeUndefined()
  })
})
