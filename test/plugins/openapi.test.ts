import { beforeAll, describe, expect, test } from '@jest/globals'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { documentedServer } from '../docs/documented-server.ts'
import { closed } from '../support/closed.ts'
import { watchRoutes } from '../support/routes.ts'

interface Media {
  readonly schema: TSchema
  readonly example?: unknown
}
interface Answer {
  readonly description: string
  readonly content: Readonly<Record<string, Media>>
}
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly 'x-scope': string
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, Answer>>
  readonly parameters?: readonly { readonly name: string; readonly description?: string; readonly required: boolean }[]
  readonly requestBody?: { readonly required: boolean }
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

let app: FastifyInstance
let routes: readonly RouteOptions[]
let text: string
let document: Document
let operations: readonly { readonly name: string; readonly operation: Operation }[]

beforeAll(async () => {
  ;({ app, routes } = await watchRoutes(documentedServer))
  text = (await app.inject('/api/v1/openapi.json')).body
  document = JSON.parse(text) as Document
  operations = Object.entries(document.paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${url}`, operation })),
  )
})

/** The page's own files, and the twins of GET, are not described. */
const isDescribed = ({ method, schema }: RouteOptions): boolean =>
  method !== 'HEAD' && (schema as { readonly hide?: boolean } | undefined)?.hide !== true

test('it is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(JSON.parse(text) as Record<string, unknown>)
  expect([valid, validator.version, errors]).toEqual([true, '3.1', undefined])
})

test('it has every route of the server but the page, and nothing else', () => {
  const served = routes.filter(isDescribed).map(({ method, url }) => `${[method].flat().join()} ${url}`)
  const path = (route: string): string => route.replace(/:(\w+)/g, '{$1}')
  expect(operations.map(({ name }) => name).sort()).toEqual([...new Set(served.map(path))].sort())
  const hidden = routes.filter((route) => !isDescribed(route) && route.method !== 'HEAD')
  expect(hidden.filter(({ url }) => url !== '/' && !url.startsWith('/assets/'))).toEqual([])
})

test('every operation has a name of its own, and says what it is for and whom it is open to', () => {
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { name, operation } of operations) {
    expect([name, operation]).toEqual([
      name,
      expect.objectContaining({
        operationId: expect.stringMatching(/^[a-z][A-Za-z]+$/),
        summary: expect.stringMatching(/^[A-Z].*[^.]$/),
        tags: [expect.any(String)],
        'x-scope': expect.stringMatching(/^(open|metrics|read|act)$/),
      }),
    ])
    expect([name, operation.security.length === 0]).toEqual([name, operation['x-scope'] === 'open'])
  }
})

test('scopes are those by which callers are let in', () => {
  const scopeOf = (name: string): unknown => operations.find((one) => one.name === name)?.operation['x-scope']
  expect(scopeOf('GET /health/live')).toBe('open')
  expect(scopeOf('GET /metrics')).toBe('metrics')
  expect(scopeOf('GET /api/v1/state')).toBe('read')
  expect(scopeOf('POST /api/v1/trigger')).toBe('read')
  expect(scopeOf('POST /api/v1/actions/pause')).toBe('act')
})

test('every parameter is described, and none that has a default is needed', () => {
  for (const { name, operation } of operations) {
    for (const parameter of operation.parameters ?? []) {
      expect([name, parameter]).toEqual([name, expect.objectContaining({ description: expect.any(String) })])
      expect([name, parameter.name, parameter.required]).toEqual([name, parameter.name, name.includes('{')])
    }
  }
})

test('a body is needed where it has a field that is needed', () => {
  const needs = (action: string): unknown =>
    document.paths[`/api/v1/actions/${action}`]?.['post']?.requestBody?.required
  expect([needs('pause'), needs('drain'), needs('provision'), needs('take-over')]).toEqual([false, true, true, false])
})

test('every answer has a description and an example', () => {
  for (const { name, operation } of operations) {
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      expect([name, status, description]).toEqual([name, status, expect.stringMatching(/^\S.+$/)])
      for (const media of Object.values(content)) expect([name, status, media.example]).not.toContain(undefined)
    }
  }
})

test('every operation that wants a token says how it is refused', () => {
  for (const { name, operation } of operations.filter(({ operation }) => operation['x-scope'] !== 'open')) {
    expect([name, Object.keys(operation.responses)]).toEqual([name, expect.arrayContaining(['401', '403', '429'])])
  }
})

test('schemas stand once, by their names', () => {
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['State', 'Agent', 'Problem']))
  expect(text).not.toMatch(/"title":"(State|Agent|Problem)"/)
  expect(text.length).toBeLessThan(150_000)
})

describe('examples', () => {
  test('are what their schemas say, and nothing more', () => {
    for (const { method, url, schema } of routes.filter(isDescribed)) {
      const answers = (schema?.response ?? {}) as Readonly<Record<string, Answer>>
      for (const [status, { content }] of Object.entries(answers)) {
        for (const { schema: shape, example } of Object.values(content)) {
          const errors = [...Value.Errors(closed(shape), example)]
          expect([method, url, status, errors]).toEqual([method, url, status, []])
        }
      }
    }
  })
})
