import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { day } from './day.ts'
import { blowsOf, nameOf, readBlow } from './points.ts'
import { runAll } from './run.ts'

/**
 * `npm run crash-matrix`: one day for each point where the program writes or calls out, and each thing that may happen
 * there. `-- --json` ends with one line for machines; `--seed 2` is another day; `--every 7` takes each seventh,
 * `--match =gone` those whose step has this in its name;
 * `--only after:117` plays one day again and tells all that happens in it. Fails where anything was violated.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    every: { type: 'string', default: '1' },
    match: { type: 'string', default: '' },
    workers: { type: 'string', default: String(Math.min(4, availableParallelism())) },
  },
})
const seed = Number(values.seed)
const began = performance.now()
const quiet = await day({ seed })
const again = await day({ seed, expected: quiet.outcome })
const violations: string[] = [...quiet.violations]
if (again.hash !== quiet.hash) violations.push('two days without a blow are not the same')

if (values.only === undefined) await playAll()
else await playOne(values.only)
if (violations.length > 0) process.exitCode = 1

async function playOne(point: string): Promise<void> {
  const blow = readBlow(point)
  const played = await day({
    seed,
    blow,
    expected: quiet.outcome,
    trace: (line) => {
      console.log(line)
    },
  })
  violations.push(...played.violations)
  console.log(violations.length === 0 ? `${point}: all is well` : `${point}:\n${violations.join('\n')}`)
}

async function playAll(): Promise<void> {
  const every = Number(values.every)
  const blows = blowsOf(quiet.steps)
    .filter(({ step }) => quiet.steps[step]?.name.includes(values.match))
    .filter((_, index) => index % every === 0)
  let runs = 0
  let virtualMs = 0
  const failed: string[] = []
  await runAll({
    seed,
    expected: quiet.outcome,
    blows,
    workers: Number(values.workers),
    onReport: (report) => {
      runs += 1
      virtualMs += report.virtualMs
      if (!values.json && runs % 100 === 0) console.log(`${runs} of ${blows.length}`)
      if (report.violations.length === 0) return
      const name = nameOf(report.blow)
      failed.push(name)
      violations.push(...report.violations)
      console.log(`${name} ${quiet.steps[report.blow.step]?.name ?? ''}\n  ${report.violations.join('\n  ')}`)
      console.log(`  again: npm run crash-matrix -- --seed ${seed} --only ${name}`)
    },
  })
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const virtualHours = Math.round(virtualMs / 360_000) / 10
  const summary = {
    seed,
    points: quiet.steps.length,
    runs,
    violations: violations.length,
    failed,
    seconds,
    virtualHours,
  }
  if (values.json) console.log(JSON.stringify(summary))
  else {
    console.log(
      `${summary.points} points, ${runs} days with one blow each, ${violations.length} violations, ${seconds} s`,
    )
  }
}
