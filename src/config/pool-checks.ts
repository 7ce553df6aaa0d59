import type { Template } from '../core/template.ts'
import { cronMistake, timezoneMistake } from './schedule-times.ts'
import { DEFAULTS } from './template-defaults.ts'
import type { NamedTemplate } from './templates.ts'

/** Executors kept idle, and the times at which other values hold. */
export function checkPool({ input, template, tell }: NamedTemplate): void {
  const { minIdle, maxAgents, executors, headroom } = template
  const most = maxAgents * executors.max
  if (minIdle > most) tell.mistake(['minIdle'], `must not be more than maxAgents * executors.max, here ${most}`)
  if (headroom?.factor === 0) tell.warn(['headroom', 'factor'], 'is 0, so headroom does nothing')
  if (headroom?.limit !== undefined && headroom.limit < minIdle) {
    tell.warn(['headroom', 'limit'], `is less than minIdle, ${minIdle}, which is kept anyway`)
  } else if (headroom?.limit !== undefined && headroom.limit > most) {
    tell.warn(['headroom', 'limit'], `is more than maxAgents * executors.max, here ${most}`)
  }
  const schedules = input.schedules ?? []
  for (const [index, schedule] of schedules.entries()) {
    const path = ['schedules', String(index)]
    const wrongZone = timezoneMistake(schedule.timezone ?? DEFAULTS.timezone)
    const wrongTime = cronMistake(schedule.cron)
    if (wrongZone !== undefined) tell.mistake([...path, 'timezone'], wrongZone)
    if (wrongTime !== undefined) tell.mistake([...path, 'cron'], wrongTime)
    checkScheduledPool(schedule, path, template, tell)
  }
  if (schedules.length === 1 && schedules[0]?.durationMinutes === undefined) {
    tell.warn(
      ['schedules', '0'],
      'holds for ever after its first time, as no other schedule follows it: give it durationMinutes, or a second one',
    )
  }
}

function checkScheduledPool(
  schedule: { readonly minIdle?: number; readonly maxAgents?: number },
  path: readonly string[],
  template: Template,
  tell: NamedTemplate['tell'],
): void {
  const most = (schedule.maxAgents ?? template.maxAgents) * template.executors.max
  if (schedule.minIdle !== undefined && schedule.minIdle > most) {
    tell.mistake([...path, 'minIdle'], `must not be more than maxAgents * executors.max, here ${most}`)
  } else if (schedule.maxAgents !== undefined && schedule.minIdle === undefined && template.minIdle > most) {
    tell.warn([...path, 'maxAgents'], `leaves room for ${most} of the ${template.minIdle} executors of minIdle only`)
  }
}
