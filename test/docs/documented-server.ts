import type { FastifyInstance } from 'fastify'
import { type Acting, operatorActions, type ProcessActions } from '../../src/operator-actions.ts'
import { buildServer, type ServerOptions } from '../../src/server.ts'
import { systemClock } from '../../src/system-clock.ts'
import { NO_TOKENS } from '../support/access.ts'
import { aLog } from '../support/log.ts'
import { aSources } from '../support/sources.ts'

const NOBODY = (): Acting => ({ operator: undefined, why: 'none is there' })
const SELF: ProcessActions = {
  reload: async () => ({ ok: true, words: 'nothing changed' }),
  setLogLevel: () => undefined,
}

/** The server whose endpoints the documents name. */
export function documentedServer(over: Partial<ServerOptions> = {}): Promise<FastifyInstance> {
  const { log } = over.log === undefined ? aLog() : { log: over.log }
  return buildServer({
    sources: aSources(),
    trigger: () => undefined,
    operator: { log, actions: operatorActions(NOBODY, SELF) },
    access: () => NO_TOKENS,
    clock: systemClock,
    log,
    ...over,
  })
}
