import type { FastifyInstance } from 'fastify'
import type { Sources } from '../../plugins/sources.ts'
import { buildServer } from '../../src/server.ts'
import { systemClock } from '../../src/system-clock.ts'
import { NO_TOKENS } from './access.ts'
import { aLog } from './log.ts'
import { aSources } from './sources.ts'

/** The server, open to everybody, for a small farm. */
export function apiServer(over: Partial<Sources> = {}, trigger = (): void => undefined): Promise<FastifyInstance> {
  return buildServer({ sources: aSources(over), trigger, access: () => NO_TOKENS, clock: systemClock, log: aLog().log })
}

export type Json = Readonly<Record<string, unknown>>

/** One call, its answer read as JSON. */
export async function ask(app: FastifyInstance, url: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await app.inject({ url, headers })
  const json = answer.body === '' ? {} : (JSON.parse(answer.body) as Json)
  return { status: answer.statusCode, headers: answer.headers, json }
}
