import type { FastifyInstance } from 'fastify'
import { operatorActions } from '../../src/operator-actions.ts'
import { buildServer } from '../../src/server.ts'
import { systemClock } from '../../src/system-clock.ts'
import { NO_TOKENS } from '../support/access.ts'
import { aLog } from '../support/log.ts'
import { aSources } from '../support/sources.ts'

/** The server whose endpoints the documents name. */
export function documentedServer(): Promise<FastifyInstance> {
  return buildServer({
    sources: aSources(),
    trigger: () => undefined,
    operator: { log: aLog().log, actions: operatorActions(() => ({ operator: undefined, why: 'none is there' })) },
    access: () => NO_TOKENS,
    clock: systemClock,
    log: aLog().log,
  })
}
