import { describe, expect, test } from '@jest/globals'
import { judgeJenkins, type KnownJenkins } from '../../src/core/jenkins-identity.ts'

const a: KnownJenkins = { identity: 'a', url: 'http://ci/' }
const b: KnownJenkins = { identity: 'b', url: 'http://ci/' }
const silent: KnownJenkins = { identity: undefined, url: 'http://ci/' }
const moved = (known: KnownJenkins): KnownJenkins => ({ ...known, url: 'http://new/' })

describe('which Jenkins it is', () => {
  test.each<[string, KnownJenkins | undefined, KnownJenkins, number, 'same' | 'moved' | 'other']>([
    ['the first that was ever seen', undefined, a, 0, 'same'],
    ['the same', a, a, 9, 'same'],
    ['another, with agents of ours', a, b, 9, 'other'],
    ['another, with none', a, b, 0, 'other'],
    ['another at another URL', a, moved(b), 9, 'other'],
    ['the same at another URL', a, moved(a), 9, 'moved'],
    ['one that never tells, at the same URL', silent, silent, 9, 'same'],
    ['one that does not tell any more, at the same URL', a, silent, 9, 'same'],
    ['one that begins to tell, at the same URL', silent, a, 9, 'same'],
    ['invariant 6: one that does not tell, at another URL, with agents', silent, moved(silent), 1, 'other'],
    ['invariant 6: one that does not tell any more, at another URL, with agents', a, moved(silent), 1, 'other'],
    ['one that does not tell, at another URL, without agents', a, moved(silent), 0, 'same'],
  ])('%s', (_what, stored, found, agents, kind) => {
    expect(judgeJenkins(stored, found, agents).kind).toBe(kind)
  })

  test('what it told once is not forgotten while it does not tell', () => {
    expect(judgeJenkins(a, silent, 1)).toEqual({ kind: 'same', known: a })
    expect(judgeJenkins(a, moved(silent), 0)).toEqual({ kind: 'same', known: moved(silent) })
    expect(judgeJenkins(silent, a, 1)).toEqual({ kind: 'same', known: a })
  })
})
