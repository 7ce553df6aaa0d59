import type { Sources } from '../../../plugins/sources.ts'
import { Explainer } from '../../../src/core/explain-report.ts'
import { plan } from '../../../src/core/plan.ts'
import { EventLog } from '../../../src/loop/event-log.ts'
import { summaryOf } from '../../../src/loop/view-summary.ts'
import type {
  AgentView,
  HostView,
  SummaryView,
  TemplateView,
  TimelineView,
  View,
} from '../../../src/loop/view-types.ts'
import { buildServer } from '../../../src/server.ts'
import { systemClock } from '../../../src/system-clock.ts'
import { NO_TOKENS } from '../../support/access.ts'
import { anchorOf, anItem, aReading, aRecord, aSnapshot, aTemplate, NOW, nodeOf } from '../../support/builders.ts'
import { aLog } from '../../support/log.ts'
import { aConfigurationView, aSources } from '../../support/sources.ts'
import { aHostView, anAgentView, aTemplateView, aView } from '../../support/views.ts'

const NAMES = ['linux', 'linux-large', 'arm64', 'android-emulator', 'docs'] as const
const TEMPLATES = NAMES.map((name) => aTemplate({ name, labels: [name], maxAgents: 500 }))
const GIB = 1024 ** 3
const HOURS = 6

export interface FarmSize {
  readonly items: number
  readonly agents: number
}

export interface ServedFarm {
  readonly url: string
  readonly close: () => Promise<void>
}

/** A farm of any size behind the program's own HTTP face, in which something of everything happens. */
export async function serveFarm(
  size: FarmSize,
  over: Partial<View> = {},
  server: Partial<Parameters<typeof buildServer>[0]> = {},
  port = 0,
): Promise<ServedFarm> {
  const app = await buildServer({
    sources: farmSources(size, over),
    trigger: () => undefined,
    access: () => NO_TOKENS,
    clock: systemClock,
    log: aLog().log,
    ...server,
  })
  const url = await app.listen({ host: '127.0.0.1', port })
  return { url, close: () => app.close() }
}

function farmSources(size: FarmSize, over: Partial<View>): Sources {
  const records = Array.from({ length: size.agents }, (_, nth) => {
    const template = TEMPLATES[nth % TEMPLATES.length] ?? aTemplate()
    return aRecord({ agentId: agentIdOf(nth), createdAt: NOW - nth * 1_000 }, template)
  })
  const snapshot = aSnapshot({
    templates: TEMPLATES,
    records,
    caps: { maxAgents: size.agents + 100, maxCpus: undefined, maxMem: undefined },
    jenkins: aReading({
      nodes: [...TEMPLATES.map((template) => anchorOf(template)), ...records.map((record) => nodeOf(record))],
      queue: Array.from({ length: size.items }, (_, nth) => itemOf(nth)),
    }),
  })
  const decided = plan(snapshot, NOW)
  const explainer = new Explainer({ snapshot, plan: decided, records, reading: snapshot.jenkins, now: NOW })
  const agents = records.map((_, nth) => agentOf(nth))
  const base = aView()
  const view = aView({
    jenkins: {
      ...base.jenkins,
      url: 'https://ci.example.com/',
      nodes: size.agents + TEMPLATES.length,
      queued: decided.explanation.items.length,
    },
    mesos: {
      ...base.mesos,
      master: 'http://mesos-1.example.com:5050',
      frameworkId: '7d0c4b1e-0001',
      offersHeld: 2,
      wantedRoles: ['*'],
    },
    round: { ...base.round, number: 72_041 },
    queue: decided.explanation.items,
    agents,
    templates: TEMPLATES.map(({ name }, nth) => templateOf(name, nth, agents)),
    hosts: Array.from({ length: Math.ceil(size.agents / 20) + 3 }, (_, nth) => hostOf(nth)),
    caps: { maxAgents: size.agents + 100, maxCpus: 4_000, maxMemMib: undefined },
    problems: [
      'no template has the label solaris: 3 builds wait in vain; add a template, or change the label of the jobs',
      'host rack-2-host-17.cluster.example failed 3 launches in a row and is avoided for 4 minutes',
    ],
    ...over,
  })
  const events = farmEvents()
  let ticks = 0
  const now = (): View => ({ ...view, now: NOW + ticks * 1_000 })
  const summary = (): SummaryView =>
    summaryOf({
      view: now(),
      version: '0.1.0',
      startedAt: NOW - 40 * 3_600_000,
      storeError: undefined,
      lastEventId: events.lastId,
    })
  return aSources({
    view: now,
    summary,
    events,
    // each second, as a busy farm does
    followSummary: (listener) => {
      listener(summary())
      const timer = setInterval(() => {
        ticks += 1
        listener(summary())
      }, 1_000)
      return () => {
        clearInterval(timer)
      }
    },
    explain: () => ({ now: NOW, explainer, held: undefined, problems: view.problems, dryRun: undefined }),
    timeline: () => farmTimeline(size),
    configuration: () => aConfigurationView({ warnings: ['AGENT_MAX is not used: TEMPLATES_FILE is set.'] }),
  })
}

function agentIdOf(nth: number): string {
  return `mesos-${NAMES[nth % NAMES.length] ?? ''}-${(nth * 7_919 + 46_656).toString(36)}x9k2`
}

function itemOf(nth: number) {
  const name = NAMES[nth % NAMES.length] ?? ''
  const label = nth % 40 === 7 ? 'solaris && zones' : name
  const isBlocked = nth % 25 === 3
  return anItem({
    id: String(nth + 1),
    job: nth % 3 === 0 ? `platform/services/checkout/PR-${nth}` : `nightly-${name}-${String(nth).padStart(5, '0')}`,
    why: isBlocked
      ? 'Build #12 is already in progress (ETA: 4 min 3 sec)'
      : `There are no nodes with the label ‘${label}’`,
    blocked: isBlocked,
    buildable: !isBlocked,
    buildableSince: isBlocked ? undefined : NOW - 1_000 - nth * 50,
    queuedSince: NOW - 2_000 - nth * 50,
  })
}

function agentOf(nth: number): AgentView {
  const state = nth % 17 === 5 ? 'starting' : nth % 23 === 8 ? 'draining' : nth % 41 === 9 ? 'unreachable' : 'online'
  const isIdle = state === 'online' && nth % 5 === 0
  const isBusy = state === 'draining' || (state === 'online' && !isIdle)
  const build = `platform » services » checkout » PR-${nth} #${nth % 90}`
  return anAgentView({
    agentId: agentIdOf(nth),
    template: NAMES[nth % NAMES.length] ?? '',
    state,
    createdAt: NOW - nth * 61_000 - 5_000,
    since: NOW - nth * 11_000 - 5_000,
    hostname: `rack-${nth % 4}-host-${Math.floor(nth / 20)}.cluster.example`,
    cpus: 2,
    memMib: 4_096,
    builds: isBusy ? [build] : [],
    ...(isIdle && { idleSince: NOW - 60_000, goesAt: NOW + 120_000 }),
    usedCpus: isBusy ? (nth % 20) / 10 : 0.02,
    usage: { cpuSeconds: nth, cpusLimit: 2, memRssBytes: ((nth % 30) / 10) * GIB, memLimitBytes: 4 * GIB },
    words: isIdle ? 'idle for 60 s of 180 s' : isBusy ? `busy with ${build}` : `${state} for a while`,
  })
}

function templateOf(name: string, nth: number, all: readonly AgentView[]): TemplateView {
  const own = all.filter(({ template }) => template === name)
  const busy = own.filter(({ builds }) => builds.length > 0).length
  const starting = own.filter(({ state }) => state === 'starting').length
  return aTemplateView({
    template: name,
    labels: [name, 'docker', 'git'],
    demand: nth * 3,
    agents: own.length,
    maxAgents: 500,
    busyExecutors: busy,
    startingExecutors: starting,
    idleExecutors: own.length - busy - starting,
    givenCpus: own.length * 2,
    givenMemMib: own.length * 4_096,
    usedCpus: own.length * 0.9,
    usedMemMib: own.length * 1_500,
    words: `${own.length} of at most 500 agents; executors: ${busy} busy, ${starting} starting`,
    ...(nth === 1 && { paused: true, words: 'an operator paused it' }),
    ...(nth === 2 && { failures: 2, backedOffUntil: NOW + 95_000 }),
    ...(nth === 3 && { capped: 'template', minIdle: 4, scheduled: 'weekdays' }),
  })
}

function hostOf(nth: number): HostView {
  return aHostView({
    hostname: `rack-${nth % 4}-host-${nth}.cluster.example`,
    agents: nth % 7 === 3 ? 0 : 20,
    givenCpus: 40,
    givenMemMib: 80 * 1_024,
    usedCpus: 17.3,
    usedMemMib: 31 * 1_024,
    freeCpus: nth % 5,
    freeMemMib: (nth % 9) * 1_024,
    attributes: { rack: `r${nth % 4}`, disk: 'ssd' },
    ...(nth === 2 && { avoidedUntil: NOW + 240_000 }),
    ...(nth === 4 && { maintenanceAt: NOW + 5_400_000 }),
  })
}

function farmEvents(): EventLog {
  let at = NOW - 300 * 7_000
  const events = new EventLog({
    now: () => {
      at += 7_000
      return at
    },
  })
  for (let nth = 0; nth < 300; nth++) {
    const about = { agentId: agentIdOf(nth), template: NAMES[nth % NAMES.length], hostname: `rack-${nth % 4}-host-1` }
    if (nth % 50 === 20)
      events.note('error', { code: 'TIMEOUT', words: 'no answer within 20 s' }, 'Jenkins does not answer')
    else if (nth % 11 === 4) events.note('warn', { ...about, failures: 2, forMs: 20_000 }, 'a launch failed')
    else events.note('info', { ...about, seconds: nth % 30 }, nth % 2 === 0 ? 'agent online' : 'agent gone')
  }
  return events
}

function farmTimeline({ items, agents }: FarmSize): TimelineView {
  const everyMs = 15_000
  const points = (HOURS * 3_600_000) / everyMs
  const wave = (most: number, shift = 0): (number | null)[] =>
    Array.from({ length: points }, (_, nth) =>
      nth > 700 && nth < 730
        ? null
        : Math.round(most * (0.55 + 0.35 * Math.sin((nth + shift) / 120) + 0.1 * Math.sin(nth / 7))),
    )
  return {
    everyMs,
    at: Array.from({ length: points }, (_, nth) => NOW - (points - 1 - nth) * everyMs),
    waiting: wave(items, 40),
    blocked: wave(items / 10),
    builds: wave(agents * 0.8),
    agents: { online: wave(agents * 0.8), starting: wave(agents * 0.1, 50), draining: wave(agents * 0.05, 90) },
    givenCpus: wave(agents * 2),
    usedCpus: wave(agents * 0.9),
    givenMemMib: wave(agents * 4_096),
    usedMemMib: wave(agents * 1_500),
  }
}
