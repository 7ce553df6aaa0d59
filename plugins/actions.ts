import { STATUS_CODES } from 'node:http'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { TObject } from 'typebox'
import type { Log } from '../src/core/log.ts'
import { type BodyOf, mistakesIn } from './action-bodies.ts'

/** What became of a call, in words. */
export type ActionOutcome =
  | { readonly ok: true; readonly words: string }
  | { readonly ok: false; readonly kind: keyof typeof STATUS; readonly words: string }

/** The fields of a call's body. */
export type ActionInput = Readonly<Record<string, string | number>>

export interface Action {
  /** In one line, for the description of the API. */
  readonly summary: string
  /** What its body must be; no body at all is one without fields. */
  readonly body: TObject
  readonly act: (input: ActionInput) => Promise<ActionOutcome>
}

/** An action whose body is what its schema says: it is checked before. */
export function action<Body extends TObject>(
  summary: string,
  body: Body,
  act: (input: BodyOf<Body>) => Promise<ActionOutcome>,
): Action {
  return { summary, body, act: (input) => act(input as BodyOf<Body>) }
}

export interface ActionsOptions {
  /** By the last part of the path. */
  readonly actions: Readonly<Record<string, Action>>
  readonly log: Log
}

/** `invalid`: what it would take effect of is wrong. */
const STATUS = { conflict: 409, unknown: 404, invalid: 422, failed: 503, standby: 409 } as const

/** `POST /api/v1/actions/NAME`: what only an operator may decide. Each call stands in the log, with who made it. */
const actions: FastifyPluginAsync<ActionsOptions> = async (app, options) => {
  for (const [name, { body, act }] of Object.entries(options.actions)) {
    app.post(`/api/v1/actions/${name}`, { config: { scope: 'act' } }, async (request, reply) => {
      const { name: caller, scope: _, ...where } = request.caller
      const who = { audit: true, action: name, caller, ...where }
      const input = inputOf(request, body)
      if (typeof input === 'string') {
        options.log.warn({ ...who, ok: false, words: input }, 'an operator called')
        return reply.code(400).type('application/problem+json').send(problem(400, input))
      }
      const outcome = await act(input)
      options.log.warn({ ...who, ...logged(input), ok: outcome.ok, words: outcome.words }, 'an operator called')
      if (outcome.ok) return { action: name, status: 'done', words: outcome.words }
      const status = STATUS[outcome.kind]
      return reply.code(status).type('application/problem+json').send(problem(status, outcome.words))
    })
  }
}

/** A log line has a level of its own. */
function logged({ level, ...input }: ActionInput): object {
  return { ...input, ...(level !== undefined && { logLevel: level }) }
}

/** The body's fields, or all that is wrong with it. No body at all is one without fields. */
function inputOf({ body, query }: FastifyRequest, schema: TObject): ActionInput | string {
  const may = mayBe(schema)
  // Overlooked, it would be taken for a call that means everything.
  if (Object.keys(query as object).length > 0) return `This call takes ${may}, and nothing behind its path.`
  const given = body ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) return `This call takes ${may}.`
  const mistakes = mistakesIn(schema, given)
  if (mistakes.length > 0) return `This call takes ${may}: ${mistakes.slice(0, 10).join(' ')}`
  return Object.fromEntries(Object.entries(given))
}

function mayBe(schema: TObject): string {
  const names = Object.keys(schema.properties)
  const isOptional = !('required' in schema)
  if (names.length === 0) return 'no body'
  return `a JSON object with ${names.join(', ')}${isOptional ? ', or no body' : ''}`
}

function problem(status: number, detail: string): object {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail }
}

export default fp(actions, { name: 'actions', fastify: '5.x', dependencies: ['auth'] })
