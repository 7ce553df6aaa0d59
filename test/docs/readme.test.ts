import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'
import { SETTINGS } from '../../src/config/settings.ts'

const readme = readFileSync('README.md', 'utf8')

test('the settings are those of the program, with their defaults', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$/gm)].map(([, name, value, words]) => ({
    name,
    default: value,
    description: words,
  }))
  expect(rows).toEqual(SETTINGS.map(({ name, default: value, description }) => ({ name, default: value, description })))
})

test('the templates that it shows are accepted', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? []
  const env = {
    JENKINS_URL: 'https://ci.example.com/jenkins',
    JENKINS_USER: 'sidecar',
    JENKINS_TOKEN: 'token',
    MESOS_MASTER: 'http://10.0.0.1:5050,http://10.0.0.2:5050',
    MESOS_USER: 'jenkins',
    SIDECAR_URL: 'http://10.0.0.9:8091',
    TEMPLATES_FILE: 'templates.yaml',
  }
  expect(readConfig(env, () => yaml)).toMatchObject({ ok: true, warnings: [] })
})

test.each(['README.md', 'CONTRIBUTING.md'])('every npm script that %s names exists', (file) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = [...readFileSync(file, 'utf8').matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? '')
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
})

test.each(['README.md', 'CONTRIBUTING.md'])('every file that %s links to exists', (file) => {
  const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '')
  for (const link of links) if (!link.endsWith('/')) expect(readFileSync(link, 'utf8').length).toBeGreaterThan(0)
})
