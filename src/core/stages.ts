import { brokenRule, isPassing, type Rule, ruleWords } from './constraints.ts'
import type { Instant, MesosAgentId, OfferId, TemplateName } from './model.ts'
import type { Attribute, FaultDomain, PortRange, Unavailability } from './offer.ts'
import type { AvoidedHosts, HostFailures, Reserved } from './remembered.ts'
import { amount, fits, type Resources, type Shortage, shortages, showScalar } from './resources.ts'
import type { Standing, Standings } from './standings.ts'
import type { Template } from './template.ts'

/** All offers of one host to one role, taken together. */
export interface HostOffer {
  readonly hostname: string
  readonly mesosAgentId: MesosAgentId
  readonly address: string
  readonly role: string
  readonly offers: readonly OfferId[]
  readonly free: Resources
  readonly portRanges?: readonly PortRange[]
  readonly attributes: readonly Attribute[]
  readonly domain: FaultDomain | undefined
  readonly unavailability: Unavailability | undefined
}

/** What must fit somewhere. What is left out asks for nothing. */
export interface Need {
  readonly role: string
  readonly resources: Resources
  readonly regions?: Template['regions']
  readonly maxBuildMs?: number
  /** Whose agents its rules count. */
  readonly template?: TemplateName
  /** Its launch key: hosts where launches of it failed are avoided by it alone. */
  readonly launch?: TemplateName
  readonly rules?: readonly Rule[]
  /** The highest is served first [0]. */
  readonly priority?: number
  readonly packing?: Template['packing']
  /** Hosts to be asked first, the best of them first. */
  readonly near?: readonly string[]
  /** Host ports that it must have by number, beside any others that it asks for. */
  readonly hostPorts?: readonly number[]
}

/** What the stages look at beside the host and the need. */
export interface MatchContext {
  readonly now: Instant
  readonly hostBackoff: Readonly<Record<string, Instant>>
  /** The master's own region, if it tells. */
  readonly home?: string | undefined
  /** Of hosts whose operators asked for them. */
  readonly windows?: ReadonlyMap<MesosAgentId, Unavailability>
  /** Where the agents of each template are [nowhere]. */
  readonly standings?: Standings
  /** Launches that failed in a row on a host. */
  readonly hostFailures?: Readonly<Record<string, HostFailures>>
  /** The same of one launch key, beside what holds for all [none]. */
  readonly avoidedBy?: Readonly<Record<TemplateName, AvoidedHosts>>
  /** How many agents of ours are on each host [none]. */
  readonly agentsOn?: ReadonlyMap<MesosAgentId, number>
  /** Hosts that are kept for an agent that finds no room, by role. */
  readonly reserved?: ReadonlyMap<string, Reserved>
}

/** The answer of one stage. A refusal says why in words that a person can act on. */
export interface Refusal {
  readonly stage: string
  readonly words: string
  /** It may fit later without anybody changing anything: ask again soon. */
  readonly passing: boolean
  /** What there is too little of; empty at other stages than `resources`. */
  readonly short: readonly Shortage[]
}

/** One question asked of a host. Stages hold no state and keep no order between hosts. */
interface Stage {
  /** Quick, as thousands of hosts are asked. */
  readonly refuses: (host: HostOffer, need: Need, context: MatchContext) => boolean
  /** Of one that refuses. */
  readonly words: (host: HostOffer, need: Need, context: MatchContext) => string
  readonly passing: (host: HostOffer, need: Need, context: MatchContext) => boolean
}

const never = (): boolean => false
const always = (): boolean => true

/** A host far from the master is for templates that ask for it. A host or master without a region is at home. */
const region: Stage = {
  refuses: ({ domain }, { regions = 'any' }, { home }) => {
    if (domain === undefined || home === undefined || regions === 'any' || domain.region === home) return false
    return regions === 'home' || !regions.includes(domain.region)
  },
  words: ({ hostname, domain }, _need, { home }) =>
    `${hostname} is in region ${domain?.region ?? ''}, the master in ${home ?? ''}: name it in regions of the template`,
  passing: never,
}

/** GPUs are few: what could run anywhere must not take the CPU and memory beside them. */
const gpus: Stage = {
  refuses: ({ free }, { resources }) => amount(free, 'gpus') > 0 && amount(resources, 'gpus') === 0,
  words: ({ hostname }) => `${hostname} has GPUs and is kept for templates that ask for some (gpus)`,
  passing: never,
}

/** Every host has some of these, however little is free now; of others a host may have none at all. */
const COMMON: ReadonlySet<string> = new Set(['cpus', 'mem', 'disk', 'ports'])

const resources: Stage = {
  refuses: (host, need) => !fits(need.resources, host.free),
  words: (host, need) => {
    const words = shortages(need.resources, host.free)
      .map(({ name, needed, available }) => `needs ${showScalar(name, needed)}, has ${showScalar(name, available)}`)
      .join('; ')
    return `${host.hostname} ${words}`
  },
  // What others free there is offered again at once, whatever was refused before.
  passing: (host, need) => {
    for (const name in need.resources) {
      if (!COMMON.has(name) && amount(need.resources, name) > 0 && amount(host.free, name) === 0) return false
    }
    return true
  },
}

/** One agent at a time has a port of a host. */
const ports: Stage = {
  refuses: ({ portRanges = [] }, { hostPorts = [] }) =>
    hostPorts.length > 0 && hostPorts.some((port) => !isWithin(port, portRanges)),
  words: ({ hostname, portRanges = [] }, { hostPorts = [] }) => {
    const missing = hostPorts.filter((port) => !isWithin(port, portRanges)).join(', ')
    return `${hostname} does not offer host port ${missing} (hostPort in portMappings of the template), it has ${showPorts(portRanges)}`
  },
  // Between those that it offers it belongs to somebody else now; beyond them it is not for tasks at all.
  passing: ({ portRanges = [] }, { hostPorts = [] }) => {
    const first = Math.min(...portRanges.map(({ begin }) => begin))
    const last = Math.max(...portRanges.map(({ end }) => end))
    return portRanges.length === 0 || hostPorts.every((port) => first <= port && port <= last)
  },
}

function isWithin(port: number, ranges: readonly PortRange[]): boolean {
  return ranges.some(({ begin, end }) => begin <= port && port <= end)
}

const SHOWN_RANGES = 3

function showPorts(ranges: readonly PortRange[]): string {
  if (ranges.length === 0) return 'none'
  const shown = ranges.slice(0, SHOWN_RANGES).map(({ begin, end }) => (begin === end ? `${begin}` : `${begin}-${end}`))
  return `${shown.join(', ')}${ranges.length > SHOWN_RANGES ? ' …' : ''}`
}

/** Refusals that end sooner than this are passing. */
const SOON_MS = 300_000

function windowOf(host: HostOffer, { windows }: MatchContext): Unavailability | undefined {
  return host.unavailability ?? windows?.get(host.mesosAgentId)
}

/** Whether a host goes into maintenance within this time, or is in it. */
export function isClosing(window: Unavailability | undefined, withinMs: number, now: Instant): boolean {
  if (window === undefined || (window.endsAt !== undefined && window.endsAt <= now)) return false
  return window.startsAt - now <= withinMs
}

const maintenance: Stage = {
  refuses: (host, { maxBuildMs = 0 }, context) => isClosing(windowOf(host, context), maxBuildMs, context.now),
  words: (host, { maxBuildMs = 0 }, context) => {
    const opensMs = (windowOf(host, context)?.startsAt ?? context.now) - context.now
    if (opensMs <= 0) return `${host.hostname} is in maintenance`
    const builds = `builds may take ${minutes(maxBuildMs)} (maxBuildSeconds)`
    return `${host.hostname} goes into maintenance in ${minutes(opensMs)}, ${builds}`
  },
  passing: (host, _need, context) => {
    const endsAt = windowOf(host, context)?.endsAt
    return endsAt !== undefined && endsAt - context.now < SOON_MS
  },
}

const avoided: Stage = {
  refuses: ({ hostname }, need, context) =>
    (context.hostBackoff[hostname] ?? 0) > context.now ||
    (ownAvoided(need, context)?.hostBackoff[hostname] ?? 0) > context.now,
  words: ({ hostname }, need, context) => {
    const { now, hostBackoff, hostFailures } = context
    const own = ownAvoided(need, context)
    const forAll = hostBackoff[hostname] ?? 0
    const until = own?.hostBackoff[hostname] ?? 0
    const isOwn = until > forAll
    const { count = 1 } = (isOwn ? own?.hostFailures : hostFailures)?.[hostname] ?? {}
    const after = count > 1 ? `${count} failed launches in a row` : 'a failed launch'
    const whose = isOwn && need.template !== undefined ? ` of template ${need.template}` : ''
    return `${hostname} is avoided for ${Math.ceil((Math.max(until, forAll) - now) / 1000)} s more after ${after}${whose}`
  },
  passing: always,
}

function ownAvoided({ launch }: Need, { avoidedBy }: MatchContext): AvoidedHosts | undefined {
  return launch === undefined ? undefined : avoidedBy?.[launch]
}

const constraints: Stage = {
  refuses: (host, need, context) => (need.rules?.length ?? 0) > 0 && broken(host, need, context) !== undefined,
  words: (host, need, context) => {
    const rule = broken(host, need, context)
    if (rule === undefined) return ''
    return ruleWords(host, rule, need.template, standing(need, context, rule.constraint.field))
  },
  passing: (host, need, context) => {
    const rule = broken(host, need, context)
    return rule === undefined || isPassing(host, rule)
  },
}

function broken(host: HostOffer, need: Need, context: MatchContext): Rule | undefined {
  return brokenRule(host, need.rules ?? [], (field) => standing(need, context, field))
}

function standing({ template }: Need, { standings }: MatchContext, field: string): Standing | undefined {
  return template === undefined ? undefined : standings?.of(template, field)
}

/** What is as big, or more urgent, may have it. */
const reserved: Stage = {
  refuses: (host, need, context) => {
    const kept = context.reserved?.get(host.role)
    if (kept?.mesosAgentId !== host.mesosAgentId || kept.until <= context.now) return false
    return (need.priority ?? 0) <= kept.priority && !fits(kept.resources, need.resources)
  },
  words: ({ hostname, role }, _need, { now, reserved: all }) => {
    const kept = all?.get(role)
    const seconds = Math.ceil(((kept?.until ?? now) - now) / 1000)
    return `${hostname} is kept for a bigger agent, of template ${kept?.template ?? '?'}, for ${seconds} s at most`
  },
  passing: always,
}

/** What lasts longest comes first: that is what people are told. */
const STAGES: Readonly<Record<string, Stage>> = {
  region,
  gpus,
  constraints,
  maintenance,
  ports,
  resources,
  avoided,
  reserved,
}
const ALL = Object.values(STAGES)
const BESIDE_RESOURCES = ALL.filter((stage) => stage !== resources)

/** Every refusal of every stage, not only the first: the whole list is what explains a waiting build. */
export function refusals(host: HostOffer, need: Need, context: MatchContext): readonly Refusal[] {
  return Object.entries(STAGES).flatMap(([stage, { refuses, words, passing }]) =>
    refuses(host, need, context)
      ? [
          {
            stage,
            words: words(host, need, context),
            passing: passing(host, need, context),
            short: stage === 'resources' ? shortages(need.resources, host.free) : [],
          },
        ]
      : [],
  )
}

export function isRefused(host: HostOffer, need: Need, context: MatchContext): boolean {
  return ALL.some(({ refuses }) => refuses(host, need, context))
}

/** Nothing but what is free there may stand in the way. */
export function isOpen(host: HostOffer, need: Need, context: MatchContext): boolean {
  return !BESIDE_RESOURCES.some(({ refuses }) => refuses(host, need, context))
}

/** It cannot fit, and that will not pass by itself. */
export function canNeverFit(host: HostOffer, need: Need, context: MatchContext): boolean {
  return ALL.some(({ refuses, passing }) => refuses(host, need, context) && !passing(host, need, context))
}

function minutes(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`
}
