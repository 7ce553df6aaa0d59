import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { storm } from './storm.ts'

/**
 * `npm run storm -- --hours 1000 --seed 1`: so many hours of a sidecar among troubles of every kind, on a virtual
 * clock. `--json` ends with one line for machines; `--trace 400` tells, after a violation, the last 400 things that
 * happened before it. Fails where anything was violated, and says how to play it again.
 */
const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    trace: { type: 'string', default: '0' },
  },
})
const hours = Number(values.hours)
const seed = Number(values.seed)
const kept = Number(values.trace)
const last: string[] = []
const began = performance.now()
let shown = 0

const result = await storm({
  hours,
  seed,
  ...(kept > 0 && {
    trace: (line: string) => {
      last.push(line)
      if (last.length > kept) last.shift()
    },
  }),
  onBurst: (now) => {
    if (values.json || now - shown < hours / 20) return
    shown = now
    console.log(`${Math.round(now)} hours, ${Math.round((performance.now() - began) / 1000)} s`)
  },
})
const seconds = (performance.now() - began) / 1000
const hoursASecond = Math.round((result.hours / seconds) * 10) / 10
if (result.violations.length > 0) {
  process.exitCode = 1
  if (kept > 0) console.log(last.join('\n'))
  console.log(result.violations.join('\n'))
  console.log(`again: npm run storm -- --hours ${hours} --seed ${seed} --trace 400`)
}
const { violations, faultsByName, ...figures } = result
if (values.json) {
  const counted = violations.length
  const secondsRounded = Math.round(seconds * 10) / 10
  console.log(
    JSON.stringify({ seed, ...figures, violations: counted, seconds: secondsRounded, hoursASecond, faultsByName }),
  )
} else {
  for (const [name, count] of Object.entries(faultsByName)) console.log(`${String(count).padStart(6)} ${name}`)
  console.log(
    `seed ${seed}: ${figures.hours} hours, ${figures.faults} faults, ${figures.builds} builds ` +
      `(${figures.buildsEndedByFaults} ended by faults), ${figures.agents} agents, ${figures.calls} calls; ` +
      `${violations.length} violations; ${Math.round(seconds)} s, ${hoursASecond} hours a second; ${figures.hash}`,
  )
}
