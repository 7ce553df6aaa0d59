import type { HttpResponse } from '../http.ts'
import { labelBean, loadStatistics } from './beans-farm.ts'
import { rootBean } from './beans-root.ts'
import type { Crumbs } from './crumbs.ts'
import type { Exchange } from './exchange.ts'
import { containerError, identityHeaders, page, redirect, text } from './pages.ts'
import { computerRoutes } from './routes-computer.ts'
import { createItem, jobRoutes, queueRoutes } from './routes-jobs.ts'
import { exported, property } from './tree-query.ts'

export interface RouteOptions {
  readonly crumbs: Crumbs
  /** The agent program, as it is served. */
  readonly agentProgram: () => Buffer
  /** When the controller started: the program's Last-Modified. */
  readonly startedAt: number
  /** `POST /restart`. */
  readonly restart: () => void
}

/** What anybody may have, without a look at who asks. `undefined`: not one of these. */
export function openRoutes(exchange: Exchange, { agentProgram, startedAt }: RouteOptions): HttpResponse | undefined {
  const { identity, parts, request } = exchange
  switch (parts.join('/')) {
    case 'login':
      return page(identity, 200, 'Sign in', '<h1>Sign in to Jenkins</h1><form method="post"></form>', exchange.cookie())
    case 'jnlpJars/agent.jar':
    case 'jnlpJars/slave.jar': {
      const modified = new Date(startedAt).toUTCString()
      const disposition = ['Content-Disposition', `attachment; filename=${parts[1] ?? ''}`] as const
      if (request.headers['if-modified-since'] === modified) {
        return { status: 304, headers: [disposition], body: Buffer.alloc(0) }
      }
      const body = agentProgram()
      return {
        status: 200,
        headers: [
          disposition,
          ['Last-Modified', modified],
          ['Accept-Ranges', 'bytes'],
          ['Content-Type', 'application/java-archive'],
          ['Content-Length', String(body.length)],
        ],
        body,
      }
    }
    case 'tcpSlaveAgentListener':
      return text('\n\n\nJenkins\n', 'text/plain;charset=utf-8', [
        ...(identity.old ? [] : [['X-Instance-Identity', identity.key] as const]),
        ['X-Jenkins-Agent-Protocols', 'Ping'],
        ['X-Remoting-Minimum-Version', '3107.v665000b_51092'],
      ])
    case 'wsagents':
      return containerError(400, 'This endpoint is only for use from agent.jar in WebSocket mode', exchange.path)
    default:
      return undefined
  }
}

/** Everything else, for a caller whose credentials and crumb are good. */
export function routes(exchange: Exchange, options: RouteOptions): HttpResponse {
  const { parts, controller } = exchange
  if (parts[0] === 'whoAmI' && !controller.old) return whoAmI(exchange)
  const refused = exchange.refused('Overall/Read')
  if (refused !== undefined) return refused
  switch (parts[0]) {
    case undefined:
      return page(exchange.identity, 200, 'Dashboard', '<h1>Welcome to Jenkins!</h1>', exchange.cookie())
    case 'api':
      return parts[1] === 'json' ? exchange.api(rootBean(exchange.scene)) : exchange.notFound()
    case 'computer':
      return computerRoutes(exchange)
    case 'queue':
      return queueRoutes(exchange)
    case 'job':
      return jobRoutes(exchange)
    case 'createItem':
      return createItem(exchange)
    case 'label':
      return label(exchange)
    case 'overallLoad':
      return exchange.api(loadStatistics(exchange.scene, 'hudson.model.OverallLoadStatistics'))
    case 'crumbIssuer':
      return controller.old ? exchange.notFound() : crumbIssuer(exchange, options.crumbs)
    case 'quietDown':
    case 'cancelQuietDown':
    case 'restart':
    case 'safeRestart':
      return administer(exchange, parts[0], options)
    default:
      return exchange.notFound()
  }
}

function whoAmI(exchange: Exchange): HttpResponse {
  const { caller, parts } = exchange
  if (parts[1] !== 'api' || parts[2] !== 'json') return exchange.notFound()
  return exchange.api(
    exported(caller, 'hudson.security.WhoAmI', [
      property('anonymous', ({ anonymous }) => anonymous),
      property('authenticated', () => true),
      property('authorities', ({ anonymous }) => [anonymous ? 'anonymous' : 'authenticated']),
      property('name', ({ name }) => name),
    ]),
  )
}

/** Evaluates any label expression against the nodes that exist. */
function label(exchange: Exchange): HttpResponse {
  const [, expression, ...rest] = exchange.parts
  if (expression === undefined) return exchange.notFound()
  switch (rest.join('/')) {
    case 'api/json':
      return exchange.api(labelBean(exchange.scene, expression, false))
    case 'loadStatistics/api/json':
      return exchange.api(loadStatistics(exchange.scene, 'hudson.model.Label$1'))
    default:
      return exchange.notFound()
  }
}

/** The crumb belongs to the session whose cookie this answer sets. */
function crumbIssuer(exchange: Exchange, crumbs: Crumbs): HttpResponse {
  const { caller, request, parts, query } = exchange
  const known = crumbs.sessionOf(request.headers['cookie'])
  const session = known ?? crumbs.open()
  const cookie = known === undefined ? [crumbs.setCookie(session)] : []
  const crumb = crumbs.crumb(caller.name, session)
  if (parts[1] === 'api' && parts[2] === 'xml' && query.has('xpath')) {
    return text(`Jenkins-Crumb:${crumb}`, 'text/plain;charset=utf-8', [
      ...identityHeaders(exchange.identity),
      ['X-Frame-Options', 'deny'],
      ...cookie,
    ])
  }
  if (parts[1] !== 'api' || parts[2] !== 'json') return exchange.notFound()
  const bean = exported(crumb, 'hudson.security.csrf.DefaultCrumbIssuer', [
    property('crumb', () => crumb),
    property('crumbRequestField', () => 'Jenkins-Crumb'),
  ])
  return exchange.api(bean, cookie)
}

function administer(exchange: Exchange, action: string, { restart }: RouteOptions): HttpResponse {
  if (!exchange.isPost) return exchange.postOnly()
  const refused = exchange.refused('Overall/Administer')
  if (refused !== undefined) return refused
  if (action === 'quietDown') exchange.controller.queue.quietDown = { reason: exchange.field('message') }
  else if (action === 'cancelQuietDown') exchange.controller.queue.quietDown = null
  else restart()
  return redirect(exchange.local('/'))
}
