import type { SeenConstraint, SeenPromises, SeenTemplate } from '../checker/scene.ts'

/** What is watched of a template, as it is written. */
export interface WatchedTemplate {
  readonly maxAgents?: number
  readonly minIdle?: unknown
  readonly headroom?: unknown
  readonly schedules?: unknown
  readonly maxCpus?: number
  readonly maxMemMib?: number
  readonly maxBuilds?: number
  readonly oneShot?: boolean
  readonly constraints?: unknown
}

interface Schedule {
  readonly cron: string
  readonly durationMinutes?: number
  readonly minIdle?: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Read from what people write, without a part of the program. */
export function promisesOf(
  templates: Readonly<Record<string, WatchedTemplate>>,
  environment: Readonly<Record<string, string>>,
): Pick<SeenPromises, 'templates' | 'launchRate'> {
  return {
    templates: new Map(Object.entries(templates).map(([name, template]) => [name, seen(template)])),
    launchRate: {
      burst: Number(environment['LAUNCH_BURST'] ?? 10),
      perSecond: Number(environment['LAUNCH_RATE_PER_SECOND'] ?? 2),
    },
  }
}

function seen({ constraints = [], maxBuilds, oneShot, minIdle, schedules = [] }: WatchedTemplate): SeenTemplate {
  const rules = constraints as readonly (readonly [string, SeenConstraint['operator'], (string | number)?])[]
  return {
    constraints: rules.map(([field, operator, value]) => ({
      field,
      operator,
      value: value === undefined ? undefined : String(value),
    })),
    maxBuilds: oneShot === true ? 1 : maxBuilds,
    minIdleAt: idleAt(Number(minIdle ?? 0), schedules as readonly Schedule[]),
  }
}

/** Knows one schedule `M *\/H * * *` with a duration, in UTC. */
function idleAt(own: number, schedules: readonly Schedule[]): SeenTemplate['minIdleAt'] {
  const [schedule, ...others] = schedules
  if (schedule === undefined) return () => own
  const [, minute, hours] = /^(\d+) \*\/(\d+) \* \* \*$/.exec(schedule.cron) ?? []
  const { durationMinutes, minIdle = own } = schedule
  if (minute === undefined || durationMinutes === undefined || others.length > 0) return () => undefined
  return (wall) => {
    const ofDay = wall % (24 * HOUR_MS)
    const since = (ofDay - Number(minute) * MINUTE_MS) % (Number(hours) * HOUR_MS)
    return since >= 0 && since < durationMinutes * MINUTE_MS ? minIdle : own
  }
}
