import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { makeFolder } from '../../src/store/folder.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sidecar-folder-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('a folder that is to be there', () => {
  test('is made with those above it, for this user alone, and the topmost new one is told', () => {
    expect(makeFolder(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'))
    expect(statSync(join(root, 'a', 'b', 'c')).mode & 0o777).toBe(0o700)
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700)
    expect(makeFolder(join(root, 'a', 'd'))).toBe(join(root, 'a', 'd'))
  })

  test('is left as it is where it is there, behind a link too', () => {
    mkdirSync(join(root, 'there'), { mode: 0o755 })
    symlinkSync(join(root, 'there'), join(root, 'link'))
    expect(makeFolder(join(root, 'there'))).toBeUndefined()
    expect(makeFolder(join(root, 'link'))).toBeUndefined()
    expect(makeFolder(root)).toBeUndefined()
    expect(statSync(join(root, 'there')).mode & 0o777).toBe(0o755)
  })

  test.each([
    ['a file in its place', () => join(root, 'file'), 'EEXIST'],
    ['a file above it', () => join(root, 'file', 'a', 'b'), 'ENOTDIR'],
    ['a link to nowhere', () => join(root, 'nowhere'), 'EEXIST'],
  ])('%s is an error', (_what, path, code) => {
    writeFileSync(join(root, 'file'), '')
    symlinkSync(join(root, 'gone'), join(root, 'nowhere'))
    expect(() => makeFolder(path())).toThrow(expect.objectContaining({ code }))
  })

  const onLinux = existsSync('/proc/self') ? test : test.skip
  onLinux.each(['/proc/x', '/proc/x/y'])('%s, where no folder can be made, is an error and no endless loop', (path) => {
    expect(() => makeFolder(path)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })
})
