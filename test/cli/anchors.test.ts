import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { dropAnchors, makeAnchors } from '../../src/cli/anchors.ts'
import { PIPE } from '../../src/cli/terminal/paper.ts'
import { type RunningJenkins, startEmbeddedJenkins } from '../../src/compose-embedded.ts'
import type { Config } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { systemClock } from '../../src/system-clock.ts'
import { anchorOf, aReading, aRecord, aTemplate, nodeOf } from '../support/builders.ts'
import { aLog } from '../support/log.ts'
import { aRig } from '../support/loop-rig.ts'
import { command } from './command.ts'

let folder: string
let jenkins: RunningJenkins

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sidecar-anchors-'))
  jenkins = await startEmbeddedJenkins({ clock: systemClock, log: aLog().log, folder })
})

afterAll(async () => {
  await jenkins.close()
  rmSync(folder, { recursive: true, force: true })
})

function environment(labels: string, name = 'ours'): Record<string, string> {
  return {
    JENKINS_URL: jenkins.url,
    JENKINS_USER: jenkins.user,
    JENKINS_TOKEN: jenkins.token,
    MESOS_MASTER: 'http://127.0.0.1:1',
    MESOS_USER: 'ci',
    MESOS_FRAMEWORK_NAME: name,
    SIDECAR_URL: 'http://127.0.0.1:2',
    STATE_URL: `file:${join(folder, 'state')}`,
    TEMPLATES: JSON.stringify({ templates: { linux: { labels: labels.split(' ') }, arm: { labels: ['arm'] } } }),
  }
}

async function run(args: readonly string[], env: Record<string, string>) {
  const { exitCode, out, err } = command(args, env)
  return { code: await exitCode, out: out.join('\n'), err: err.join('\n') }
}

const anchors = (): readonly string[] => jenkins.jenkins.nodes.map(({ name }) => name).sort()

test('anchors are made once, follow the labels, and go when they are told to', async () => {
  const env = environment('linux')
  const first = await run(['anchors', 'create'], env)
  expect(first.code).toBe(0)
  expect(first.out).toMatch(/linux +anchor-linux +linux +made/)
  expect(anchors()).toEqual(['anchor-arm', 'anchor-linux'])

  const second = await run(['anchors', 'create'], env)
  expect([second.code, second.out.includes('made')]).toEqual([0, false])
  expect(second.out).toMatch(/linux +anchor-linux +linux +was there/)

  const changed = await run(['anchors', 'create'], environment('linux docker'))
  expect(changed.code).toBe(0)
  expect(changed.out).toContain('anchor-linux: removed')
  expect(anchors()).toEqual(['anchor-arm', 'anchor-linux-2'])

  const others = await run(['anchors', 'remove', '--yes'], environment('linux', 'another'))
  expect([others.code, others.out]).toEqual([0, 'There is no anchor of another.'])

  const asked = await run(['anchors', 'remove'], env)
  expect(asked.out).toContain('Would be removed: anchor-')
  expect(asked.out).toContain('Stop the sidecar first')
  expect(anchors()).toHaveLength(2)

  const removed = await run(['anchors', 'remove', '--yes'], env)
  expect([removed.code, removed.out.split('\n').sort()]).toEqual([
    0,
    ['anchor-arm: removed', 'anchor-linux-2: removed'],
  ])
  expect(anchors()).toEqual([])
})

test.each([
  [['anchors'], 'anchors needs one word more: anchors create, or anchors remove.'],
  [['anchors', 'burn'], 'anchors needs one word more: anchors create, or anchors remove.'],
  [['anchors', 'create', '--yes'], 'anchors create takes no --yes.'],
  [['anchors', 'create', 'linux'], 'anchors create takes no further words, but got linux.'],
])('%j is refused', async (args, words) => {
  const { code, err } = await run(args, {})
  expect(code).toBe(2)
  expect(err).toContain(words)
})

test('a Jenkins that cannot be read is said, and nothing else', async () => {
  const { code, err } = await run(['anchors', 'create'], {
    ...environment('linux'),
    JENKINS_URL: 'http://127.0.0.1:1/',
  })
  expect(code).toBe(1)
  expect(err).toContain('Jenkins cannot be read')
})

describe('with a Jenkins in memory', () => {
  const linux = aTemplate()
  let lines: string[]
  let io: Parameters<typeof makeAnchors>[2]
  beforeEach(() => {
    lines = []
    const line = (text: string): void => {
      lines.push(text)
    }
    io = { out: line, err: line, paper: { out: PIPE, err: PIPE }, stopped: new AbortController().signal }
  })
  const config = (): Pick<Config, 'templates' | 'mesos'> => {
    const reading = readConfig({ MESOS_FRAMEWORK_NAME: 'jenkins' }, () => '')
    if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
    return { templates: [linux], mesos: reading.config.mesos }
  }

  test('an anchor that cannot be made is said with the reason, after one try', async () => {
    let tries = 0
    const { context } = aRig({
      jenkins: {
        read: async () => aReading(),
        createNode: () => {
          tries += 1
          return Promise.reject(new Error('403: the user lacks Agent/Create'))
        },
      },
    })
    expect(await makeAnchors(context.jenkins, config(), io)).toBe(1)
    expect(tries).toBe(1)
    expect(lines.join('\n')).toContain('anchor-linux: 403: the user lacks Agent/Create')
    expect(lines.join('\n')).toMatch(/linux +linux +missing/)
  })

  test('invariant 1: an anchor on which a build runs stays', async () => {
    const busy = anchorOf(linux, { running: [{ url: 'b/1', name: 'b' }], idle: false })
    const { context, calls } = aRig({ jenkins: { read: async () => aReading({ nodes: [busy] }) } })
    expect(await dropAnchors(context.jenkins, config(), true, io)).toBe(0)
    expect(calls.map(({ name }) => name)).toEqual([])
    expect(lines[0]).toContain('anchor-linux stays: a build runs there')
  })

  test('agents of the same sidecar are a warning that it runs', async () => {
    const nodes = [anchorOf(linux), nodeOf(aRecord())]
    const { context, calls } = aRig({ jenkins: { read: async () => aReading({ nodes }) } })
    expect(await dropAnchors(context.jenkins, config(), true, io)).toBe(0)
    expect(calls).toMatchObject([{ name: 'deleteNode', args: ['anchor-linux'] }])
    expect(lines.join('\n')).toContain('a sidecar that runs makes its anchors again')
  })
})
