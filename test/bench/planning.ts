import { plan } from '../../src/core/plan.ts'
import { NOW } from '../support/builders.ts'
import { type Benchmark, interleaved } from './bench.ts'
import { bigWorld } from './big-world.ts'

const REPETITIONS = 15
/** The small world is planned so often in a row, so that its time is long enough to be measured. */
const SMALL_TIMES = 5

/** One decision over a large farm on one core, and how its cost grows with the farm. */
export const planning: Benchmark = {
  name: 'plan',
  run: async () => {
    const large = bigWorld({ items: 10_000, hosts: 5_000, agents: 2_000 })
    const different = bigWorld({ items: 10_000, hosts: 5_000, agents: 2_000, differentLabels: true })
    const small = bigWorld({ items: 1_000, hosts: 500, agents: 200 })
    const times = interleaved(REPETITIONS, {
      small: () => {
        for (let time = 0; time < SMALL_TIMES; time++) plan(small, NOW)
      },
      large: () => plan(large, NOW),
      different: () => plan(different, NOW),
    })
    const size = '10,000 items, 5,000 hosts, 2,000 agents'
    return [
      { name: `plan: ${size}`, value: times.large, unit: 'ms', target: { atMost: 100 } },
      { name: 'plan: the same, 10,000 different labels', value: times.different, unit: 'ms', target: { atMost: 100 } },
      {
        name: 'plan: cost of ten times the farm',
        value: times.large / (times.small / SMALL_TIMES),
        unit: 'times',
        target: { atMost: 13 },
      },
    ]
  },
}
