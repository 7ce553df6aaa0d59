import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'
import { TemplateInput } from '../../src/config/template-schema.ts'
import type { Template } from '../../src/core/template.ts'
import { BLOCK, type Field, fieldsOf, fillIn, MANUAL } from './template-manual.ts'

const manual = readFileSync(MANUAL, 'utf8')

/** The templates of a YAML text, which must be without a mistake or a warning that is not expected. */
function templatesOf(yaml: string, warnings: readonly RegExp[] = []): readonly Template[] {
  const variables = { JENKINS_URL: 'http://ci.test', JENKINS_USER: 'u', JENKINS_TOKEN: 't', TEMPLATES_FILE: 't.yaml' }
  const reading = readConfig(variables, (path) => (path === 't.yaml' ? yaml : '{"auths":{"r":{"auth":"eDp5"}}}'))
  if (!reading.ok) throw new Error(`${reading.mistakes.join('\n')}\n${yaml}`)
  const ours = reading.warnings.filter((warning) => !warning.startsWith('JENKINS_'))
  expect(ours.filter((warning) => !warnings.some((expected) => expected.test(warning)))).toEqual([])
  return reading.config.templates
}

test('the tables are what `npm run docs` makes of the schema', () => {
  expect(manual).toMatch(BLOCK)
  expect(manual).toBe(fillIn(manual))
})

test('every field stands in one table', () => {
  const named = [...manual.matchAll(BLOCK)].flatMap(([, names = '']) => names.split(' '))
  expect(named.toSorted()).toEqual(Object.keys(TemplateInput.properties).toSorted())
})

test('every field has a description, and an example or fields of its own', () => {
  const fields = fieldsOf()
  const withoutExample = fields.filter(({ path, note, description }) => {
    const hasFields = fields.some((other) => other.path.startsWith(`${path}.`) || other.path.startsWith(`${path}[].`))
    return description === '' || (note.example === undefined && !hasFields)
  })
  expect(withoutExample).toEqual([])
})

const examples = [...manual.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml)
test.each(examples)('what the manual shows can be read: %#', (yaml) => {
  expect(templatesOf(yaml).length).toBeGreaterThan(0)
})

test('the manual shows what is inherited', () => {
  const [small, big, bare] = templatesOf(examples.find((yaml) => yaml.includes('from: base')) ?? '')
  expect(small).toMatchObject({ labels: ['small'], launch: { environment: { SITE: 'eu' } } })
  expect(big).toMatchObject({ memMib: { agent: 512, perExecutor: 8192 }, launch: { container: { network: 'HOST' } } })
  expect(big?.launch.environment).toEqual({ LANG: 'C.UTF-8', SIZE: 'big' })
  expect(bare?.launch.container).toBeUndefined()
})

/** What some fields need beside them. */
const BESIDE: Readonly<Record<string, string>> = {
  from: 'base: { abstract: true }',
}
const MORE: Readonly<Record<string, string>> = {
  networkNames: 'network: USER',
  dockerInDocker: 'type: MESOS',
  registryAuthFile: 'type: MESOS',
  registryAuthSecret: 'type: MESOS',
}

describe('what the tables say of a field is so', () => {
  const top = fieldsOf().filter(({ path }) => !/[.[]/.test(path) && path !== 'abstract' && path !== 'role')
  const expected = [/secretVia: environment shows/, /holds for ever/, /shows this login/]

  test.each(top.filter(({ note }) => note.example !== undefined))('the example of $path', ({ path, note }: Field) => {
    const beside = BESIDE[path] === undefined ? '' : `${BESIDE[path]}\n  `
    templatesOf(`templates:\n  ${beside}t:\n    ${path}: ${note.example}\n`, expected)
  })

  const nested = fieldsOf().filter(
    ({ path, note }) => /^(container|cpus|memMib|executors|headroom|nodeProperties)\.\w+$/.test(path) && note.example,
  )
  test.each(nested)('the example of $path', ({ path, note }: Field) => {
    const [map = '', name = ''] = path.split('.')
    const needed = fieldsOf().filter(
      (field) => field.required && field.path.startsWith(`${map}.`) && !field.path.includes('[') && field.path !== path,
    )
    const fields = [
      ...needed.map((field) => `${field.path.split('.')[1]}: ${field.note.example}`),
      ...(MORE[name] ? [MORE[name]] : []),
      `${name}: ${note.example}`,
    ]
    const secret = name === 'registryAuthFile' ? ', secretVia: environment' : ''
    templatesOf(`templates: { t: { ${map}: { ${fields.join(', ')} }${secret} } }`, expected)
  })

  const withDefault = fieldsOf().filter(
    ({ path, note }) => note.default !== undefined && !path.includes('[') && path !== 'abstract',
  )
  test.each(withDefault)('the default of $path', ({ path, note }: Field) => {
    const value = JSON.stringify(note.default)
    const [map = '', name] = path.split('.')
    const around = map === 'container' ? 'container: { image: x }' : ''
    const said =
      name === undefined
        ? `${path}: ${value}`
        : map === 'container'
          ? `container: { image: x, ${name}: ${value} }`
          : `${map}: { ${name}: ${value} }`
    // Whoever writes the command looks after Java.
    const preflight = path === 'agentCommand' ? ', preflight: true' : ''
    const [without] = templatesOf(`templates: { t: { ${around} } }`)
    const [withIt] = templatesOf(`templates: { t: { ${said}${preflight} } }`)
    expect(withIt?.revision).toBe(without?.revision)
  })
})
