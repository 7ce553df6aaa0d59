import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'

/** What is wrong with one part of a call. */
export interface Mistake {
  /** A parameter of path or query by its name, or a field of the body as a JSON pointer: `#/template`. */
  readonly at: string
  /** What it may be. */
  readonly detail: string
}

/** RFC 9457. There is one type, so the status says what kind of problem it is, and `detail` what to do. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Of a call that was not understood: all that is wrong with it. */
  readonly errors?: readonly Mistake[]
}

export function problem(status: number, detail: string, errors: readonly Mistake[] = []): Problem {
  // With `about:blank` as its type, a problem's title is the phrase of its status.
  const title = STATUS_CODES[status] ?? 'Error'
  return { type: 'about:blank', title, status, detail, ...(errors.length > 0 && { errors }) }
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').send(problem)
}
