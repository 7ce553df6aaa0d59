import type { Caps, Instant } from '../core/model.ts'
import { NOTHING_PAUSED } from '../core/pause.ts'
import type { Template } from '../core/template.ts'
import { showCaps } from './view.ts'
import { templateView } from './view-templates.ts'
import type { Health, Leadership, View } from './view-types.ts'

export interface StandbyHealthSources {
  readonly leadership: Leadership
  /** In place to take over from another instance that leads. */
  readonly inPlace: boolean
  /** Why nothing can be done although this instance leads. */
  readonly failure: string | undefined
}

export interface StandbySources extends StandbyHealthSources {
  readonly templates: readonly Template[]
  readonly caps: Caps
  readonly jenkinsUrl: string
  readonly now: Instant
  readonly problems: readonly string[]
}

/** What an instance shows that does not act: it knows of no agent, those are the leader's. */
export function standbyView(sources: StandbySources): View {
  const { leadership, failure, now, caps, jenkinsUrl, problems } = sources
  const words = failure ?? `this instance does not lead: ${leadership.why}`
  return {
    now,
    health: standbyHealth(sources),
    leadership,
    jenkins: { url: jenkinsUrl, reachable: false, error: words, version: undefined, nodes: 0, queued: 0 },
    mesos: {
      subscribed: false,
      master: undefined,
      version: undefined,
      frameworkId: undefined,
      why: words,
      offersHeld: 0,
      wantedRoles: [],
    },
    round: { number: 0, lastAt: undefined, held: undefined },
    brake: undefined,
    caps: showCaps(caps),
    paused: NOTHING_PAUSED, // the leader knows
    queue: [],
    templates: sources.templates.map((template) => ({
      ...templateView(template, {
        told: undefined,
        sums: undefined,
        sizing: undefined,
        failures: 0,
        backedOffUntil: undefined,
        paused: false,
      }),
      words,
    })),
    agents: [],
    hosts: [],
    problems,
    dryRun: undefined,
  }
}

export function standbyHealth({ leadership, inPlace, failure }: StandbyHealthSources): Health {
  const say = (status: Health['status'], words: string): Health => ({ status, words, lastRoundAgeMs: undefined })
  if (failure !== undefined) return say('store', failure)
  if (inPlace) return say('standby', `standby: ${leadership.why}`)
  return leadership.role === 'leader' ? say('starting', leadership.why) : say('disconnected', leadership.why)
}
