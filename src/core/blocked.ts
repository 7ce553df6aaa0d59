import type { Template } from './template.ts'

/** Those of the template: how many agents, their CPUs, their memory. Then the same of all agents. */
export type CapScope = 'template' | 'template_cpus' | 'template_mem' | 'agents' | 'cpus' | 'mem'

/** Why a template cannot have one more agent now. */
export interface Blocked {
  readonly kind: 'capped' | 'backed_off' | 'paused'
  readonly scope: CapScope | undefined
  /** How much of what that cap counts, agents or thousandths, must go first; 0 without a cap. */
  readonly missing: number
  readonly words: string
}

/** One that may serve an item. */
export interface Candidate {
  readonly template: Template
  /** Why it was passed over; `undefined`: it was chosen, or another was before it. */
  readonly blocked: Blocked | undefined
}
