import type { FastifyInstance } from 'fastify'
import { nothingExplained } from '../../src/loop/explain-view.ts'
import { operatorActions } from '../../src/operator-actions.ts'
import { buildServer } from '../../src/server.ts'
import { systemClock } from '../../src/system-clock.ts'
import { NO_TOKENS } from '../support/access.ts'
import { NOW } from '../support/builders.ts'
import { aLog } from '../support/log.ts'
import { aView } from '../support/views.ts'

/** The server whose endpoints the documents name. */
export function documentedServer(): Promise<FastifyInstance> {
  return buildServer({
    view: aView,
    explain: () => nothingExplained(NOW, 'no round has ended yet'),
    health: () => aView().health,
    scrape: async () => ({ text: '', contentType: 'text/plain' }),
    trigger: () => undefined,
    operator: { log: aLog().log, actions: operatorActions(() => ({ operator: undefined, why: 'none is there' })) },
    access: () => NO_TOKENS,
    clock: systemClock,
    log: aLog().log,
  })
}
