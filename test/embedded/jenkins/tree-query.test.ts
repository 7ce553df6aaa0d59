import { describe, expect, test } from '@jest/globals'
import { byDepth, byTree, exported, inlined, property, visible } from '../../../src/embedded/jenkins/tree-query.ts'

const leaf = (name: string) =>
  exported(name, undefined, [visible('name', (one) => one), property('size', () => name.length)])
const root = exported('root', 'Root', [
  property('title', () => 'x'),
  property('leaves', () => ['one', 'three', 'four'].map(leaf)),
  inlined('own', () => [leaf('own')]),
  property(
    'data',
    () =>
      new Map([
        ['key', leaf('deep')],
        ['none', null],
      ]),
  ),
])

describe('a tree query', () => {
  test.each([
    ['title', { title: 'x' }],
    ['leaves', { leaves: [{}, {}, {}] }],
    ['leaves[name]', { leaves: [{ name: 'one' }, { name: 'three' }, { name: 'four' }] }],
    ['leaves[name]{1,2}', { leaves: [{ name: 'three' }] }],
    ['leaves[name]{1,}', { leaves: [{ name: 'three' }, { name: 'four' }] }],
    ['leaves[name]{,1}', { leaves: [{ name: 'one' }] }],
    ['leaves[name]{2}', { leaves: [{ name: 'four' }] }],
    ['title, leaves [size] {0,1}', { title: 'x', leaves: [{ size: 3 }] }],
    ['own[*]', { own: [{ name: 'own', size: 3 }] }],
    ['data[*]', { data: { key: { name: 'deep', size: 4 }, none: null } }],
    ['*,own[size]', { title: 'x', leaves: [{}, {}, {}], own: [{ size: 3 }], data: { key: {}, none: null } }],
    ['nosuch', {}],
  ])('%s shows what it names', (tree, shown) => {
    expect(root.write(byTree(tree))).toEqual({ _class: 'Root', ...shown })
  })

  test.each(['', 'a[', 'a[b', 'a]', 'a[]', ',a', 'a,', 'a{x}', 'a{1', 'a b'])('"%s" is refused', (tree) => {
    expect(() => byTree(tree)).toThrow('tree:')
  })

  test('by depth shows what is visible at each level', () => {
    const leaves = ['one', 'three', 'four']
    expect(root.write(byDepth(0))).toMatchObject({
      leaves: leaves.map((name) => ({ name })),
      own: [{ name: 'own', size: 3 }],
    })
    expect(root.write(byDepth(1))).toMatchObject({ leaves: leaves.map((name) => ({ name, size: name.length })) })
  })
})
