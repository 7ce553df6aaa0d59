import { Cron } from 'croner'
import type { Template } from '../core/model.ts'
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
    const whenWrong = wrongTime(schedule.cron, schedule.timezone ?? 'UTC')
    if (whenWrong !== undefined) tell.mistake([...path, whenWrong.field], whenWrong.why)
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

interface WrongTime {
  readonly field: 'cron' | 'timezone'
  readonly why: string
}

/** Any will do: within the years that follow everything comes that ever comes. */
const SOME_DAY = new Date('2024-01-01T00:00:00Z')

function wrongTime(cron: string, timezone: string): WrongTime | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
  } catch {
    return { field: 'timezone', why: 'must be the name of a time zone, such as Europe/Berlin' }
  }
  if (cron.trim().split(/\s+/).length !== 5) {
    return { field: 'cron', why: 'must have five fields: minute, hour, day of month, month, day of week' }
  }
  try {
    const next = new Cron(cron.trim(), { paused: true, timezone, mode: '5-part' }).nextRun(SOME_DAY)
    return next === null ? { field: 'cron', why: 'names a time that never comes' } : undefined
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message.replace(/^CronPattern: /, '').replace(/\.$/, '') : ''
    return { field: 'cron', why: `is no time: ${why}` }
  }
}
