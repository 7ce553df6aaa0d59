import { notExplained } from '../core/explain-templates.ts'
import type { JenkinsNode } from '../core/jenkins-reading.ts'
import { isComing } from '../core/lifecycle.ts'
import { isOurOffline } from '../core/markers.ts'
import type { AgentId, AgentRecord, Caps, Instant } from '../core/model.ts'
import { isPaused } from '../core/pause.ts'
import { amount, plus, type Resources } from '../core/resources.ts'
import type { SizingView } from '../core/sizing-advice.ts'
import type { Brake, TemplateExplanation } from '../core/snapshot.ts'
import type { Template } from '../core/template.ts'
import type { OfferDesk } from './offer-desk.ts'
import type { AgentUsage } from './ports.ts'
import type {
  AgentView,
  BrakeView,
  CapsView,
  Health,
  HealthStatus,
  HostView,
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

export function buildView(sources: ViewSources): View {
  const { world, now } = sources
  const { explanation, wantedRoles } = world.lastPlan ?? { explanation: undefined, wantedRoles: new Set<string>() }
  const { reading, error } = world.jenkins
  const nodes = new Map((reading?.nodes ?? []).map((node) => [node.name, node]))
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
    templates: sources.templates.map((template) => templateView(template, sources, explanation?.templates ?? [])),
    agents: world.records.map((record) =>
      agentView(record, nodes.get(record.agentId), sources.usage.get(record.agentId)),
    ),
    hosts: hostViews(sources),
    problems: [
      ...sources.problems,
      ...(world.otherJenkins === undefined ? [] : [world.otherJenkins]),
      ...(explanation?.problems ?? []),
    ],
    dryRun: sources.dryRun,
  }
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

function templateView(
  template: Template,
  { world, sizing }: ViewSources,
  explanations: readonly TemplateExplanation[],
): TemplateView {
  const found = explanations.find((explanation) => explanation.template === template.name)
  const given = sum(world.records.filter((record) => record.template === template.name))
  const backoff = world.memory.backoff[template.name]
  return {
    ...(found ?? notExplained(template.name)),
    labels: template.labels,
    role: template.role,
    maxAgents: template.maxAgents,
    givenCpus: amount(given, 'cpus') / 1000,
    givenMemMib: amount(given, 'mem') / 1000,
    ...(sizing && { sizing: sizing(template) }),
    failures: backoff?.failures ?? 0,
    backedOffUntil: backoff === undefined || backoff.failures === 0 ? undefined : backoff.until,
    paused: isPaused(world.paused, template.name),
    scheduled: template.scheduled,
  }
}

function agentView(record: AgentRecord, node: JenkinsNode | undefined, usage: AgentUsage | undefined): AgentView {
  const { agentId, template, state, since, createdAt, hostname, executors, reason, idleSince, taskState } = record
  const foreign = node?.temporarilyOffline === true && !isOurOffline(node.offlineReason)
  return {
    agentId,
    template,
    state,
    since,
    createdAt,
    hostname,
    executors,
    cpus: amount(record.resources, 'cpus') / 1000,
    memMib: amount(record.resources, 'mem') / 1000,
    reason,
    idleSince,
    offlineBy: foreign && !isComing(state) ? node.offlineReason || 'somebody, without a reason' : undefined,
    builds: (node?.running ?? []).map(({ name }) => name),
    taskState,
    usage,
  }
}

/** Hosts that run an agent of ours or have offered something now. */
function hostViews({ world, desk }: ViewSources): readonly HostView[] {
  const hosts = new Map<string, { agents: AgentRecord[]; offered: Resources }>()
  const at = (hostname: string): { agents: AgentRecord[]; offered: Resources } => {
    const found = hosts.get(hostname) ?? { agents: [], offered: {} }
    hosts.set(hostname, found)
    return found
  }
  for (const record of world.records) if (record.hostname !== undefined) at(record.hostname).agents.push(record)
  for (const offer of desk.all) {
    const host = at(offer.hostname)
    host.offered = plus(host.offered, offer.free)
  }
  return [...hosts].map(([hostname, { agents, offered }]) => {
    const given = sum(agents)
    return {
      hostname,
      agents: agents.length,
      givenCpus: amount(given, 'cpus') / 1000,
      givenMemMib: amount(given, 'mem') / 1000,
      offeredCpus: amount(offered, 'cpus') / 1000,
      offeredMemMib: amount(offered, 'mem') / 1000,
      avoidedUntil: world.memory.hostBackoff[hostname],
    }
  })
}

function sum(records: readonly AgentRecord[]): Resources {
  return records.reduce<Resources>((total, { resources }) => plus(total, resources), {})
}
