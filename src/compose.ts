import { composeSources } from './compose-sources.ts'
import { composeTerm, type TermOptions } from './compose-term.ts'
import { scheduled } from './config/schedules.ts'
import type { Access } from './core/access.ts'
import { alwaysLeading } from './leader/always.ts'
import { Listener } from './listener.ts'
import { EventLog, heard } from './loop/event-log.ts'
import { NotLeadingError } from './loop/gate.ts'
import { Operator } from './loop/operator.ts'
import type { LeaderPort } from './loop/ports.ts'
import { toldLeader } from './loop/told-leader.ts'
import type { ConfigurationView } from './loop/view-types.ts'
import { makeInstruments } from './metrics/instruments.ts'
import { operatorActions, type ProcessActions } from './operator-actions.ts'
import { Program } from './program.ts'
import { secretServer } from './secret-server.ts'
import { buildServer, type ServerOptions } from './server.ts'
import type { Term } from './term.ts'

export interface ComposeOptions extends Omit<TermOptions, 'leader' | 'report' | 'draining'> {
  /** [leading for ever] */
  readonly leader?: LeaderPort
  readonly version: string
  /** What a person should look at although no round says so. */
  readonly problems?: () => readonly string[]
  /** [nothing is told of it] */
  readonly configuration?: () => ConfigurationView
  /** Where `log` tells what happens as well, if it does so already. */
  readonly events?: EventLog
  /** Who may call; [those of the configuration, for ever] */
  readonly access?: () => Access
  /** [without a way to renew its certificate] */
  readonly listener?: Listener
  /** What an operator may ask of the process itself; [nothing]. */
  readonly self?: ProcessActions
}

const NO_CONFIGURATION: ConfigurationView = {
  settings: [],
  templates: '',
  files: [],
  warnings: [],
  mistakes: [],
  logLevel: 'info',
}

/** Builds every adapter and hands it to the loop and to the server. Nothing runs yet. */
export function compose(given: ComposeOptions): Program {
  const events = given.events ?? new EventLog({ now: given.clock.now })
  const log = given.events === undefined ? heard(given.log, events) : given.log
  const options = { ...given, log, templates: scheduled(given.templates, given.clock.now) }
  const { config, clock, templates, store } = options
  const instruments = makeInstruments({
    now: clock.now,
    version: options.version,
    templates: templates().map(({ name }) => name),
  })
  const { report, requests } = instruments
  const leader = toldLeader(options.leader ?? alwaysLeading, report)

  const sources = composeSources({
    ...options,
    leader,
    problems: options.problems ?? (() => []),
    configuration: options.configuration ?? (() => NO_CONFIGURATION),
    instruments,
    events,
    program: () => program,
  })
  const face: ServerOptions = {
    sources,
    requests,
    trigger: () => program.term?.parts.context.trigger('asked'),
    access: options.access ?? (() => config.http),
    httpHost: config.http.host,
    publicUrl: config.http.publicUrl === undefined ? undefined : new URL(config.http.publicUrl),
    listener: options.listener ?? new Listener(config.http.tls),
    clock,
    log,
    operator: {
      actions: operatorActions(
        () => {
          const { term, leadership } = program
          return { operator: term && new Operator(term.parts.context), why: leadership.why }
        },
        options.self,
        sources.expire,
      ),
      log,
    },
  }
  const secretApp = secretServer({
    redeem: async (agentId, token) => {
      if (program.term === undefined) throw new NotLeadingError(`giving the secret of ${agentId}`)
      return await program.term.parts.context.secrets.redeem(agentId, token)
    },
    log,
  })
  const newTerm = (): Term => composeTerm({ ...options, leader, report, draining: () => program.draining })
  const program = new Program({
    newTerm,
    leader,
    store,
    clock,
    log,
    view: sources.freshView,
    scrape: sources.freshScrape,
    history: sources.history,
    makeApp: () => buildServer(face),
    secretApp,
  })
  return program
}
