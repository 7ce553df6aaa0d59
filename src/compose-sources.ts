import type { Sources } from '../plugins/sources.ts'
import type { Config } from './config/config.ts'
import type { Clock } from './core/clock.ts'
import type { Log } from './core/log.ts'
import type { Template } from './core/template.ts'
import type { Endpoints } from './endpoints.ts'
import type { EventLog } from './loop/event-log.ts'
import { type Explanations, explanationsOf, nothingExplained } from './loop/explain-view.ts'
import type { LeaderPort } from './loop/ports.ts'
import { Pulse } from './loop/pulse.ts'
import { standbyHealth, standbyView } from './loop/standby.ts'
import { Timeline } from './loop/timeline.ts'
import { buildView, explained, healthOf } from './loop/view.ts'
import { Momentary } from './loop/view-cache.ts'
import { noPlan, planView } from './loop/view-plan.ts'
import { summaryOf } from './loop/view-summary.ts'
import type { ConfigurationView, Health, View } from './loop/view-types.ts'
import { catalogueOf } from './metrics/catalogue.ts'
import type { Instruments } from './metrics/instruments.ts'
import type { Program } from './program.ts'

export interface SourcesOptions {
  readonly config: Config
  readonly endpoints: Endpoints
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly leader: LeaderPort
  readonly templates: () => readonly Template[]
  readonly problems: () => readonly string[]
  readonly configuration: () => ConfigurationView
  readonly instruments: Instruments
  readonly events: EventLog
  /** Known once it is composed. */
  readonly program: () => Program
}

type Scrape = Awaited<ReturnType<Sources['scrape']>>

export interface ComposedSources extends Sources {
  /** As it is right now, for those that look once. */
  readonly freshView: () => View
  readonly freshScrape: () => Promise<Scrape>
  /** What is looked at again and again, from the start of the program to its end. */
  readonly history: Pick<Timeline, 'start' | 'stop'>
  /** Somebody has changed something, and will look whether it is so. */
  readonly expire: () => void
}

/** A round must have ended so many poll intervals ago at most. */
const STALLED_POLLS = 10
const LEAST_STALLED_MS = 30_000

/** What the program shows of itself, whoever asks; each is made at most once a moment. */
export function composeSources(options: SourcesOptions): ComposedSources {
  const { clock, log, instruments, events, version, program } = options
  const startedAt = clock.now()
  const freshView = (): View => explained(viewOf(options), explanationsFrom(program(), clock.now()).explainer)
  const explain = new Momentary(clock, () => explanationsFrom(program(), clock.now()))
  const figures = new Momentary(clock, () => viewOf(options))
  const view = new Momentary(clock, () => explained(figures.get(), explain.get().explainer))
  const summary = new Momentary(clock, () =>
    summaryOf({
      view: figures.get(),
      version,
      startedAt,
      storeError: program().term?.parts.world.storeError ?? program().failure,
      lastEventId: events.lastId,
    }),
  )
  const timeline = new Timeline({ clock, view: figures.get, log })
  const pulse = new Pulse({ clock, summary: summary.get, log })
  const scrape = new Momentary(clock, () => instruments.scrape(figures.get()))
  return {
    view: view.get,
    summary: summary.get,
    followSummary: pulse.follow,
    explain: explain.get,
    health: () => healthFrom(options),
    plan: () => {
      const { term, failure, leadership } = program()
      if (term === undefined) return noPlan(failure ?? `this instance does not lead: ${leadership.why}`)
      return planView(term.parts.world)
    },
    hosts: (hostnames) => {
      const wanted = new Set(hostnames)
      const found = figures.get().hosts.filter(({ hostname }) => wanted.has(hostname))
      const refusals = explain.get().explainer?.refusalsOn(new Set(found.map(({ hostname }) => hostname)))
      return found.map((host) => ({ ...host, refusals: refusals?.get(host.hostname) ?? [] }))
    },
    timeline: timeline.view,
    configuration: options.configuration,
    events,
    metrics: () => catalogueOf(instruments.metrics.registry),
    scrape: scrape.get,
    history: timeline,
    freshView,
    freshScrape: () => instruments.scrape(viewOf(options)),
    expire: () => {
      for (const made of [figures, view, summary, explain, scrape]) made.expire()
    },
  }
}

/** Why things are as they are, as far as this instance knows. */
function explanationsFrom({ term, leadership, failure }: Program, now: number): Explanations {
  if (term === undefined) return nothingExplained(now, failure ?? `this instance does not lead: ${leadership.why}`)
  return explanationsOf(term.parts.world, now, term.parts.dryRun)
}

/** The same as in the view. */
function healthFrom(options: SourcesOptions): Health {
  const { leader, clock } = options
  const { term, leadership, failure } = options.program()
  if (term === undefined) return standbyHealth({ leadership, inPlace: leader.standsBy(), failure })
  return healthOf({ world: term.parts.world, now: clock.now(), maxRoundAgeMs: maxRoundAgeMs(options) })
}

function maxRoundAgeMs({ config }: SourcesOptions): number {
  return Math.max(LEAST_STALLED_MS, config.jenkins.pollIntervalMs * STALLED_POLLS)
}

/** What the leader knows, or that another instance leads. */
function viewOf(options: SourcesOptions): View {
  const { config, clock, leader } = options
  const program = options.program()
  const shared = {
    leadership: program.leadership,
    templates: options.templates(),
    caps: config.caps,
    jenkinsUrl: options.endpoints.jenkinsUrl.href,
    now: clock.now(),
  }
  const ending = program.draining ? ['this sidecar is being shut down: no agent is started any more'] : []
  const problems = [...ending, ...options.problems()]
  const { term, failure } = program
  if (term === undefined) return standbyView({ ...shared, inPlace: leader.standsBy(), failure, problems })
  const { world, context, usagePoll, sizing, hands } = term.parts
  return buildView({
    ...shared,
    world,
    desk: context.desk,
    dryRun: term.parts.dryRun?.words,
    usage: usagePoll.latest,
    cpusOf: usagePoll.cpusOf,
    sizing: (template) => sizing.view(template),
    maxRoundAgeMs: maxRoundAgeMs(options),
    problems: [...problems, ...hands.keeper.failures.values()],
  })
}
