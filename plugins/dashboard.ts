import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { View } from '../src/loop/view-types.ts'
import { renderPage, STYLE } from './dashboard/page.ts'

export interface DashboardOptions {
  readonly view: () => View
}

/** `GET /`: queue, agents, hosts and reasons on one plain page that loads itself again and needs no script. */
const dashboard: FastifyPluginAsync<DashboardOptions> = async (app, { view }) => {
  app.get('/', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(renderPage(view())),
  )
  app.get('/style.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
}

export default fp(dashboard, { name: 'dashboard', fastify: '5.x' })
