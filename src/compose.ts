import { composeTerm, type TermOptions } from './compose-term.ts'
import { scheduled } from './config/schedules.ts'
import type { Access } from './core/access.ts'
import { alwaysLeading } from './leader/always.ts'
import { Listener } from './listener.ts'
import { type Explanations, explanationsOf, nothingExplained } from './loop/explain-view.ts'
import { NotLeadingError } from './loop/gate.ts'
import { Operator } from './loop/operator.ts'
import type { LeaderPort } from './loop/ports.ts'
import { standbyHealth, standbyView } from './loop/standby.ts'
import { buildView, healthOf } from './loop/view.ts'
import type { Health, View } from './loop/view-types.ts'
import { GaugeWriter } from './metrics/collect.ts'
import { defineMetrics } from './metrics/definitions.ts'
import { reportTo, startAtZero } from './metrics/recorder.ts'
import { operatorActions } from './operator-actions.ts'
import { Program } from './program.ts'
import { secretServer } from './secret-server.ts'
import { buildServer } from './server.ts'
import type { Term } from './term.ts'

export interface ComposeOptions extends Omit<TermOptions, 'leader' | 'report' | 'draining'> {
  /** [leading for ever] */
  readonly leader?: LeaderPort
  readonly version: string
  /** What a person should look at although no round says so. */
  readonly problems?: () => readonly string[]
  /** Who may call; [those of the configuration, for ever] */
  readonly access?: () => Access
  /** [without a way to renew its certificate] */
  readonly listener?: Listener
}

/** A round must have ended so many poll intervals ago at most. */
const STALLED_POLLS = 10
const LEAST_STALLED_MS = 30_000

/** Builds every adapter and hands it to the loop and to the server. Nothing runs yet. */
export async function compose(given: ComposeOptions): Promise<Program> {
  const options = { ...given, templates: scheduled(given.templates, given.clock.now) }
  const { config, clock, log, templates, store, leader = alwaysLeading } = options
  const metrics = defineMetrics()
  const report = reportTo(metrics, clock.now)
  startAtZero(
    metrics,
    templates().map(({ name }) => name),
  )
  metrics.buildInfo.set({ version: options.version }, 1)

  const gauges = new GaugeWriter(metrics)
  const view = (): View => viewOf(program, leader, options)
  const scrape = async (): Promise<{ text: string; contentType: string }> => {
    gauges.write(view())
    return { text: await metrics.registry.metrics(), contentType: metrics.registry.contentType }
  }
  const app = await buildServer({
    view,
    explain: () => explanationsFrom(program, clock.now()),
    health: () => healthFrom(program, leader, options),
    scrape,
    trigger: () => program.term?.parts.context.trigger('asked'),
    access: options.access ?? (() => config.http),
    httpHost: config.http.host,
    publicUrl: config.http.publicUrl === undefined ? undefined : new URL(config.http.publicUrl),
    listener: options.listener ?? new Listener(config.http.tls),
    clock,
    log,
    operator: {
      actions: operatorActions(() => {
        const { term, leadership } = program
        return { operator: term && new Operator(term.parts.context), why: leadership.why }
      }),
      log,
    },
  })
  const secretApp = secretServer({
    redeem: async (agentId, token) => {
      if (program.term === undefined) throw new NotLeadingError(`giving the secret of ${agentId}`)
      return await program.term.parts.context.secrets.redeem(agentId, token)
    },
    log,
  })
  const newTerm = (): Term => composeTerm({ ...options, leader, report, draining: () => program.draining })
  const program = new Program({ newTerm, leader, store, clock, log, view, scrape, app, secretApp })
  return program
}

/** Why things are as they are, as far as this instance knows. */
function explanationsFrom({ term, leadership, failure }: Program, now: number): Explanations {
  if (term === undefined) return nothingExplained(now, failure ?? `this instance does not lead: ${leadership.why}`)
  return explanationsOf(term.parts.world, now, term.parts.dryRun)
}

/** The same as in the view. */
function healthFrom({ term, leadership, failure }: Program, leader: LeaderPort, options: ComposeOptions): Health {
  if (term === undefined) return standbyHealth({ leadership, inPlace: leader.standsBy(), failure })
  return healthOf({ world: term.parts.world, now: options.clock.now(), maxRoundAgeMs: maxRoundAgeMs(options) })
}

function maxRoundAgeMs({ config }: ComposeOptions): number {
  return Math.max(LEAST_STALLED_MS, config.jenkins.pollIntervalMs * STALLED_POLLS)
}

/** What the leader knows, or that another instance leads. */
function viewOf(program: Program, leader: LeaderPort, options: ComposeOptions): View {
  const { config, clock } = options
  const shared = {
    leadership: program.leadership,
    templates: options.templates(),
    caps: config.caps,
    jenkinsUrl: options.endpoints.jenkinsUrl.href,
    now: clock.now(),
  }
  const ending = program.draining ? ['this sidecar is being shut down: no agent is started any more'] : []
  const problems = [...ending, ...(options.problems?.() ?? [])]
  const { term, failure } = program
  if (term === undefined) return standbyView({ ...shared, inPlace: leader.standsBy(), failure, problems })
  const { world, context, usagePoll, sizing, hands } = term.parts
  return buildView({
    ...shared,
    world,
    desk: context.desk,
    dryRun: term.parts.dryRun?.words,
    usage: usagePoll.latest,
    sizing: (template) => sizing.view(template),
    maxRoundAgeMs: maxRoundAgeMs(options),
    problems: [...problems, ...hands.keeper.failures.values()],
  })
}
