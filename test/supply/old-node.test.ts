import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

/** The built program, in a process that says of itself that it is another Node. */
function startedBy(version: string, main = 'dist/src/main.js') {
  const disguise = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`
  const words = ['--import', `data:text/javascript,${disguise}`, main, '--version']
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', env: {} })
  return { status, stdout, stderr }
}

test.each(['14.21.3', '18.20.8', '20.18.3'])('Node %s is told which one is needed, and no stack', (version) => {
  const { status, stdout, stderr } = startedBy(version)
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    `jenkins-mesos-sidecar needs Node 20.19 or newer, and this is Node ${version}: install a newer one`,
  )
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test.each(['20.19.0', '22.0.0', '24.21.0', '100.0.0'])('Node %s may run it', (version) => {
  expect(startedBy(version)).toMatchObject({ status: 0, stderr: '' })
})

test('without its other files it says how to get them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-packages-'))
  try {
    mkdirSync(join(folder, 'dist/src'), { recursive: true })
    cpSync('dist/src/main.js', join(folder, 'dist/src/main.js'))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const { status, stderr } = startedBy('24.21.0', join(folder, 'dist/src/main.js'))
    expect(status).toBe(1)
    expect(stderr).toMatch(/A part of the program is missing: .*\n.*`npm ci` .*`npm run build`/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
