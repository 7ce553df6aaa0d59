import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { documentedServer } from '../docs/documented-server.ts'

/** The whole server, and every route that was ever added to it, whoever did it. */
export async function serverWithRoutes(): Promise<{ readonly app: FastifyInstance; readonly routes: RouteOptions[] }> {
  const routes: RouteOptions[] = []
  const watch = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance }
    fastify.addHook('onRoute', (route) => {
      routes.push(route)
    })
  }
  subscribe('fastify.initialization', watch)
  try {
    const app = await documentedServer()
    await app.ready()
    return { app, routes }
  } finally {
    unsubscribe('fastify.initialization', watch)
  }
}
