import { describe, expect, test } from '@jest/globals'
import { onPath } from './need.ts'

describe('onPath', () => {
  test('finds a program that can be run', () => {
    expect(onPath('sh')).toBe(true)
  })

  test.each([
    ['a program that is nowhere', 'no-such-program', '/usr/bin:/bin'],
    ['a program in no folder at all', 'sh', ''],
    ['a file that cannot be run', 'passwd', '/etc'],
    ['a folder that does not exist', 'sh', '/no/such/folder'],
  ])('does not find %s', (_what, program, path) => {
    expect(onPath(program, path)).toBe(false)
  })
})
