import type { Explainer } from '../core/explain-report.ts'
import type { AgentId, AgentRecord, Caps, Instant } from '../core/model.ts'
import { isPaused } from '../core/pause.ts'
import type { SizingView } from '../core/sizing-advice.ts'
import type { Brake } from '../core/snapshot.ts'
import type { Template } from '../core/template.ts'
import type { OfferDesk } from './offer-desk.ts'
import type { AgentUsage } from './ports.ts'
import { agentView } from './view-agents.ts'
import { hostViews } from './view-hosts.ts'
import { sumsBy } from './view-sums.ts'
import { templateView } from './view-templates.ts'
import type {
  AgentView,
  BrakeView,
  CapsView,
  Health,
  HealthStatus,
  Leadership,
  TemplateView,
  View,
} from './view-types.ts'
import type { World } from './world.ts'

export interface HealthSources {
  readonly world: Pick<World, 'lastRoundAt' | 'storeError' | 'mesos' | 'jenkins' | 'otherJenkins'>
  readonly now: Instant
  /** A round must have ended this recently. */
  readonly maxRoundAgeMs: number
}

export interface ViewSources extends HealthSources {
  readonly leadership: Leadership
  readonly world: World
  readonly desk: OfferDesk
  readonly usage: ReadonlyMap<AgentId, AgentUsage>
  /** CPUs that an agent uses, over about the last minute. */
  readonly cpusOf: (agentId: AgentId) => number | undefined
  /** What agents of a template used so far. */
  readonly sizing?: (template: Template) => SizingView
  readonly templates: readonly Template[]
  readonly caps: Caps
  readonly jenkinsUrl: string
  /** Of a dry run, in words. */
  readonly dryRun: string | undefined
  /** Of the configuration and of the anchors, beside the plan's. */
  readonly problems: readonly string[]
}

export function showCaps({ maxAgents, maxCpus, maxMem }: Caps): CapsView {
  const whole = (milli: number | undefined): number | undefined => (milli === undefined ? undefined : milli / 1000)
  return { maxAgents, maxCpus: whole(maxCpus), maxMemMib: whole(maxMem) }
}

/** Without what is explained of agents, which takes longer than all the rest: `explained` adds it. */
export function buildView(sources: ViewSources): View {
  const { world, now } = sources
  const { explanation, wantedRoles } = world.lastPlan ?? { explanation: undefined, wantedRoles: new Set<string>() }
  const { reading, error } = world.jenkins
  const { records } = world // a new list with each look
  const agents = agentViews(sources, records)
  return {
    now,
    health: healthOf(sources),
    leadership: sources.leadership,
    jenkins: {
      url: sources.jenkinsUrl,
      reachable: reading !== undefined && error === undefined,
      error: error ?? world.otherJenkins,
      version: reading?.version,
      nodes: reading?.nodes.length ?? 0,
      queued: reading?.queue.length ?? 0,
    },
    mesos: {
      subscribed: world.mesos.subscribed,
      master: world.mesos.master,
      version: world.mesos.version,
      frameworkId: world.frameworkId,
      why: world.mesos.standingBack ?? world.mesos.why,
      offersHeld: sources.desk.size,
      wantedRoles: [...wantedRoles],
    },
    round: { number: world.round, lastAt: world.lastRoundAt, held: explanation?.held },
    brake: brakeView(world.memory.brake),
    caps: showCaps(sources.caps),
    paused: world.paused,
    queue: explanation?.items ?? [],
    templates: templateViews(sources, agents),
    agents,
    hosts: hostViews({ world, records, offers: sources.desk.all, sums: sumsBy(agents, ({ hostname }) => hostname) }),
    problems: [
      ...sources.problems,
      ...(world.otherJenkins === undefined ? [] : [world.otherJenkins]),
      ...(explanation?.problems ?? []),
    ],
    dryRun: sources.dryRun,
  }
}

/** @param explainer `undefined`: no round has ended */
export function explained(view: View, explainer: Pick<Explainer, 'agents'> | undefined): View {
  if (explainer === undefined) return view
  const told = new Map(explainer.agents.map((agent) => [agent.agentId, agent]))
  const agents = view.agents.map((agent): AgentView => {
    const words = told.get(agent.agentId)
    return words === undefined ? agent : { ...agent, keep: words.keep, words: words.words, goesAt: words.goesAt }
  })
  return { ...view, agents }
}

function brakeView(brake: Brake | undefined): BrakeView | undefined {
  if (brake === undefined) return undefined
  const { since, agents, takings } = brake
  return {
    since,
    agents,
    held: takings.map(({ agentId, reason }) => ({ agentId, reason })),
    words:
      `${takings.length} of ${agents} agents would go at once (${takings[0]?.reason ?? ''}): they stay until three looks ` +
      'in a row say the same, or until POST /api/v1/actions/release-brake',
  }
}

/** Cheap: it is asked for every few seconds, where the whole view is not. */
export function healthOf({ world, now, maxRoundAgeMs }: HealthSources): Health {
  const { lastRoundAt, storeError, mesos, jenkins } = world
  const lastRoundAgeMs = lastRoundAt === undefined ? undefined : Math.max(0, now - lastRoundAt)
  const say = (status: HealthStatus, words: string): Health => ({ status, words, lastRoundAgeMs })
  if (storeError !== undefined) return say('store', `the state cannot be stored: ${storeError}`)
  if (mesos.standingBack !== undefined) return say('standing_back', mesos.standingBack)
  if (world.otherJenkins !== undefined) return say('other_jenkins', world.otherJenkins)
  if (lastRoundAgeMs === undefined) return say('starting', jenkins.error ?? 'the first round has not ended yet')
  if (lastRoundAgeMs > maxRoundAgeMs) {
    const words = `no round has ended for ${Math.round(lastRoundAgeMs / 1000)} s`
    return say('stalled', jenkins.error === undefined ? words : `${words}: ${jenkins.error}`)
  }
  if (!mesos.subscribed) return say('disconnected', `not subscribed to Mesos: ${mesos.why ?? 'no reason known'}`)
  return say('ok', 'Jenkins is read, Mesos is subscribed')
}

function agentViews({ world, usage, cpusOf }: ViewSources, records: readonly AgentRecord[]): readonly AgentView[] {
  const nodes = new Map((world.jenkins.reading?.nodes ?? []).map((node) => [node.name, node]))
  return records.map((record) => {
    const { agentId } = record
    return agentView(record, {
      node: nodes.get(agentId),
      usage: usage.get(agentId),
      usedCpus: cpusOf(agentId),
    })
  })
}

function templateViews(
  { world, templates, sizing }: ViewSources,
  agents: readonly AgentView[],
): readonly TemplateView[] {
  const explanations = world.lastPlan?.explanation.templates ?? []
  const told = new Map(explanations.map((explanation) => [explanation.template, explanation]))
  const sums = sumsBy(agents, ({ template }) => template)
  return templates.map((template) => {
    const { name } = template
    const backoff = world.memory.backoff[name]
    return templateView(template, {
      told: told.get(name),
      sums: sums.get(name),
      sizing: sizing?.(template),
      failures: backoff?.failures ?? 0,
      backedOffUntil: backoff === undefined || backoff.failures === 0 ? undefined : backoff.until,
      paused: isPaused(world.paused, name),
    })
  })
}
