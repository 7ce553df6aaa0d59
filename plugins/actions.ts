import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type TObject, Type } from 'typebox'
import type { Log } from '../src/core/log.ts'
import { type BodyOf, mistakesIn } from './action-bodies.ts'
import { described } from './described.ts'
import { type Mistake, problem, sendProblem } from './problem.ts'

/** What became of a call, in words. */
export type ActionOutcome =
  | { readonly ok: true; readonly words: string }
  | {
      readonly ok: false
      readonly kind: keyof typeof STATUS
      readonly words: string
      /** Each of several. */
      readonly mistakes?: readonly string[]
    }

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
  for (const [name, { summary, body, act }] of Object.entries(options.actions)) {
    const schema = describedAction(name, summary, body)
    app.post(`/api/v1/actions/${name}`, { schema, config: { scope: 'act' } }, async (request, reply) => {
      const { name: caller, scope: _, ...where } = request.caller
      const who = { audit: true, action: name, caller, ...where }
      const input = inputOf(request, body)
      if (input instanceof Misunderstood) {
        options.log.warn({ ...who, ok: false, words: input.words }, 'an operator called')
        return sendProblem(reply, problem(400, input.words, input.mistakes))
      }
      const outcome = await act(input)
      options.log.warn({ ...who, ...logged(input), ok: outcome.ok, words: outcome.words }, 'an operator called')
      if (outcome.ok) return { action: name, status: 'done', words: outcome.words }
      const status = STATUS[outcome.kind]
      return reply
        .code(status)
        .type('application/problem+json')
        .send({
          ...problem(status, outcome.words),
          ...(outcome.mistakes && { mistakes: outcome.mistakes }),
        })
    })
  }
}

/** Of a body that is not understood. */
const MOST_MISTAKES = 10

const Done = Type.Object({
  action: Type.String({ description: 'What was called' }),
  status: Type.Literal('done'),
  words: Type.String({ description: 'What became of it' }),
})

/** Its body is described, and checked by `inputOf`: there may be none. */
function describedAction(name: string, summary: string, body: TObject) {
  return {
    ...described({
      id: name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      tag: 'actions',
      summary,
      answer: Done,
      example: { action: name, status: 'done', words: 'What became of it.' },
      problems: {
        400: `This call takes ${mayBe(body)}.`,
        404: 'There is no such template or agent.',
        409: 'This instance does not lead: b leads. Ask the one that does.',
        415: 'A body must be JSON: send it with the header Content-Type: application/json.',
        422: 'What it would take effect of is wrong.',
        503: 'The state cannot be stored.',
      },
    }),
    'x-body': body,
  }
}

/** A log line has a level of its own. */
function logged({ level, ...input }: ActionInput): object {
  return { ...input, ...(level !== undefined && { logLevel: level }) }
}

/** Why a body was not understood: in words, and each mistake with its place. */
class Misunderstood {
  readonly words: string
  readonly mistakes: readonly Mistake[]

  constructor(words: string, mistakes: readonly Mistake[] = []) {
    this.words = words
    this.mistakes = mistakes
  }
}

/**
 * The body's fields, or all that is wrong with it. No body at all is one without fields; `null` is not, as whoever
 * sends it has lost what the call was to be about: it would pause everything.
 */
function inputOf({ body, query }: FastifyRequest, schema: TObject): ActionInput | Misunderstood {
  const may = mayBe(schema)
  // Overlooked, it would be taken for a call that means everything.
  if (Object.keys(query as object).length > 0) {
    return new Misunderstood(`This call takes ${may}, and nothing behind its path.`)
  }
  const given = body === undefined ? {} : body
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return new Misunderstood(`This call takes ${may}.`)
  }
  const mistakes = mistakesIn(schema, given).slice(0, MOST_MISTAKES)
  if (mistakes.length > 0) {
    return new Misunderstood(`This call takes ${may}: ${mistakes.map(({ detail }) => detail).join(' ')}`, mistakes)
  }
  return Object.fromEntries(Object.entries(given))
}

function mayBe(schema: TObject): string {
  const names = Object.keys(schema.properties)
  const isOptional = !('required' in schema)
  if (names.length === 0) return 'no body'
  return `a JSON object with ${names.join(', ')}${isOptional ? ', or no body' : ''}`
}

export default fp(actions, { name: 'actions', fastify: '5.x', dependencies: ['auth'] })
