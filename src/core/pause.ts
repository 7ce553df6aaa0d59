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

/** After an operator's call. @param template `undefined`: all of them, also those that are configured later */
export function paused(pause: Pause, template: TemplateName | undefined): Pause {
  if (template === undefined) return { ...pause, all: true }
  return { ...pause, templates: [...pause.templates.filter((name) => name !== template), template].sort() }
}

/** After an operator's call. @param template `undefined`: all of them */
export function resumed(pause: Pause, template: TemplateName | undefined): Pause {
  if (template === undefined) return NOTHING_PAUSED
  return { ...pause, templates: pause.templates.filter((name) => name !== template) }
}

/** Why no agent may be provisioned for a template although nothing is wrong with it; `undefined`: it may. */
export type Stop = (template: TemplateName) => string | undefined

/** @param quietingDown Jenkins starts no build any more, until it is restarted or that is cancelled */
export function stopOf(pause: Pause, quietingDown: boolean): Stop {
  if (quietingDown) return () => 'Jenkins is about to shut down: no agent is started until it is back'
  if (pause.all) return () => 'an operator paused all templates: no agent is started until POST /api/v1/actions/resume'
  return (template) =>
    pause.templates.includes(template)
      ? `an operator paused template ${template}: no agent is started until POST /api/v1/actions/resume`
      : undefined
}

/** What people should be reminded of. */
export function pauseProblems(pause: Pause, quietingDown: boolean): readonly string[] {
  const resume = 'no agent is started for it until POST /api/v1/actions/resume'
  return [
    ...(quietingDown
      ? ['Jenkins is about to shut down: no agent is started until it is back, or that is cancelled']
      : []),
    ...(pause.all ? ['all templates are paused: no agent is started until POST /api/v1/actions/resume'] : []),
    ...(pause.all ? [] : pause.templates.map((name) => `template ${name} is paused: ${resume}`)),
  ]
}
