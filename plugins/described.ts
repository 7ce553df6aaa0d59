import { type TSchema, Type } from 'typebox'
import { type Problem, problem } from './problem.ts'

export type Tag = 'overview' | 'lists' | 'explanations' | 'events' | 'actions' | 'operation' | 'page'

export interface Description {
  /** Its name for programs that are made from the description: `listAgents`. */
  readonly id: string
  readonly tag: Tag
  /** What it answers, in a few words. */
  readonly summary: string
  readonly description?: string
  /** [200] */
  readonly status?: number
  readonly answer: TSchema
  readonly example: unknown
  /** [JSON] */
  readonly type?: string
  /** What may go wrong here, by status, with a sentence as an example; 401, 403 and 429 are the same everywhere. */
  readonly problems?: Readonly<Record<number, string>>
  /** Other answers that are no problems. */
  readonly also?: Readonly<Record<number, object>>
}

const ProblemSchema = Type.Object(
  {
    type: Type.Literal('about:blank'),
    title: Type.String({ description: 'The phrase of the status' }),
    status: Type.Integer({ description: 'The status of the answer' }),
    detail: Type.String({ description: 'What is wrong, and what to do' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          at: Type.String({ description: 'A parameter, or a field of the body as `#/name`' }),
          detail: Type.String({ description: 'What it may be' }),
        }),
        { description: 'All that is wrong with a call that was not understood' },
      ),
    ),
    mistakes: Type.Optional(
      Type.Array(Type.String(), { description: 'All that is wrong with files that were to be read again' }),
    ),
  },
  { title: 'Problem', description: 'Why a call failed, as problem details (RFC 9457)' },
)

/** What may happen to any call that needs a token. */
export const USUAL: Readonly<Record<number, string>> = {
  401: 'A token is wanted: Authorization: Bearer TOKEN, or as the password of HTTP basic authentication.',
  403: 'This token may not do that.',
  429: 'Too many calls with a wrong token came from there. Try again later.',
}

const MEANING: Readonly<Record<number, string>> = {
  200: 'Done',
  202: 'It will be done',
  400: 'The call was not understood',
  401: 'No token, or a wrong one',
  403: 'The token may not do that',
  404: 'There is no such thing',
  406: 'The caller takes no JSON',
  409: 'It cannot be done now',
  413: 'The body is too large',
  415: 'The body is no JSON',
  422: 'What it would take effect of is wrong',
  429: 'Too many calls with a wrong token',
  503: 'It does not work now',
}

/** What Fastify and the description of the API need to know of a route. */
export interface RouteDescription {
  readonly operationId: string
  readonly tags: readonly Tag[]
  readonly summary: string
  readonly description?: string
  readonly response: Readonly<Record<string, object>>
}

/** The schema of a route but for what it takes: it describes the answers, and checks or changes none of them. */
export function described(given: Description): RouteDescription {
  const { id, tag, summary, description, status = 200, answer, example, type = 'application/json' } = given
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    response: {
      [status]: { description: MEANING[status] ?? 'Done', content: { [type]: { schema: answer, example } } },
      ...given.also,
      ...problemsOf(tag === 'page' ? {} : { ...(tag === 'operation' ? {} : USUAL), ...given.problems }),
    },
  }
}

function problemsOf(problems: Readonly<Record<number, string>>): Readonly<Record<number, object>> {
  const entries = Object.entries(problems).map(([status, detail]) => {
    const example: Problem = problem(Number(status), detail)
    const content = { 'application/problem+json': { schema: ProblemSchema, example } }
    return [status, { description: MEANING[Number(status)] ?? 'It failed', content }] as const
  })
  return Object.fromEntries(entries)
}
