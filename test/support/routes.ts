import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'

export interface Routed {
  readonly app: FastifyInstance
  /** Every route that was ever added to it, whoever did it. */
  readonly routes: readonly RouteOptions[]
}

export async function watchRoutes(build: () => Promise<FastifyInstance>): Promise<Routed> {
  const routes: RouteOptions[] = []
  const watch = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance }
    fastify.addHook('onRoute', (route) => {
      routes.push(route)
    })
  }
  subscribe('fastify.initialization', watch)
  try {
    const app = await build()
    await app.ready()
    return { app, routes }
  } finally {
    unsubscribe('fastify.initialization', watch)
  }
}
