import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import GithubSlugger from 'github-slugger'
import { lexer, type Token, type Tokens, walkTokens } from 'marked'
import { readConfig } from '../../src/config/read-config.ts'
import { type Block, blocksOf } from './blocks.ts'
import { documentedServer } from './documented-server.ts'

const DECISIONS = 'docs/decisions'
const decisions = readdirSync(DECISIONS).toSorted()
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', '.github/SECURITY.md'].filter((path) => existsSync(path)),
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  ...decisions.map((name) => join(DECISIONS, name)),
]

interface Page {
  readonly path: string
  readonly text: string
  readonly tokens: readonly Token[]
  /** What links and images name, as it stands there. */
  readonly links: readonly string[]
  /** What `#…` may name. */
  readonly anchors: ReadonlySet<string>
}

function pageAt(path: string): Page {
  const text = readFileSync(path, 'utf8')
  const tokens = lexer(text)
  const links: string[] = []
  const anchors = new Set<string>()
  const slugger = new GithubSlugger()
  void walkTokens(tokens, (token) => {
    if (token.type === 'link' || token.type === 'image') links.push((token as Tokens.Link | Tokens.Image).href)
    if (token.type === 'html') {
      links.push(...[...token.raw.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)].map(([, href = '']) => href))
    }
    if (token.type === 'heading') anchors.add(slugger.slug(plain((token as Tokens.Heading).tokens)))
  })
  return { path, text, tokens, links, anchors }
}

/** The words of a heading, without marks. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      'tokens' in token ? plain((token as { tokens: Token[] }).tokens) : 'text' in token ? String(token.text) : '',
    )
    .join('')
}

const pages = new Map(documents.map((path) => [path, pageAt(path)]))
const isExternal = (link: string): boolean => /^[a-z][a-z+.-]*:/i.test(link)
/** The file that a link of a page names, from the top of the repository. */
const targetOf = ({ path }: Page, link: string): string => {
  const [file = ''] = link.split('#')
  return file === '' ? path : join(dirname(path), decodeURI(file))
}

/** Hosts in examples. Others must be told apart from real ones at first sight. */
const OURS = /^(127\.0\.0\.1|localhost|\[::1\]|([\w-]+\.)*example\.(com|org|net))$/

describe.each([...pages.values()].map((page) => [page.path, page] as const))('%s', (_, page) => {
  test('links to files, images and headings that exist', () => {
    const inside = page.links.filter((link) => !isExternal(link))
    const missing = inside.filter((link) => {
      const target = targetOf(page, link)
      const [, anchor] = link.split('#')
      if (!existsSync(target)) return true
      return (
        anchor !== undefined && extname(target) === '.md' && !(pages.get(target) ?? pageAt(target)).anchors.has(anchor)
      )
    })
    expect(missing).toEqual([])
  })

  test('links elsewhere with addresses that are well formed and no stand-ins', () => {
    const outside = page.links.filter(isExternal)
    expect(outside.filter((link) => !URL.canParse(link) || !/^(https?|mailto):/.test(link))).toEqual([])
    const plainHttp = outside.filter((link) => link.startsWith('http:') && !OURS.test(new URL(link).hostname))
    expect(plainHttp).toEqual([])
  })

  test('names npm commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    const named = [...page.text.matchAll(/\bnpm (?:run ([a-z:-]+)|(start|test)\b)/g)].map(
      ([, run, own = '']) => run ?? own,
    )
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })

  test('says the language of each block of code', () => {
    expect(blocksOf(page.text).filter(({ language }) => language === '')).toEqual([])
  })

  test('has JSON that can be read', () => {
    for (const { language, text } of blocksOf(page.text)) if (language === 'json') JSON.parse(text)
  })
})

test('every page can be found from README', () => {
  const found = new Set(['README.md'])
  for (const path of found) {
    const page = pages.get(path)
    for (const link of page?.links ?? []) {
      const target = page !== undefined && !isExternal(link) ? relative('.', targetOf(page, link)) : ''
      if (target === DECISIONS) for (const name of decisions) found.add(join(DECISIONS, name))
      if (pages.has(target)) found.add(target)
    }
  }
  expect(documents.filter((path) => !found.has(path) && path !== '.github/SECURITY.md')).toEqual([])
})

test('every image of the documents is shown in one', () => {
  const images = existsSync('docs/images') ? readdirSync('docs/images').map((name) => join('docs/images', name)) : []
  const shown = [...pages.values()].flatMap((page) =>
    page.links.filter((link) => !isExternal(link)).map((link) => targetOf(page, link)),
  )
  expect(images.filter((path) => !shown.includes(path))).toEqual([])
})

test('README is short', () => {
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThan(250)
})

/** Pages whose commands a test runs, but for those that say why not. */
const RUN = ['README.md', 'docs/install.md', 'docs/tutorial.md'].filter((path) => existsSync(path))
/** Kinds of blocks with commands. */
const COMMANDS = /^(sh|bash|shell|console)$/

test.each(RUN)('%s: every block of commands is run by a test, or says why not', (path) => {
  const blocks = blocksOf(readFileSync(path, 'utf8'))
  const commands = blocks.filter(({ language }) => COMMANDS.test(language))
  expect(commands.filter(({ language }) => language !== 'sh')).toEqual([])
  const why = (block: Block): string | undefined => (block.mark?.kind === 'not run' ? block.mark.words : undefined)
  expect(commands.filter((block) => why(block) !== undefined && (why(block) ?? '').length < 8)).toEqual([])
  expect(commands.some((block) => why(block) === undefined)).toBe(true)
})

const install = readFileSync('docs/install.md', 'utf8')

test('the environment that the installation shows is accepted together with its templates', () => {
  const variables = Object.fromEntries(
    [...install.matchAll(/^ *export ([A-Z_]+)=(\S+)(?: #.*)?$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const yaml = blocksOf(install).find(({ language }) => language === 'yaml')?.text ?? ''
  const files: Readonly<Record<string, string>> = {
    'templates.yaml': yaml,
    '/run/secrets/jenkins-token': 'token\n',
    '/run/secrets/mesos-secret': 'secret\n',
    '/etc/ssl/mesos-ca.pem': readFileSync('test/fixtures/tls/ca.pem', 'utf8'),
  }
  const reading = readConfig(variables, (path) => files[path] ?? '')
  expect(reading).toMatchObject({ ok: true, warnings: [] })
  expect([...reading.files].toSorted()).toEqual(Object.keys(files).toSorted())
  expect(reading.ok && reading.config.templates.map(({ name }) => name)).toEqual(['linux', 'release', 'cuda'])
})

test('the environment that README shows is accepted together with its templates', () => {
  const readme = readFileSync('README.md', 'utf8')
  const exported = blocksOf(readme).find(({ text }) => text.startsWith('export '))?.text ?? ''
  const lines = exported.split('\n').filter((line) => line.startsWith('export '))
  const words = lines.flatMap((line) => line.replace('export ', '').split(' '))
  const pair = (word: string): [string, string] => [word.replace(/=.*/, ''), word.replace(/^[^=]*=/, '')]
  const variables = Object.fromEntries(words.map(pair))
  const yaml = blocksOf(readme).find(({ language }) => language === 'yaml')?.text ?? ''
  const reading = readConfig(variables, (path) => (path === 'templates.yaml' ? yaml : 'token\n'))
  expect(reading).toMatchObject({ ok: true, warnings: [] })
  expect(reading.ok && reading.config.templates.map(({ name }) => name)).toEqual(['linux', 'release'])
})

test.each(documents)('%s: the endpoints that it names are those of the server', async (path) => {
  const app = await documentedServer()
  const routes = [...readFileSync(path, 'utf8').matchAll(/`(GET|POST) (\/(?:api|health|metrics)[^\s`?{…]*)`/g)].map(
    ([, method = '', url = '']) => ({ method, url }),
  )
  expect(routes.filter((route) => !app.hasRoute(route))).toEqual([])
})

test('architecture names folders that exist, and every folder of src', () => {
  const section = /^## Layout$([\s\S]*?)^## /m.exec(readFileSync('docs/architecture.md', 'utf8'))?.[1] ?? ''
  const named = [...section.matchAll(/^\| *`([^`]+)`/gm)].map(([, folder = '']) => folder)
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
