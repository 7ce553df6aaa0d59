import type { FastifyInstance } from 'fastify'
import { nothingExplained } from '../../src/loop/explain-view.ts'
import { type Acting, operatorActions, type ProcessActions } from '../../src/operator-actions.ts'
import { buildServer } from '../../src/server.ts'
import { NOW } from '../support/builders.ts'
import { aLog } from '../support/log.ts'
import { aView } from '../support/views.ts'

const NOBODY = (): Acting => ({ operator: undefined, why: 'none is there' })
const SELF: ProcessActions = {
  reload: async () => ({ ok: true, words: 'nothing changed' }),
  setLogLevel: () => undefined,
}

/** The server whose endpoints the documents name. */
export function documentedServer(): Promise<FastifyInstance> {
  return buildServer({
    view: aView,
    explain: () => nothingExplained(NOW, 'no round has ended yet'),
    health: () => aView().health,
    scrape: async () => ({ text: '', contentType: 'text/plain' }),
    trigger: () => undefined,
    operator: { log: aLog().log, actions: operatorActions(NOBODY, SELF) },
    token: undefined,
  })
}
