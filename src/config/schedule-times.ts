import { Cron } from 'croner'

/** Any will do: within the years that follow everything comes that ever comes. */
const SOME_DAY = new Date(0)

/** What is wrong with a time zone, in words; `undefined`: nothing. */
export function timezoneMistake(timezone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
    return undefined
  } catch {
    // Its own message repeats the name and says nothing more.
    return `there is no time zone ${JSON.stringify(timezone)}: give an IANA name such as Europe/Berlin, or UTC`
  }
}

/** What is wrong with a cron, in words; `undefined`: nothing, and it comes some day. */
export function cronMistake(cron: string): string | undefined {
  const quoted = JSON.stringify(cron)
  try {
    const next = new Cron(cron, { mode: '5-part', timezone: 'UTC', paused: true }).nextRun(SOME_DAY)
    return next === null ? `the cron ${quoted} never matches` : undefined
  } catch {
    // Its messages speak of its own parts.
    return `the cron ${quoted} cannot be read: give minute, hour, day of month, month and day of week, such as "0 8 * * 1-5"`
  }
}
