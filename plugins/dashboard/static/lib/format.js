const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * `8 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. @param {number} ms
 */
export function duration(ms) {
  const whole = Math.max(0, Math.floor(ms / SECOND)) * SECOND
  if (whole < MINUTE) return `${whole / SECOND} s`
  if (whole < 10 * MINUTE) return parts(whole, MINUTE, 'min', SECOND, 's')
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`
  if (whole < DAY) return parts(whole, HOUR, 'h', MINUTE, 'min')
  return parts(whole, DAY, 'd', HOUR, 'h')
}

/**
 * @param {number} ms
 * @param {number} unit
 * @param {string} name
 * @param {number} small
 * @param {string} smallName
 */
function parts(ms, unit, name, small, smallName) {
  const rest = Math.floor((ms % unit) / small)
  return `${Math.floor(ms / unit)} ${name}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}

/**
 * The local time of day, with the date where it is not today.
 * @param {number} at
 * @param {number} now
 */
export function clockTime(at, now) {
  const date = new Date(at)
  const sameDay = date.toDateString() === new Date(now).toDateString()
  return sameDay
    ? date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
    : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

/**
 * The whole local time with its zone, for titles. @param {number} at
 */
export function fullTime(at) {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })
}

/**
 * `512 MiB`, `1.5 GiB`, `12 TiB`; `–` where it is not known. @param {number | undefined} mib
 */
export function memory(mib) {
  if (mib === undefined) return '–'
  if (Math.abs(mib) < 1_023.5) return `${Math.round(mib)} MiB`
  const gib = mib / 1_024
  if (Math.abs(gib) < 1_023.5) return `${rounded(gib)} GiB`
  return `${rounded(gib / 1_024)} TiB`
}

/**
 * `0.25 CPU`, `1 CPU`, `16 CPUs`; `–` where it is not known. @param {number | undefined} value
 */
export function cpus(value) {
  if (value === undefined) return '–'
  const text = amount(value)
  return `${text} ${text === '1' || Math.abs(value) < 1 ? 'CPU' : 'CPUs'}`
}

/**
 * A number with two digits behind the point at most, and thousands apart. @param {number} value
 */
export function amount(value) {
  return value.toLocaleString('en', {
    maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 1_000 ? 1 : 0,
  })
}

/**
 * `1 agent`, `2,000 agents`.
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function count(n, one, many = `${one}s`) {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}

/**
 * Used of given in whole percent; `undefined` where one of them is not known.
 * @param {number | undefined} used
 * @param {number | undefined} given
 */
export function percent(used, given) {
  if (used === undefined || given === undefined || given <= 0) return undefined
  return Math.round((used / given) * 100)
}

/** @param {number} value */
function rounded(value) {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 })
}
