import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readAssignment } from '../../src/marathon/assignment.ts'
import { applyPatch } from '../../src/marathon/patch.ts'
import { readPath, showPath } from '../../src/marathon/path.ts'

const POD = { id: '/a', containers: [{ name: 'one', cpus: 1, tags: ['x'] }, { name: 'two' }], plain: [1, 2] }

const rows: readonly [what: string, patch: unknown, result: unknown][] = [
  ['a field is replaced', { id: '/b' }, { ...POD, id: '/b' }],
  ['null takes a field away', { plain: null }, { id: POD.id, containers: POD.containers }],
  [
    'an entry is changed by its name',
    { containers: [{ name: 'two', cpus: 2 }] },
    { ...POD, containers: [POD.containers[0], { name: 'two', cpus: 2 }] },
  ],
  [
    'an entry is added by its name',
    { containers: [{ name: 'three' }] },
    { ...POD, containers: [...POD.containers, { name: 'three' }] },
  ],
  [
    'names may be fields',
    { containers: { one: { cpus: 3 } } },
    { ...POD, containers: [{ ...POD.containers[0], cpus: 3 }, { name: 'two' }] },
  ],
  ['null takes an entry away', { containers: { one: null } }, { ...POD, containers: [{ name: 'two' }] }],
  ['a list of values is replaced', { plain: [3] }, { ...POD, plain: [3] }],
  ['and its places may be fields', { plain: { 1: 9 } }, { ...POD, plain: [1, 9] }],
  ['nothing changes nothing', {}, POD],
]
test.each(rows)('%s', (_what, patch, result) => {
  expect(applyPatch(POD, patch)).toEqual({ value: result, mistakes: [] })
})

test('a name that is not there is a slip, never something new', () => {
  const { mistakes } = applyPatch(POD, { containers: { on: { cpus: 1 } } })
  expect(mistakes).toEqual([
    { path: ['containers', 'on'], words: 'is not there: maybe one is meant. There is one, two' },
  ])
})

test('no name is more than a name', () => {
  const { value } = applyPatch({}, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"a":1}}'))
  expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
  expect({}).not.toHaveProperty('polluted')
})

test('what was patched stays as it was', () => {
  const before = structuredClone(POD)
  applyPatch(POD, { containers: { one: { cpus: 9 }, two: null }, plain: null })
  expect(POD).toEqual(before)
})

describe('one value', () => {
  test.each<[string, unknown]>([
    ['a.mem=512', { a: { mem: 512 } }],
    ['a=true', { a: true }],
    ['a=null', { a: null }],
    ['a=text with = in it', { a: 'text with = in it' }],
    ['a=', { a: '' }],
    ['a={"b":1}', { a: { b: 1 } }],
    ['c.environment.PORT=8080', { c: { environment: { PORT: '8080' } } }],
    ['c.environment.FLAG=true', { c: { environment: { FLAG: 'true' } } }],
    ['c.environment.OLD=null', { c: { environment: { OLD: null } } }],
    ['c.environment.TOKEN={"secret":"t"}', { c: { environment: { TOKEN: { secret: 't' } } } }],
    [String.raw`labels.a\.b=1`, { labels: { 'a.b': '1' } }],
  ])('%s', (text, patch) => {
    expect(readAssignment(text)).toEqual({ patch })
  })
})

test('every path is read as it is shown', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (path) => {
      expect(readPath(showPath(path))).toEqual(path)
    }),
  )
})
