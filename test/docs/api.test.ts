import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { API_MANUAL, apiManual, type Document } from './api-manual.ts'
import { documentedServer } from './documented-server.ts'

const manual = readFileSync(API_MANUAL, 'utf8')

async function described(): Promise<{ readonly app: FastifyInstance; readonly document: Document }> {
  const app = await documentedServer()
  return { app, document: (await app.inject('/api/v1/openapi.json')).json<Document>() }
}

test('the manual of the API is what its description gives: npm run docs', async () => {
  expect(manual).toBe(apiManual((await described()).document))
})

test('every call in it is understood by the server', async () => {
  const { app } = await described()
  const calls = [...manual.matchAll(/^curl (.*)$/gm)].map(([, words = '']) => callOf(words))
  expect(calls.length).toBeGreaterThan(30)
  for (const call of calls.filter(({ url }) => !url.endsWith('/stream'))) {
    const { statusCode, body } = await app.inject(call)
    // Nothing leads in this server, no farm is behind it, and what the examples name is not there.
    expect([call.url, body, [200, 202, 404, 409].includes(statusCode)]).toEqual([call.url, body, true])
    expect([call.url, body.includes('There is no POST') || body.includes('There is no GET')]).toEqual([call.url, false])
  }
})

function callOf(words: string): InjectOptions & { readonly url: string } {
  const url = /http:\/\/127\.0\.0\.1:8090(\S+)/.exec(words)?.[1] ?? ''
  const payload = / -d '([^']*)'/.exec(words)?.[1]
  const method = words.includes('-X POST') ? 'POST' : 'GET'
  const headers = payload === undefined ? {} : { 'content-type': 'application/json' }
  return { method, url, headers, ...(payload !== undefined && { payload }) }
}
