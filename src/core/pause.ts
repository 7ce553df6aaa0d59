import type { TemplateName } from './model.ts'

/** What an operator paused: nothing is provisioned for it. Agents that are there go on, and are reaped when idle. */
export interface Pause {
  readonly all: boolean
  readonly templates: readonly TemplateName[]
}

export const NOTHING_PAUSED: Pause = Object.freeze({ all: false, templates: [] })

export function isPaused(pause: Pause, template: TemplateName): boolean {
  return pause.all || pause.templates.includes(template)
}
