import { Cron } from 'croner'
import type { Instant } from '../core/model.ts'
import type { Schedule, Template } from '../core/template.ts'

/** When a schedule last began to hold, and when it begins the next time. */
interface Begins {
  readonly last: Instant | undefined
  /** `Number.POSITIVE_INFINITY`: never again. */
  readonly next: Instant
}

interface Applied {
  readonly schedule: Schedule | undefined
  readonly template: Template
}

/**
 * Templates as they are to be planned with now: with the values of the schedule that holds. Cheap to ask for in every
 * round: a cron is looked at again only when it begins, and while the same schedule holds the values are the same
 * objects.
 *
 * A schedule begins to hold at each match of its cron and ends after its duration, if it has one. Of those that hold the
 * one that began last is taken; of two that began together the later in the list. If none holds, the template's own
 * values do. Crons and time zones were checked with the configuration.
 */
export function scheduled(templates: () => readonly Template[], now: () => Instant): () => readonly Template[] {
  const applied = new WeakMap<Template, Applied>()
  const crons = new WeakMap<Schedule, Crontab>()
  const cronOf = (schedule: Schedule): Crontab => {
    const known = crons.get(schedule) ?? new Crontab(schedule)
    crons.set(schedule, known)
    return known
  }
  return () => {
    const at = now()
    return templates().map((template) => {
      if (template.schedules.length === 0) return template
      const schedule = holding(template.schedules, at, cronOf)
      const before = applied.get(template)
      if (before !== undefined && before.schedule === schedule) return before.template
      const fresh = { schedule, template: schedule === undefined ? template : apply(template, schedule) }
      applied.set(template, fresh)
      return fresh.template
    })
  }
}

function holding(
  schedules: readonly Schedule[],
  now: Instant,
  cronOf: (schedule: Schedule) => Crontab,
): Schedule | undefined {
  let found: { readonly schedule: Schedule; readonly since: Instant } | undefined
  for (const schedule of schedules) {
    const since = cronOf(schedule).lastBegin(now)
    if (since === undefined || now - since >= (schedule.durationMs ?? Number.POSITIVE_INFINITY)) continue
    if (found === undefined || since >= found.since) found = { schedule, since }
  }
  return found?.schedule
}

function apply(template: Template, schedule: Schedule): Template {
  const { minIdle, maxAgents, idleTimeoutMs } = schedule
  return {
    ...template,
    minIdle: minIdle ?? template.minIdle,
    maxAgents: maxAgents ?? template.maxAgents,
    idleTimeoutMs: idleTimeoutMs ?? template.idleTimeoutMs,
    scheduled: `${schedule.cron} ${schedule.timezone}`,
  }
}

/** The begins of one schedule. What was found holds until the next begin, or until the clock is set back. */
class Crontab {
  readonly #cron: Cron
  #begins: Begins | undefined

  constructor(schedule: Schedule) {
    this.#cron = cronOf(schedule)
  }

  lastBegin(now: Instant): Instant | undefined {
    if (this.#begins === undefined || now >= this.#begins.next || now < (this.#begins.last ?? -Infinity)) {
      this.#begins = beginsAt(this.#cron, now)
    }
    return this.#begins.last
  }
}

function beginsAt(cron: Cron, now: Instant): Begins {
  // A run in the second of the reference counts as earlier, one at the reference itself does not.
  const [last] = cron.previousRuns(1, new Date(now + 1))
  return { last: last?.getTime(), next: cron.nextRun(new Date(now))?.getTime() ?? Number.POSITIVE_INFINITY }
}

/**
 * Where clocks are put forward a time that is left out is the first moment after the gap; where they are put back a
 * time that comes twice is the first of the two. So it is for minutes and hours given by numbers, lists and ranges:
 * with `*` or a step, times in the gap are left out and doubled ones match twice.
 */
function cronOf({ cron, timezone }: Pick<Schedule, 'cron' | 'timezone'>): Cron {
  return new Cron(cron.trim(), { mode: '5-part', timezone, fixedTimeRule: 'no-wildcard', paused: true })
}
