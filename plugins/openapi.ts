import fastifySwagger from '@fastify/swagger'
import type { FastifyPluginAsync, FastifySchema } from 'fastify'
import fp from 'fastify-plugin'
import { Type } from 'typebox'
import { described } from './described.ts'
import { hoistNamed } from './hoist-named.ts'
import { isReading, type Scope } from './scope.ts'

const INTRODUCTION = `What the program knows, and what an operator may tell it.

**Access.** With \`API_TOKEN\` set, calls carry a token: \`Authorization: Bearer TOKEN\`, or as the password of HTTP basic
authentication with any user. Each operation names its scope in \`x-scope\`: \`open\` needs no token, and \`metrics\`,
\`read\` and \`act\` each include those before them.

**Errors** are problem details (RFC 9457): \`detail\` says what is wrong and what to do, \`errors\` all that is wrong with a
call that was not understood.

**Answers** are JSON; what is not known is left out. Each has a weak \`ETag\`: with \`If-None-Match\` the answer is 304
until something changed beside the time. Lists come a page at a time, \`?offset=0&limit=100\`.

**Versions.** Within \`v1\` answers get more fields, values of \`state\` and the like get more words, and operations get
more optional parameters: who reads must overlook what he does not know. Nothing is taken away, renamed or given another
meaning; that would be \`v2\`, beside \`v1\` for at least one minor version of the program. Texts for people (\`words\`,
\`detail\`, \`reason\`, \`problems\`, \`advice\`) may change at any time.`

const TAGS = [
  { name: 'overview', description: 'The whole' },
  { name: 'lists', description: 'Queue, agents, hosts and templates' },
  { name: 'explanations', description: 'Why things are as they are, and what would do better' },
  { name: 'events', description: 'What happened' },
  { name: 'actions', description: 'What an operator, or Jenkins, may ask for' },
  { name: 'operation', description: 'For Marathon, load balancers and Prometheus' },
  { name: 'page', description: 'The page for people' },
]

/** Parameters with a default need not be given. */
function withoutDefaults(given: unknown): { readonly querystring?: object } {
  if (!Type.IsObject(given)) return {}
  // There is no such list where all may be left out.
  const all = given.required as readonly string[] | undefined
  const required = all?.filter((name) => !('default' in (given.properties[name] ?? {})))
  return { querystring: { ...given, required } }
}

/** Bodies of which no field is needed need not be sent. */
function bodiesMayLack<T extends { readonly paths?: object }>(document: T): T {
  for (const operations of Object.values(document.paths ?? {}) as Readonly<Record<string, unknown>>[]) {
    for (const { requestBody } of Object.values(operations) as { readonly requestBody?: Body }[]) {
      const schema = requestBody?.content['application/json']?.schema
      if (requestBody !== undefined && schema?.required === undefined) requestBody.required = false
    }
  }
  return document
}

interface Body {
  required: boolean
  readonly content: Readonly<Record<string, { readonly schema?: { readonly required?: readonly string[] } }>>
}

const scheme = (name: string, description: string) => ({ type: 'http' as const, scheme: name, description })

/** `GET /api/v1/openapi.json`: every route of the server, from the schemas by which calls are checked. */
const openapi: FastifyPluginAsync = async (app) => {
  // Schemas describe answers. What they do not know must not be left out of them, as Fastify's own serializer does.
  app.setSerializerCompiler(() => JSON.stringify)

  await app.register(fastifySwagger, {
    stripBasePath: false,
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'jenkins-mesos-sidecar',
        version: '1.0.0',
        description: INTRODUCTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '../..', description: 'Where this description came from' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          bearer: scheme('bearer', 'The token'),
          basic: scheme('basic', 'The token as the password of any user'),
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const scope: Scope = route.config?.scope ?? ([route.method].flat().every(isReading) ? 'read' : 'act')
      const security = scope === 'open' ? [] : [{ bearer: [] }, { basic: [] }]
      // A route may have none, whatever the type says.
      const given = schema as (FastifySchema & { readonly 'x-body'?: unknown }) | undefined
      const { 'x-body': body, ...rest } = given ?? {}
      const parts = { ...withoutDefaults(rest.querystring), ...(body !== undefined && { body }) }
      return { url, schema: { ...rest, ...parts, security, 'x-scope': scope } }
    },
    transformObject: (document) => hoistNamed('openapiObject' in document ? bodiesMayLack(document.openapiObject) : {}),
  })

  const schema = described({
    id: 'getDescription',
    tag: 'overview',
    summary: 'This description, as OpenAPI 3.1',
    answer: Type.Object({ openapi: Type.String() }, { description: 'An OpenAPI document' }),
    example: { openapi: '3.1.0' },
  })
  app.get('/api/v1/openapi.json', { schema }, async () => app.swagger())
}

export default fp(openapi, { name: 'openapi', fastify: '5.x' })
