import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import fastifyCompress from '@fastify/compress'
import fastifyStatic from '@fastify/static'
import type {} from '@fastify/swagger'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { packageRoot } from './dashboard/package-root.ts'

const ROOT = packageRoot(import.meta.dirname)
const YEAR_MS = 365 * 24 * 3_600 * 1_000
const JAVASCRIPT = 'text/javascript; charset=utf-8'
/** What the page is made of; the folder holds more. */
const SERVED = new Set(['.js', '.css', '.svg'])
/** Of packages, by the file of the page that stands for them. Only the one of uPlot for old browsers is small. */
const PACKAGES: Readonly<Record<string, { readonly file: string; readonly type: string; readonly after?: string }>> = {
  'vendor/preact.js': { file: 'htm/preact/standalone.module.js', type: JAVASCRIPT },
  'vendor/uplot.js': { file: 'uplot/dist/uPlot.iife.min.js', type: JAVASCRIPT, after: '\nexport default uPlot\n' },
  'vendor/uplot.css': { file: 'uplot/dist/uPlot.min.css', type: 'text/css; charset=utf-8' },
}

/**
 * The page: `GET /`, and its files under `/assets/VERSION/`, where VERSION changes with any of them, so that browsers keep
 * them for good. It holds no data, hence everybody may have it; data is the API's. All its addresses are relative: a
 * proxy may put it under any prefix.
 */
const dashboard: FastifyPluginAsync = async (app) => {
  const folder = join(ROOT, 'plugins', 'dashboard', 'static')
  const files = readFiles(folder)
  const assets = `assets/${hashOf(files)}`
  const page = renderPage(readFileSync(join(folder, 'index.html'), 'utf8'), assets, [...files.keys()])
  const etag = `"${hashOf(new Map([['index.html', Buffer.from(page)]]))}"`

  await app.register(async (open) => {
    open.addHook('onRoute', (route) => {
      route.config = { ...route.config, scope: 'open' }
      route.schema = { ...route.schema, hide: true }
    })
    if (!app.hasReplyDecorator('compress')) await open.register(fastifyCompress)
    await open.register(fastifyStatic, {
      root: folder,
      prefix: `/${assets}/`,
      index: false,
      immutable: true,
      maxAge: YEAR_MS,
      dotfiles: 'ignore',
      allowedPath: (path) => SERVED.has(extname(path)),
    })
    for (const [name, { type }] of Object.entries(PACKAGES)) {
      open.get(`/${assets}/${name}`, async (_request, reply) =>
        reply
          .type(type)
          .header('cache-control', `public, max-age=${YEAR_MS / 1_000}, immutable`)
          .send(files.get(name)),
      )
    }
    open.get('/', async (request, reply) => {
      void reply.header('cache-control', 'no-cache').header('etag', etag)
      if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send()
      return reply.type('text/html; charset=utf-8').send(page)
    })
  })
}

/** All that is served under `/assets`, by its path there. */
function readFiles(folder: string): ReadonlyMap<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  const served = names.filter((name) => SERVED.has(extname(name)) && PACKAGES[name] === undefined).sort()
  return new Map([
    ...served.map((name) => [name, readFileSync(join(folder, name))] as const),
    ...Object.entries(PACKAGES).map(([name, { file, after = '' }]) => {
      const content = readFileSync(join(ROOT, 'node_modules', file))
      return [name, Buffer.concat([content, Buffer.from(after)])] as const
    }),
  ])
}

function hashOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256')
  for (const [name, content] of files) hash.update(`${name}\0${content.length}\0`).update(content)
  return hash.digest('hex').slice(0, 16)
}

/** With every file named in the head, the browser asks for all of them at once and not for one after the other. */
function renderPage(template: string, assets: string, names: readonly string[]): string {
  const linesOf = (extension: string, line: (href: string) => string): string =>
    names
      .filter((name) => extname(name) === extension)
      .map((name) => line(`${assets}/${name}`))
      .join('\n')
  return template
    .replace('{styles}', () => linesOf('.css', (href) => `<link rel="stylesheet" href="${href}">`))
    .replace('{modules}', () => linesOf('.js', (href) => `<link rel="modulepreload" href="${href}">`))
    .replaceAll('{assets}', assets)
}

export default fp(dashboard, { name: 'dashboard', fastify: '5.x' })
