import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

let folder: string
let tree: string

const CHANGES =
  '# Changelog\n\n## [Unreleased]\n\nTo become 0.1.0.\n\n### Added\n\n- A thing.\n\n## [0.0.9] - 2026-01-01\n\n- Old.\n'

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'))
  tree = join(folder, 'tree')
  mkdirSync(join(tree, 'docker/agent'), { recursive: true })
  for (const file of ['.ci', 'package.json', 'package-lock.json', '.npmrc', '.gitignore']) {
    cpSync(file, join(tree, file), { recursive: true })
  }
  write('CHANGELOG.md', CHANGES)
  write('docker/Dockerfile', '# ghcr.io/example/jenkins-mesos-sidecar:0.1.0 .\n')
  write(
    'docker/agent/Dockerfile',
    '# ghcr.io/example/jenkins-mesos-sidecar-agent:0.1.0\n# jenkins-mesos-sidecar:0.1.01\n',
  )
  mkdirSync(join(folder, 'bin'))
  for (const name of ['docker']) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'All')
  git('init', '--quiet', '--bare', join(folder, 'origin'))
  git('remote', 'add', 'origin', join(folder, 'origin'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function write(file: string, text: string): void {
  writeFileSync(join(tree, file), text)
}

function read(file: string): string {
  return readFileSync(join(tree, file), 'utf8')
}

const PERSON = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com']

function git(...words: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('git', [...PERSON, ...words], { cwd: tree, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

function release(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync('bash', ['.ci/release', ...words], {
    cwd: tree,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      GIT_AUTHOR_NAME: 'Somebody',
      GIT_AUTHOR_EMAIL: 'somebody@example.com',
      GIT_COMMITTER_NAME: 'Somebody',
      GIT_COMMITTER_EMAIL: 'somebody@example.com',
      ...env,
    },
  })
  return { status, out: stdout, err: stderr }
}

test('a release moves versions, changelog and image tags in one commit with a tag, and prints how to publish it', () => {
  const { status, out, err } = release(['minor', '--no-ci'])
  expect([status, err]).toEqual([0, ''])
  expect(git('log', '-1', '--format=%s')).toBe('Release 0.2.0')
  expect(git('tag', '--points-at', 'HEAD')).toBe('v0.2.0')
  expect(git('status', '--porcelain')).toBe('')
  const lock = JSON.parse(read('package-lock.json')) as {
    version: string
    packages: Record<string, { version: string }>
  }
  expect([JSON.parse(read('package.json')), lock.version, lock.packages['']?.version]).toMatchObject([
    { version: '0.2.0' },
    '0.2.0',
    '0.2.0',
  ])
  expect(read('CHANGELOG.md')).toMatch(
    /^# Changelog\n\n## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- A thing\.\n\n## \[0\.0\.9\]/,
  )
  expect(read('docker/Dockerfile')).toBe('# ghcr.io/example/jenkins-mesos-sidecar:0.2.0 .\n')
  expect(read('docker/agent/Dockerfile')).toBe(
    '# ghcr.io/example/jenkins-mesos-sidecar-agent:0.2.0\n# jenkins-mesos-sidecar:0.1.01\n',
  )
  expect(JSON.parse(read('artifacts/jenkins-mesos-sidecar-0.2.0.cdx.json'))).toMatchObject({ bomFormat: 'CycloneDX' })
  expect(out).toContain(
    '--tag ghcr.io/example/jenkins-mesos-sidecar:0.2.0 --tag ghcr.io/example/jenkins-mesos-sidecar:0.2 --tag ghcr.io/example/jenkins-mesos-sidecar:latest .',
  )
  expect(existsSync(join(folder, 'calls'))).toBe(false)
}, 60_000)

test('with --push the commit, the tag and both images go out', () => {
  const { status } = release(['0.1.0', '--no-ci', '--push'], { REGISTRY: 'registry.example.com/team' })
  expect(status).toBe(0)
  expect(
    git('ls-remote', 'origin')
      .split('\n')
      .map((line) => line.split('\t')[1]),
  ).toEqual(expect.arrayContaining(['refs/heads/main', 'refs/tags/v0.1.0']))
  const calls = readFileSync(join(folder, 'calls'), 'utf8')
  expect(calls.match(/^docker buildx build .*--push .*registry\.example\.com\/team\/[a-z-]+:0\.1\.0 /gm)).toHaveLength(
    2,
  )
}, 60_000)

test('a dry run changes nothing', () => {
  const { status, out } = release(['patch', '--dry-run'])
  expect([status, git('status', '--porcelain'), git('tag'), git('log', '-1', '--format=%s')]).toEqual([
    0,
    '',
    '',
    'All',
  ])
  expect(out).toContain('Would make 0.1.1 (now 0.1.0)')
  expect(out).toContain('- A thing.')
})

test('everything that stands in the way is told at once, and nothing is changed', () => {
  git('tag', 'v0.0.1')
  git('switch', '--quiet', '--create', 'other')
  write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n')
  const { status, err } = release(['0.0.1', '--push'])
  expect(status).toBe(1)
  for (const words of ['not committed', '"other"', 'a tag v0.0.1', 'older than 0.1.0', 'has no line', 'placeholder']) {
    expect(err).toContain(words)
  }
  expect(release(['soon']).err).toContain('"soon" is no version')
  expect(release(['--now']).status).toBe(2)
})
