import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { SETTINGS } from '../../src/config/settings.ts'
import { environmentReads, scriptReads } from './environment-reads.ts'
import { CONFIGURATION, fillInSettings, SETTINGS_BLOCK } from './settings-manual.ts'

const page = readFileSync(CONFIGURATION, 'utf8')
const settings = SETTINGS.map(({ name }) => name)

/** The cells of a table's rows, without padding. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^\| *(`[^|]+)\|(.*)\|$/gm)].map(([, first = '', rest = '']) => [
    first.trim(),
    ...rest.split('|').map((cell) => cell.trim()),
  ])
}

/** Variables that the first column of tables names; `<NAME>` in one stands for what others choose. */
function namesIn(text: string): readonly string[] {
  return rowsOf(text).flatMap(([first = '']) =>
    [...first.matchAll(/`([A-Z][A-Z0-9_]+(?:<[A-Z]+>)?)`/g)].map(([, name = '']) => name),
  )
}

const [, section = ''] = /^## Other variables that are read$([^]*?)^## /m.exec(page) ?? []
const others = namesIn(section)
const testing = readFileSync('docs/testing.md', 'utf8')
const ofTests = namesIn(testing)
const isDocumented = (name: string, documented: readonly string[]): boolean =>
  documented.some((each) => new RegExp(`^${each.replaceAll(/<[^>]+>/g, '[A-Z0-9_]+')}$`).test(name))

function filesIn(folder: string, isMeant: (name: string) => boolean): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isMeant(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
}

describe('the settings', () => {
  test('the tables are what `npm run docs` makes of the program', () => {
    expect(page).toBe(fillInSettings(page))
  })

  test('every setting stands in one table, with its default and its description', () => {
    const tables = [...page.matchAll(SETTINGS_BLOCK)].map(([table]) => table).join('\n')
    const rows = rowsOf(tables).map(([name = '', value, description]) => ({
      name: name.replaceAll('`', ''),
      default: value,
      description,
    }))
    const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)
    expect(rows.toSorted(byName)).toEqual(SETTINGS.toSorted(byName))
  })
})

/** Where a variable is read whose name is made of others, or the environment goes on as a whole, and why. */
const NOT_BY_NAME: Readonly<Record<string, string>> = {
  'src/config/env.ts': 'the settings, by their names in the schema',
  'src/config/pod.ts': 'the ports of endpoints, and settings that are derived of them',
  'src/config/read-plugin.ts': 'settings that the plugin stands for',
  'src/config/references.ts': 'settings, and what Marathon and Mesos set, which they may refer to',
  'src/config/show-settings.ts': 'the settings, by their names in the schema',
  'src/config/told-addresses.ts': 'whether three settings are given',
  'src/config/tls-files.ts': 'names that are made of a kind and an end, all of them settings',
  'src/mesos/command-posix.ts': 'a variable that this very command sets',
  'src/cli/process.ts': 'hands it to the configuration',
  'src/embedded/marathon/environment.ts': 'variables that it gives to what it starts, and puts into its files',
  'src/embedded/jenkins/demo-agent.ts': 'builds of the demo get what their agent has',
}

/** Documented, and read by Node on our behalf: the file that has it do so. */
const BY_NODE: Readonly<Record<string, string>> = {
  NO_COLOR: 'src/cli/terminal/paper.ts',
  FORCE_COLOR: 'src/cli/terminal/paper.ts',
}

const sources = ['src', 'plugins'].flatMap((folder) => filesIn(folder, (name) => /\.(ts|js|mjs)$/.test(name)))
const inSources = sources.flatMap((path) =>
  environmentReads(path, readFileSync(path, 'utf8')).map((read) => ({ ...read, path })),
)
const scripts = ['docker', 'marathon', '.ci'].flatMap((folder) =>
  readdirSync('.').includes(folder) ? filesIn(folder, (name) => !/\.(md|png)$/.test(name)) : [],
)
const inScripts = scripts.flatMap((path) =>
  scriptReads(path, readFileSync(path, 'utf8')).map((name) => ({ name, path })),
)

describe('every variable that is read', () => {
  test('in the sources is documented', () => {
    const named = inSources.filter(({ kind }) => kind === 'named')
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter(({ name }) => !isDocumented(name, [...settings, ...others]))).toEqual([])
  })

  test('in images, pods and scripts is documented', () => {
    const isToldOf = ({ name, path }: { readonly name: string; readonly path: string }): boolean =>
      isDocumented(name, [...settings, ...others]) || (path.startsWith('.ci') && testing.includes(`\`${name}\``))
    expect(inScripts.filter((read) => !isToldOf(read))).toEqual([])
  })

  test('otherwise than by its name is read where that is known to be of no harm', () => {
    const places = new Set(inSources.filter(({ kind }) => kind !== 'named').map(({ path }) => path))
    expect([...places].sort()).toEqual(Object.keys(NOT_BY_NAME).sort())
  })

  test('in the tests is documented', () => {
    const paths = filesIn('test', (name) => name.endsWith('.ts')).filter((path) => !path.startsWith('test/docs/'))
    const found = paths.flatMap((path) => [
      ...readFileSync(path, 'utf8').matchAll(/\bprocess\.env(?:\['|\.)([A-Z0-9_]+)|'(TEST_[A-Z_]+)'/g),
    ])
    const read = new Set(found.map(([, variable, handedOn]) => variable ?? handedOn ?? ''))
    expect([...read].filter((name) => !isDocumented(name, ofTests)).toSorted()).toEqual([])
    expect(ofTests.filter((name) => !read.has(name))).toEqual([])
    expect(read.size).toBeGreaterThan(10)
  })
})

test('no variable is documented that is not read', () => {
  const read = new Set([...inSources, ...inScripts].map(({ name }) => name))
  for (const [name, path] of Object.entries(BY_NODE))
    if (/\bstyleText\b/.test(readFileSync(path, 'utf8'))) read.add(name)
  expect(others.length).toBeGreaterThan(5)
  expect(others.filter((name) => ![...read].some((each) => isDocumented(each, [name])))).toEqual([])
})

describe('a read that was planted is found', () => {
  test.each([
    ["const x = process.env['PLANTED']", 'named', 'PLANTED'],
    ['const x = process.env.PLANTED', 'named', 'PLANTED'],
    ['const { PLANTED } = process.env', 'named', 'PLANTED'],
    ['const { PLANTED: other } = io.env', 'named', 'PLANTED'],
    ['function f({ PLANTED }: NodeJS.ProcessEnv) {}', 'named', 'PLANTED'],
    ["function f(vars: Variables) { return vars['PLANTED'] }", 'named', 'PLANTED'],
    ["const e = process.env\nconst x = e['PLANTED']", 'named', 'PLANTED'],
    ["const x = given(variables, 'PLANTED')", 'named', 'PLANTED'],
    ["const x = Object.hasOwn(io.env, 'PLANTED')", 'named', 'PLANTED'],
    ["class A { #env\n f() { return this.#env['PLANTED'] } }", 'named', 'PLANTED'],
    ['const line = `exec "$PLANTED"`', 'named', 'PLANTED'],
    ["const line = 'cd %PLANTED%'", 'named', 'PLANTED'],
    ['const x = process.env[name]', 'computed', 'process.env[name]'],
    ['const x = given(variables, name)', 'computed', 'given(variables, name)'],
    ['const line = `exec "$${name}"`', 'computed', '`exec "$${'],
    ['start({ ...process.env })', 'whole', 'process.env'],
    ['const { env } = process', 'whole', 'env'],
    ["import { env } from 'node:process'", 'whole', 'env'],
  ])('%s', (text, kind, name) => {
    expect(environmentReads('planted.ts', text)).toContainEqual(expect.objectContaining({ kind, name }))
  })

  test('in a script', () => {
    const script = 'OWN=1\n# $COMMENT\nfor EACH in a; do echo "$OWN $EACH ${PLANTED:-x} $SECONDS"; done\n'
    expect(scriptReads('planted.sh', script)).toEqual(['PLANTED'])
    expect(scriptReads('planted.json', '{ "OWN": "1", "cmd": "$OWN ${PLANTED}" }')).toEqual(['PLANTED'])
    expect(scriptReads('planted.groovy', "System.getenv('PLANTED')")).toEqual(['PLANTED'])
  })
})
