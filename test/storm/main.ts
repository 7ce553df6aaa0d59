import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { storm } from './storm.ts'
import { WORLDS, type WorldName } from './world.ts'

/**
 * `npm run storm -- --hours 1000 --seed 1`: so many hours of a sidecar among troubles of every kind, on a virtual
 * clock, half of them in each world, or all in one (`--world policies`). `--json` ends with one line a world for
 * machines; `--trace 400` tells, after a violation, the last 400 things that happened before it. Fails where anything
 * was violated, and says how to play it again.
 */
const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    world: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    trace: { type: 'string', default: '0' },
  },
})
const seed = Number(values.seed)
const kept = Number(values.trace)
const worlds = (Object.keys(WORLDS) as WorldName[]).filter((name) => values.world === '' || values.world === name)
if (worlds.length === 0)
  throw new Error(`there is no world ${values.world}: there are ${Object.keys(WORLDS).join(', ')}`)
const hours = Number(values.hours) / worlds.length
for (const world of worlds) await play(world)

async function play(world: WorldName): Promise<void> {
  const last: string[] = []
  const began = performance.now()
  let shown = 0
  const result = await storm({
    hours,
    seed,
    world,
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
    console.log(`again: npm run storm -- --world ${world} --hours ${hours} --seed ${seed} --trace 400`)
  }
  const { violations, faultsByName, reaps, ...figures } = result
  if (values.json) {
    const counted = violations.length
    const rounded = Math.round(seconds * 10) / 10
    const shown = { world, seed, ...figures, reaps, violations: counted, seconds: rounded, hoursASecond, faultsByName }
    console.log(JSON.stringify(shown))
    return
  }
  for (const [name, count] of Object.entries(faultsByName)) console.log(`${String(count).padStart(6)} ${name}`)
  for (const [reason, count] of Object.entries(reaps))
    console.log(`${String(count).padStart(6)} agents went: ${reason}`)
  console.log(
    `world ${world}, seed ${seed}: ${figures.hours} hours, ${figures.faults} faults, ${figures.builds} builds ` +
      `(${figures.buildsEndedByFaults} ended by faults, ${figures.rebuilt} started again), ${figures.agents} agents, ` +
      `${figures.calls} calls; ${violations.length} violations; ${Math.round(seconds)} s, ` +
      `${hoursASecond} hours a second; ${figures.hash}`,
  )
}
