import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { linkTo, linkWith, parseRoute } from '../../../plugins/dashboard/static/lib/router.js'

const params = fc.dictionary(
  fc.string({ minLength: 1 }),
  fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
)

describe('addresses', () => {
  test.each([
    ['', 'overview', ''],
    ['#', 'overview', ''],
    ['#/', 'overview', ''],
    ['#/queue', 'queue', ''],
    ['#/queue/', 'queue', ''],
    ['#/queue?state=capped&state=paused&q=a%20b', 'queue', 'state=capped&state=paused&q=a+b'],
    ['#/?q=x', 'overview', 'q=x'],
    ['#queue', 'queue', ''],
    ['#/queue?q=%', 'queue', 'q=%25'],
  ])('%j is view %s with %j', (hash, view, search) => {
    const route = parseRoute(hash)
    expect([route.view, route.params.toString()]).toEqual([view, search])
  })

  test('lead back to what they were made of', () => {
    fc.assert(
      fc.property(fc.constantFrom('overview', 'queue', 'agents'), params, (view, given) => {
        const route = parseRoute(linkTo(view, given))
        expect(route.view).toBe(view)
        expect(
          Object.fromEntries([...new Set(route.params.keys())].map((name) => [name, route.params.getAll(name)])),
        ).toEqual(Object.fromEntries(Object.entries(given)))
      }),
    )
  })

  test('change one thing and keep the others', () => {
    const route = parseRoute('#/queue?state=capped&state=paused&q=app&item=7')
    expect(linkWith(route, { item: undefined })).toBe('#/queue?state=capped&state=paused&q=app')
    expect(linkWith(route, { state: [], q: '' })).toBe('#/queue?item=7')
    expect(linkWith(route, { template: 'a b' })).toBe('#/queue?state=capped&state=paused&q=app&item=7&template=a+b')
  })
})
