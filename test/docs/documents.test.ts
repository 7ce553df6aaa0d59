import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'
import { documentedServer } from './documented-server.ts'

const DECISIONS = 'docs/decisions'
const decisions = readdirSync(DECISIONS).sort()
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  ...decisions.map((name) => join(DECISIONS, name)),
]

describe.each(documents)('%s', (document) => {
  const text = readFileSync(document, 'utf8')

  test('links to what exists', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => join(dirname(document), link))
    expect(links.filter((link) => !existsSync(link))).toEqual([])
  })

  test('names npm commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    const named = [...text.matchAll(/\bnpm (?:run ([a-z:-]+)|(start|test)\b)/g)].map(([, run, own = '']) => run ?? own)
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })
})

const readme = readFileSync('README.md', 'utf8')

/** The cells of a table's rows, without padding; `code` around the whole of the first one is left off. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^\| *`([^`]+)`[^|]*\|(.*)\|$/gm)].map(([, first = '', rest = '']) => [
    first,
    ...rest.split('|').map((cell) => cell.trim()),
  ])
}

test('the environment that README shows is accepted together with its templates', () => {
  const variables = Object.fromEntries(
    [...readme.matchAll(/^ *export ([A-Z_]+)=(\S+)(?: #.*)?$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? []
  const files: Readonly<Record<string, string>> = {
    'templates.yaml': yaml,
    '/run/secrets/jenkins-token': 'token\n',
    '/run/secrets/mesos-secret': 'secret\n',
    '/etc/ssl/mesos-ca.pem': readFileSync('test/fixtures/tls/ca.pem', 'utf8'),
  }
  const reading = readConfig(variables, (path) => files[path] ?? '')
  expect(reading).toMatchObject({ ok: true, warnings: [] })
  expect([...reading.files].sort()).toEqual(Object.keys(files).sort())
  expect(reading.ok && reading.config.templates.map(({ name }) => name)).toEqual(['linux', 'release', 'cuda'])
})

test('the endpoints that README lists are those of the server', async () => {
  const app = await documentedServer()
  const routes = rowsOf(readme)
    .map(([first = '']) => first.split(' '))
    .filter(([method = '']) => /^(GET|POST)$/.test(method))
    .map(([method = '', url = '']) => ({ method, url }))
  expect(routes).toHaveLength(25)
  expect(routes.filter((route) => !app.hasRoute(route))).toEqual([])
})

test('architecture names folders that exist, and every folder of src', () => {
  const section = /^## Layout$([\s\S]*?)^## /m.exec(readFileSync('docs/architecture.md', 'utf8'))?.[1] ?? ''
  const named = rowsOf(section).map(([folder = '']) => folder)
  expect(named.filter((folder) => !existsSync(folder))).toEqual([])
  const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(named).toEqual(expect.arrayContaining(folders.map(({ name }) => `src/${name}`)))
})

test('decisions are numbered one by one, in their names and in their titles', () => {
  const numbers = decisions.map((name, index) => {
    const [title = ''] = readFileSync(join(DECISIONS, name), 'utf8').split('\n')
    return {
      name,
      expected: index + 1,
      inName: Number(name.slice(0, 4)),
      inTitle: Number(/^# (\d+)\. /.exec(title)?.[1]),
    }
  })
  for (const number of numbers) {
    expect(number).toEqual({ ...number, inName: number.expected, inTitle: number.expected })
  }
})
