import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Log } from '../src/core/log.ts'

/** What became of a call, in words. */
export type ActionOutcome =
  | { readonly ok: true; readonly words: string }
  | { readonly ok: false; readonly kind: 'conflict' | 'failed' | 'standby'; readonly words: string }

export interface ActionsOptions {
  /** By the last part of the path. */
  readonly actions: Readonly<Record<string, () => Promise<ActionOutcome>>>
  /** A token is asked for, by the plugin auth. Without one only this machine may call. */
  readonly hasToken: boolean
  readonly log: Log
}

const STATUS = { conflict: 409, failed: 503, standby: 409 } as const

/** `POST /api/v1/actions/NAME`: what only an operator may decide. Each call stands in the log, with who made it. */
const actions: FastifyPluginAsync<ActionsOptions> = async (app, options) => {
  for (const [name, act] of Object.entries(options.actions)) {
    app.post(`/api/v1/actions/${name}`, async (request, reply) => {
      const remote = request.socket.remoteAddress ?? 'unknown'
      const refused = whyNot(request, remote, options.hasToken)
      if (refused !== undefined) {
        options.log.warn({ audit: true, action: name, remote, refused }, 'an operator was refused')
        return reply
          .code(403)
          .type('application/problem+json')
          .send(problem(403, 'Forbidden', refused))
      }
      const outcome = await act()
      options.log.warn(
        { audit: true, action: name, remote, ok: outcome.ok, words: outcome.words },
        'an operator called',
      )
      if (outcome.ok) return { action: name, status: 'done', words: outcome.words }
      const status = STATUS[outcome.kind]
      const title = status === 409 ? 'Conflict' : 'Service Unavailable'
      return reply
        .code(status)
        .type('application/problem+json')
        .send(problem(status, title, outcome.words))
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

function problem(status: number, title: string, detail: string): object {
  return { type: 'about:blank', title, status, detail }
}

export default fp(actions, { name: 'actions', fastify: '5.x' })
