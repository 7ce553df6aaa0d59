import { describe, expect, test } from '@jest/globals'
import Fastify from 'fastify'
import dashboard from '../../plugins/dashboard.ts'

async function aServer() {
  const app = Fastify()
  const scopes = new Map<string, unknown>()
  app.addHook('onRequest', async ({ routeOptions }) => {
    scopes.set(String(routeOptions.url), routeOptions.config.scope)
  })
  await app.register(dashboard)
  await app.ready()
  const page = (await app.inject('/')).body
  const assets = /src="(assets\/[0-9a-f]{16})\/app\.js"/.exec(page)?.[1] ?? ''
  return { app, page, assets, scopes }
}

describe('the page', () => {
  test('is HTML that caches ask for again', async () => {
    const { app } = await aServer()
    const { statusCode, headers } = await app.inject('/')
    expect([statusCode, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ])
    const again = await app.inject({ url: '/', headers: { 'if-none-match': String(headers.etag) } })
    expect([again.statusCode, again.body]).toEqual([304, ''])
  })

  test('has no script and no style of its own that a strict policy would refuse', async () => {
    const { page } = await aServer()
    expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|\{[a-z]+\}/)
  })

  test('has only relative addresses, so that it works under any prefix', async () => {
    const { page } = await aServer()
    const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address)
    expect(addresses.length).toBeGreaterThan(10)
    expect(addresses.filter((address) => !address?.startsWith('assets/'))).toEqual([])
  })

  test('serves every file that it names, to be kept for good', async () => {
    const { app, page } = await aServer()
    for (const [, address] of page.matchAll(/(?:href|src)="([^"]*)"/g)) {
      const { statusCode, headers } = await app.inject(`/${String(address)}`)
      expect([address, statusCode, headers['cache-control']]).toEqual([
        address,
        200,
        'public, max-age=31536000, immutable',
      ])
    }
  })

  test('gets its packages from where they are installed', async () => {
    const { app, assets } = await aServer()
    expect((await app.inject(`/${assets}/vendor/preact.js`)).body).toMatch(/export\s*\{.*as html/)
    expect((await app.inject(`/${assets}/vendor/uplot.js`)).body).toContain('uPlot')
  })

  test('is compressed for those who ask', async () => {
    const { app, assets } = await aServer()
    for (const address of ['', `${assets}/shell.js`, `${assets}/vendor/uplot.js`, `${assets}/css/1-tokens.css`]) {
      const { headers } = await app.inject({ url: `/${address}`, headers: { 'accept-encoding': 'br, gzip' } })
      expect([address, headers['content-encoding']]).toEqual([address, 'br'])
    }
  })

  test('is less than 150 kB, all that it loads together', async () => {
    const { app, page } = await aServer()
    let bytes = 0
    for (const address of ['', ...[...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, found = '']) => found)]) {
      const { rawPayload } = await app.inject({ url: `/${address}`, headers: { 'accept-encoding': 'br, gzip' } })
      bytes += rawPayload.length
    }
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(150_000)
  })

  test('holds no data: everybody may have it, and nothing else', async () => {
    const { app, page, assets, scopes } = await aServer()
    for (const url of ['/', `/${assets}/app.js`, `/${assets}/vendor/uplot.js`]) await app.inject(url)
    expect(page).not.toContain('jenkins.test')
    expect(scopes.size).toBe(3)
    expect([...scopes].filter(([, scope]) => scope !== 'open')).toEqual([])
  })

  test.each([
    'index.html',
    'tsconfig.json',
    'vendor/preact.d.ts',
    '../../../package.json',
    '..%2f..%2f..%2fpackage.json',
    '%2e%2e/%2e%2e/dashboard.ts',
    'vendor/../../../dashboard.ts',
    '.',
    '',
    'lib',
    'nothing.js',
  ])('serves no %j', async (name) => {
    const { app, assets } = await aServer()
    const { statusCode } = await app.inject(`/${assets}/${name}`)
    expect(statusCode).toBeGreaterThanOrEqual(400)
    expect(statusCode).toBeLessThan(500)
  })
})
