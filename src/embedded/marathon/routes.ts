import type { HttpHandler, HttpRequest, HttpResponse } from '../http.ts'
import { shownDeployment } from './deployment.ts'
import { json } from './json-answer.ts'
import { Refusal } from './refusal.ts'
import { appRoutes } from './routes-apps.ts'
import { podRoutes } from './routes-pods.ts'
import type { WriteContext } from './writes.ts'

export interface RoutesContext extends WriteContext {
  readonly info: () => object
}

/** The HTTP face: as far as a client of pods, apps and deployments sees it. */
export function marathonHandler(context: RoutesContext): HttpHandler {
  return async (request) => {
    try {
      return route(context, request)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return json(error.status, error.body)
    }
  }
}

function route(context: RoutesContext, request: HttpRequest): HttpResponse {
  const url = new URL(request.path, 'http://marathon')
  const path = decodeURIComponent(url.pathname).replace(/(.)\/+$/, '$1')
  if (path === '/ping') return { status: 200, headers: [['Content-Type', 'text/plain']], body: Buffer.from('pong') }
  if (path === '/v2/info') return json(200, context.info())
  if (path === '/v2/leader') return json(200, { leader: 'localhost' })
  const { fleet } = context
  if (path === '/v2/deployments') return json(200, fleet.deployments.map(shownDeployment))
  const asked = {
    request,
    force: url.searchParams.get('force') === 'true',
    partial: url.searchParams.get('partialUpdate') !== 'false',
  }
  const found = /^\/v2\/(pods|apps)(.*)$/.exec(path)
  const answer =
    found === null ? undefined : (found[1] === 'pods' ? podRoutes : appRoutes)(context, found[2] ?? '', asked)
  return answer ?? json(404, { message: `The embedded Marathon knows nothing at ${request.method} ${path}` })
}
