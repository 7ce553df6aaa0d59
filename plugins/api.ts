import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { agents } from './api/agents.ts'
import { explain } from './api/explain.ts'
import { hosts } from './api/hosts.ts'
import { overview } from './api/overview.ts'
import { queue } from './api/queue.ts'
import { sizing } from './api/sizing.ts'
import { templates } from './api/templates.ts'
import { type TriggerOptions, trigger } from './api/trigger.ts'
import type { Sources } from './sources.ts'

export interface ApiOptions extends TriggerOptions {
  readonly sources: Sources
}

/** What the program knows, under `/api/v1`: one file of `api/` an area. */
const api: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const prefix = '/api/v1'
  const sources = { ...options.sources, prefix }
  await app.register(overview, sources)
  await app.register(queue, sources)
  await app.register(agents, sources)
  await app.register(hosts, sources)
  await app.register(templates, sources)
  await app.register(explain, sources)
  await app.register(sizing, sources)
  await app.register(trigger, { trigger: options.trigger, prefix })
}

export default fp(api, { name: 'api', fastify: '5.x' })
