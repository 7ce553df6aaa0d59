import type { CapScope } from './blocked.ts'
import type { AgentId, AgentState, Instant, TemplateName } from './model.ts'
import type { ItemExplanation, TemplateExplanation } from './snapshot.ts'

/** What a template was for an item: the one that serves it, one that was not needed, or why it was passed over. */
export type CandidateOutcome =
  | 'serves'
  | 'not_needed'
  | 'labels'
  | 'mode'
  | 'capped'
  | 'backed_off'
  | 'paused'
  | 'rate_limited'

export interface Candidate {
  readonly template: TemplateName
  readonly outcome: CandidateOutcome
  readonly words: string
}

/** What items with the same wish have in common. */
export interface WishExplanation {
  /** Those that match first, in the order in which they are asked; then the others. */
  readonly candidates: readonly Candidate[]
  /** Candidates beyond those listed. */
  readonly more: number
  /** Labels that no template has, each with those that look like it. */
  readonly missing: readonly { readonly label: string; readonly near: readonly string[] }[]
}

/** Where an item stands, beside its state. */
export interface Standing {
  /** The cap that it waits for. Agents, CPUs or MiB. */
  readonly cap: CapUse | undefined
  /** The next try of its template is not before. */
  readonly until: Instant | undefined
  /** The agent that starts for it. */
  readonly agent:
    | {
        readonly agentId: AgentId
        readonly state: AgentState
        readonly since: Instant
        readonly hostname: string | undefined
      }
    | undefined
  /** The node that is to take it, or that it is tied to. */
  readonly node: string | undefined
}

export interface CapUse {
  readonly scope: CapScope
  readonly used: number
  readonly limit: number
}

/** An item as the whole list has it: candidates and hosts stand once beside it, for all items that share them. */
export interface ItemReport extends ItemExplanation {
  readonly standing: Standing
  /** Key in `wishes`; `undefined`: it asks for nothing that a template could give. */
  readonly asks: string | undefined
}

/** One item, with all that is known of it. */
export interface ItemDetails extends ItemReport {
  readonly candidates: WishExplanation | undefined
  /** Where an agent for it could go; `undefined` unless it waits for an offer. */
  readonly hosts: HostsReport | undefined
}

/** Why hosts did not take an agent of a template. */
export interface HostsReport {
  readonly role: string
  /** All that offered to the role since the subscription began. */
  readonly known: number
  /** Of these, with an offer at the last look. */
  readonly offering: number
  /** With room for one more agent, as far as their last offers tell. */
  readonly fitting: number
  /** Those that refuse it, the nearest first. */
  readonly nearest: readonly HostRefusal[]
  /** How many more refuse it, by the first stage that does. */
  readonly others: Readonly<Record<string, number>>
}

export interface HostRefusal {
  readonly hostname: string
  readonly offering: boolean
  /** When it was offered last. */
  readonly seenAt: Instant
  /** Every stage that refuses it, in words. */
  readonly refusals: readonly { readonly stage: string; readonly words: string; readonly passing: boolean }[]
  /** What is missing, in units: CPUs, MiB and so on. */
  readonly short: readonly { readonly name: string; readonly needs: number; readonly has: number }[]
}

export interface TemplateReport extends TemplateExplanation {
  /** Of its smallest agent, in words. */
  readonly needs: string
  readonly hosts: HostsReport
  /** Known hosts that can run it some day, if not now. */
  readonly possibleHosts: number
  /** Agents for which there is room now, caps left aside. */
  readonly fitNow: number
  /** Agents for which there would be room if no other agent of ours ran. */
  readonly fitAtMost: number
  /** What a person should know about it, each a sentence. */
  readonly findings: readonly string[]
}

/** Why one host takes no further agent of a template: every stage that refuses it, in words. */
export interface TemplateRefusals {
  readonly template: TemplateName
  readonly words: readonly string[]
}

/** Why an agent is kept, or goes. */
export type KeepCode =
  | 'planned'
  | 'starting'
  | 'busy'
  | 'taken'
  | 'idle'
  | 'warm_pool'
  | 'offline_by_person'
  | 'disconnected'
  | 'unreachable'
  | 'draining'
  | 'stopping'

export interface AgentExplanation {
  readonly agentId: AgentId
  readonly template: TemplateName
  readonly state: AgentState
  readonly since: Instant
  readonly hostname: string | undefined
  /** Why it was provisioned. */
  readonly provisioned: string
  readonly keep: KeepCode
  readonly words: string
  /** When it goes at the earliest, if nothing changes; `undefined`: not by time. */
  readonly goesAt: Instant | undefined
}
