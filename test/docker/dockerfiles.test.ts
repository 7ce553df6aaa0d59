import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { COMMANDS } from '../../src/cli/commands.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { allOf, copiedFiles, execForm, isSent, readDockerfile } from './dockerfile.ts'

const FILES = [
  'docker/Dockerfile',
  'docker/agent/Dockerfile',
  'docker/jenkins/Dockerfile',
  'docker/with-java/Dockerfile',
]
const { version, scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly version: string
  readonly scripts: Readonly<Record<string, string>>
}
const sidecar = readDockerfile('docker/Dockerfile')

describe.each(FILES)('%s', (file) => {
  const instructions = readDockerfile(file)

  test('copies only what is there and what builders are sent', () => {
    const top = file === 'docker/Dockerfile'
    for (const source of copiedFiles(instructions)) {
      const path = top ? source : join(dirname(file), source)
      expect([path, existsSync(path), !top || isSent(source, '.dockerignore')]).toEqual([path, true, true])
    }
  })

  test('starts from images that can be pinned by an argument', () => {
    const stages = allOf(instructions, 'FROM').map((rest) => / AS (\w+)/.exec(rest)?.[1])
    for (const rest of allOf(instructions, 'FROM')) {
      const [image = ''] = rest.split(' ')
      expect(image === 'scratch' || /^\$\{\w+_IMAGE\}$/.test(image) || stages.includes(image)).toBe(true)
    }
    for (const rest of allOf(instructions, 'ARG').filter((arg) => arg.includes('_IMAGE='))) {
      // Short names mean another registry to each builder, and the newest of anything is nothing to build on.
      expect(rest).toMatch(/^\w+_IMAGE=[a-z.]+\/[\w./-]+:[\w.-]+$/)
      expect(rest).not.toMatch(/:latest$/)
    }
  })

  test('needs no option that only some builders have', () => {
    for (const { rest } of instructions) expect(rest).not.toMatch(/--mount=|--chmod=|<</)
  })
})

test('secrets, history and what was built here are not sent to builders', () => {
  for (const path of ['.git', '.env', 'docker/secrets/api-tokens', 'node_modules', 'dist', '.state', 'test', 'docs']) {
    expect([path, isSent(path, '.dockerignore')]).toEqual([path, false])
  }
})

describe('the image of the sidecar', () => {
  test('runs as a user by number, the one that owns the state', () => {
    expect(allOf(sidecar, 'USER')).toEqual(['10001:10001'])
    expect(allOf(sidecar, 'RUN').at(-1)).toContain('chown 10001:10001 /var/lib/jenkins-mesos-sidecar')
    expect(allOf(sidecar, 'VOLUME').map(execForm)).toEqual([['/var/lib/jenkins-mesos-sidecar']])
  })

  test('exposes the ports that the settings have by default', () => {
    const ports = ['HTTP_PORT', 'AGENT_HTTP_PORT'].map(
      (name) => SETTINGS.find((setting) => setting.name === name)?.default,
    )
    expect(allOf(sidecar, 'EXPOSE')).toEqual([ports.join(' ')])
  })

  test('starts as npm start does, and asks itself by a command that there is', () => {
    const [entry = ''] = allOf(sidecar, 'ENTRYPOINT')
    expect(execForm(entry).join(' ')).toBe(scripts['start'])
    const [check = ''] = allOf(sidecar, 'HEALTHCHECK')
    const [node, main, ...words] = execForm(check)
    expect([node, main]).toEqual(['node', execForm(entry).at(-1)])
    expect(Object.keys(COMMANDS)).toContain(words.join(' '))
  })

  test('sets only settings that there are, with values that they take', () => {
    const [rest = ''] = allOf(sidecar, 'ENV')
    const env = Object.fromEntries(
      rest.split(/\s+/).map((word) => word.split(/=(.*)/s).slice(0, 2) as [string, string]),
    )
    const { NODE_ENV, ...settings } = env
    expect(NODE_ENV).toBe('production')
    const known = SETTINGS.map(({ name }) => name)
    expect(Object.keys(settings).filter((name) => !known.includes(name))).toEqual([])
    const reading = readConfig(settings, () => '')
    if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
    expect(reading.config).toMatchObject({ stateFolder: '/var/lib/jenkins-mesos-sidecar', http: { host: '0.0.0.0' } })
  })

  test.each(['docker/Dockerfile', 'docker/agent/Dockerfile'])('%s is of this version', (file) => {
    expect(allOf(readDockerfile(file), 'ARG')).toContain(`VERSION=${version}`)
  })
})

test('scripts that images and people run can be run', () => {
  for (const file of ['docker/agent/preflight.sh', 'docker/make-secrets']) {
    expect([file, statSync(file).mode & 0o111]).toEqual([file, 0o111])
  }
})
