import { STATUS_CODES } from 'node:http'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Log } from '../src/core/log.ts'

/** What became of a call, in words. */
export type ActionOutcome =
  | { readonly ok: true; readonly words: string }
  | { readonly ok: false; readonly kind: 'conflict' | 'unknown' | 'failed' | 'standby'; readonly words: string }

/** The fields of a call's body. */
export type ActionInput = Readonly<Record<string, string>>

export interface Action {
  /** Fields that its body may have; all of them are text. */
  readonly fields: readonly string[]
  readonly act: (input: ActionInput) => Promise<ActionOutcome>
}

export interface ActionsOptions {
  /** By the last part of the path. */
  readonly actions: Readonly<Record<string, Action>>
  /** A token is asked for, by the plugin auth. Without one only this machine may call. */
  readonly hasToken: boolean
  readonly log: Log
}

const STATUS = { conflict: 409, unknown: 404, failed: 503, standby: 409 } as const

/** `POST /api/v1/actions/NAME`: what only an operator may decide. Each call stands in the log, with who made it. */
const actions: FastifyPluginAsync<ActionsOptions> = async (app, options) => {
  for (const [name, { fields, act }] of Object.entries(options.actions)) {
    app.post(`/api/v1/actions/${name}`, async (request, reply) => {
      const remote = request.socket.remoteAddress ?? 'unknown'
      const refused = whyNot(request, remote, options.hasToken)
      if (refused !== undefined) {
        options.log.warn({ audit: true, action: name, remote, refused }, 'an operator was refused')
        return reply.code(403).type('application/problem+json').send(problem(403, refused))
      }
      const input = inputOf(request, fields)
      if (typeof input === 'string') {
        return reply.code(400).type('application/problem+json').send(problem(400, input))
      }
      const outcome = await act(input)
      options.log.warn(
        { audit: true, action: name, remote, ...input, ok: outcome.ok, words: outcome.words },
        'an operator called',
      )
      if (outcome.ok) return { action: name, status: 'done', words: outcome.words }
      const status = STATUS[outcome.kind]
      return reply.code(status).type('application/problem+json').send(problem(status, outcome.words))
    })
  }
}

/** A page of another site may make a browser on this machine send a POST: it says where it comes from. */
function whyNot(request: FastifyRequest, remote: string, hasToken: boolean): string | undefined {
  const { origin, host } = request.headers
  if (origin !== undefined && origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`) {
    return `This call came from a page of ${origin}.`
  }
  if (hasToken || isLoopback(remote)) return undefined
  return 'Without API_TOKEN such a call is taken from this machine only: set API_TOKEN, or call from there.'
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address)
}

/** No name is longer. */
const LONGEST = 300

/** The body's fields, or what is wrong with it. No body at all is one without fields. */
function inputOf({ body, query }: FastifyRequest, fields: readonly string[]): ActionInput | string {
  const may = fields.length === 0 ? 'no body' : `a JSON object with ${fields.join(', ')}, or no body`
  // Overlooked, it would be taken for a call that means everything.
  if (Object.keys(query as object).length > 0) return `This call takes ${may}, and nothing behind its path.`
  if (body === undefined || body === null) return {}
  if (typeof body !== 'object' || Array.isArray(body)) return `This call takes ${may}.`
  const given: [string, unknown][] = Object.entries(body)
  const wrong = given.find(([name, value]) => !fields.includes(name) || !isName(value))
  if (wrong !== undefined) return `This call takes ${may}: "${wrong[0].slice(0, 100)}" is not known, or no name.`
  return Object.fromEntries(given) as ActionInput
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST
}

function problem(status: number, detail: string): object {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail }
}

export default fp(actions, { name: 'actions', fastify: '5.x' })
