const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `7 s`, `4 min`, `2 h 5 min`, `3 d 4 h`: the longer, the coarser, so that it seldom changes. */
export function duration(ms: number): string {
  const of = (unit: number): number => Math.floor(Math.max(0, ms) / unit)
  if (ms < MINUTE) return `${of(SECOND)} s`
  if (ms < HOUR) return `${of(MINUTE)} min`
  if (ms < DAY) return `${of(HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`
  return `${of(DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`
}

/** `1 agent`, `2 agents`. */
export function count(number: number, one: string, many: string = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}

/** CPUs, with at most one digit behind the point. */
export function cpus(amount: number): string {
  return String(Math.round(amount * 10) / 10)
}

export function mem(mib: number): string {
  return mib < 1024 ? `${Math.round(mib)} MiB` : `${Math.round(mib / 102.4) / 10} GiB`
}
