import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Scope } from '../../plugins/scope.ts'

export const TOKENS = {
  metrics: 'token-that-may-read-metrics',
  read: 'token-that-may-read-all-there-is',
  act: 'token-that-may-do-everything',
} as const

export interface Route {
  readonly method: string
  /** With something in the place of each parameter. */
  readonly url: string
}

/** Every route of a server, as it prints them itself. */
export function routesOf(app: FastifyInstance): readonly Route[] {
  const path: string[] = []
  return app
    .printRoutes()
    .split('\n')
    .flatMap((line) => {
      const [, indent, part, methods] = /^((?:│ {3}| {4})*)[├└]── (\S*)(?: \((.+)\))?$/.exec(line) ?? []
      if (indent === undefined || part === undefined) return []
      path.splice(indent.length / 4, path.length, part)
      const url = path.join('').replace(/:\w+/g, '1').replace(/\*$/, 'none.js')
      return (methods?.split(', ') ?? []).map((method) => ({ method, url }))
    })
}

/** Written down here once more: a new route that is to be open, or more open than others, must be entered. */
export function neededFor({ method, url }: Route): Scope {
  if (/^\/(?:health\/(?:live|ready)|assets\/.*)?$/.test(url)) return 'open'
  if (url === '/metrics' || url === '/api/v1/session') return 'metrics'
  if (url === '/api/v1/trigger') return 'read'
  return method === 'GET' || method === 'HEAD' ? 'read' : 'act'
}

let callers = 0

/** From an address that nobody used before; a stream is ended as soon as it begins. */
export async function statusOf(app: FastifyInstance, route: Route, over: InjectOptions = {}): Promise<number> {
  callers += 1
  const answer = await app.inject({
    method: route.method as 'GET',
    url: route.url,
    remoteAddress: `10.1.${Math.floor(callers / 250)}.${callers % 250}`,
    payloadAsStream: true,
    ...over,
  })
  answer.stream().resume().destroy()
  return answer.statusCode
}

export function bearer(token: string): InjectOptions {
  return { headers: { authorization: `Bearer ${token}` } }
}
