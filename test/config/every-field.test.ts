import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { readConfig } from '../../src/config/read-config.ts'
import { fieldsOf } from '../docs/template-manual.ts'

const FILE = 'test/fixtures/templates/every-field.yaml'
const AUTH = '{"auths":{"registry.example.com":{"auth":"dXNlcjpodW50ZXIy"}}}'

const VARIABLES = {
  JENKINS_URL: 'https://ci.example.com/',
  JENKINS_USER: 'sidecar',
  JENKINS_TOKEN: 'token-1',
  MESOS_MASTER: 'http://m1:5050',
  MESOS_ROLES: 'ci',
  MESOS_USER: 'jenkins',
  SIDECAR_URL: 'http://host:8091',
  TEMPLATES_FILE: FILE,
}

const text = readFileSync(FILE, 'utf8')
const reading = readConfig(VARIABLES, (path) => (path === FILE ? text : AUTH))

test('a file with every field has no mistake, and no warning but those of what is visible', () => {
  expect(reading).toMatchObject({
    ok: true,
    warnings: [
      expect.stringMatching(/templates\.seen\.container\.registryAuthFile: the state of the Mesos master shows/),
      expect.stringMatching(/templates\.seen\.secretVia: environment shows the secret/),
    ],
    files: [FILE, '/run/secrets/docker.json'],
  })
})

test('it has every field that there is', () => {
  const { templates } = parse(text) as { templates: Record<string, unknown> }
  const used = new Set(Object.values(templates).flatMap((template) => pathsIn(template)))
  expect(fieldsOf().filter(({ path }) => !used.has(path))).toEqual([])
})

/** As the manual writes them: `uris[].value`. */
function pathsIn(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((entry) => pathsIn(entry, `${path}[]`))]
  if (typeof value !== 'object' || value === null) return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([name, each]) => pathsIn(each, path === '' ? name : `${path}.${name}`)),
  ]
}

test('invariant 10: what is in the registry’s file is not shown', () => {
  expect(JSON.stringify(reading)).not.toContain('dXNlcjpodW50ZXIy')
  const seen = reading.ok && reading.config.templates.find(({ name }) => name === 'seen')
  const auth = seen && seen.launch.container?.registryAuth
  expect(auth && auth.kind === 'value' && auth.value.reveal()).toBe(AUTH)
})
