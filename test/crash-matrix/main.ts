import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { type DayResult, day } from './day.ts'
import { DAYS, type DayName } from './days.ts'
import { blowsOf, nameOf, readBlow } from './points.ts'
import { runAll } from './run.ts'

/**
 * `npm run crash-matrix`: one day for each point where the program writes or calls out, and each thing that may happen
 * there. `-- --json` ends with one line for machines; `--day policies` plays one of the
 * days alone, `--seed 2` is another one; `--every 7` takes each seventh,
 * `--match =gone` those whose step has this in its name;
 * `--only after:117` plays one day again and tells all that happens in it. Fails where anything was violated.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    day: { type: 'string', default: '' },
    only: { type: 'string' },
    every: { type: 'string', default: '1' },
    match: { type: 'string', default: '' },
    workers: { type: 'string', default: String(Math.min(4, availableParallelism())) },
  },
})
const seed = Number(values.seed)
const names = (Object.keys(DAYS) as DayName[]).filter((name) => values.day === '' || values.day === name)
if (names.length === 0) throw new Error(`there is no day ${values.day}: there are ${Object.keys(DAYS).join(', ')}`)
for (const name of names) await play(name)

async function play(name: DayName): Promise<void> {
  const began = performance.now()
  const quiet = await day({ name, seed })
  const again = await day({ name, seed, expected: quiet.outcome })
  const violations: string[] = [...quiet.violations]
  if (again.hash !== quiet.hash) violations.push('two days without a blow are not the same')
  if (values.only === undefined) violations.push(...(await playAll(name, quiet, began)))
  else violations.push(...(await playOne(name, quiet, values.only)))
  if (violations.length > 0) process.exitCode = 1
}

async function playOne(name: DayName, { outcome }: DayResult, point: string): Promise<readonly string[]> {
  const trace = (line: string): void => {
    console.log(line)
  }
  const { violations } = await day({ name, seed, blow: readBlow(point), expected: outcome, trace })
  console.log(violations.length === 0 ? `${point}: all is well` : `${point}:\n${violations.join('\n')}`)
  return violations
}

async function playAll(name: DayName, quiet: DayResult, began: number): Promise<readonly string[]> {
  const every = Number(values.every)
  const blows = blowsOf(quiet.steps)
    .filter(({ step }) => quiet.steps[step]?.name.includes(values.match))
    .filter((_, index) => index % every === 0)
  let runs = 0
  let virtualMs = 0
  const violations: string[] = []
  const failed: string[] = []
  await runAll({
    name,
    seed,
    expected: quiet.outcome,
    blows,
    workers: Number(values.workers),
    onReport: (report) => {
      runs += 1
      virtualMs += report.virtualMs
      if (!values.json && runs % 100 === 0) console.log(`${runs} of ${blows.length}`)
      if (report.violations.length === 0) return
      const point = nameOf(report.blow)
      failed.push(point)
      violations.push(...report.violations)
      console.log(`${point} ${quiet.steps[report.blow.step]?.name ?? ''}\n  ${report.violations.join('\n  ')}`)
      console.log(`  again: npm run crash-matrix -- --day ${name} --seed ${seed} --only ${point}`)
    },
  })
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const virtualHours = Math.round(virtualMs / 360_000) / 10
  const points = quiet.steps.length
  const summary = { day: name, seed, points, runs, violations: violations.length, failed, seconds, virtualHours }
  if (values.json) console.log(JSON.stringify(summary))
  else {
    console.log(
      `day ${name}: ${points} points, ${runs} days with one blow each, ${violations.length} violations, ${seconds} s`,
    )
  }
  return violations
}
