import { type Benchmark, type Figure, isOk, round, showTarget } from './bench.ts'
import { burst } from './burst.ts'
import { eventStream } from './event-stream.ts'
import { faceLoad } from './face-load.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { mesosLoad } from './mesos-load.ts'
import { packing } from './packing.ts'
import { planning } from './planning.ts'
import { recovery } from './recovery.ts'
import { roundCost } from './round-cost.ts'
import { statuses } from './statuses.ts'

/**
 * `npm run bench`: each figure is a ratio or a bound, measured in this run on this machine. `-- --json` prints an
 * object a line, `-- plan memory` runs those benchmarks only. A figure that misses its target is told, and is no
 * failure; a benchmark that cannot run is one.
 */
const BENCHMARKS: readonly Benchmark[] = [
  planning,
  packing,
  eventStream,
  mesosLoad,
  recovery,
  roundCost,
  memory,
  latency,
  statuses,
  burst,
  faceLoad,
]

const words = process.argv.slice(2)
const asJson = words.includes('--json')
const wanted = words.filter((word) => !word.startsWith('--'))
const unknown = wanted.filter((word) => !BENCHMARKS.some(({ name }) => name === word))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}: there are ${BENCHMARKS.map(({ name }) => name).join(', ')}`)
  process.exitCode = 2
} else {
  for (const benchmark of BENCHMARKS) {
    if (wanted.length === 0 || wanted.includes(benchmark.name)) await measure(benchmark)
  }
}

async function measure(benchmark: Benchmark): Promise<void> {
  try {
    for (const figure of await benchmark.run()) print(figure)
  } catch (error) {
    process.exitCode = 1
    console.error(`benchmark ${benchmark.name} could not run`, error)
  }
}

function print(figure: Figure): void {
  const { name, unit } = figure
  const value = round(figure.value)
  const target = showTarget(figure.target)
  const ok = isOk(figure)
  if (asJson) console.log(JSON.stringify({ name, value, unit, target, ok }))
  else {
    const verdict = figure.target === undefined ? '' : ok ? 'ok' : 'MISSED'
    console.log(`${name.padEnd(64)} ${String(value).padStart(10)} ${unit.padEnd(12)} ${target.padEnd(10)} ${verdict}`)
  }
}
