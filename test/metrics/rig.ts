import type { View } from '../../src/loop/view-types.ts'
import { AllocationMeter } from '../../src/metrics/allocation.ts'
import { makeInstruments } from '../../src/metrics/instruments.ts'
import { NOW } from '../support/builders.ts'
import { aTemplateView, aView } from '../support/views.ts'

/** Instruments of a program with the template linux, on a clock that stands still until it is moved. */
export function aMetricsRig(templates: readonly string[] = ['linux']) {
  let now = NOW
  const instruments = makeInstruments({ now: () => now, version: '0.1.0', templates })
  const scrape = async (view: View = aView({ templates: [aTemplateView()] })): Promise<string> =>
    (await instruments.scrape({ ...view, now })).text
  return {
    ...instruments,
    /** The exposition as Prometheus would get it now. */
    scrape,
    series: async (view?: View): Promise<ReadonlyMap<string, number>> => series(await scrape(view)),
    advance: (ms: number): void => {
      now += ms
    },
  }
}

export function anAllocation(now = NOW) {
  const counted = new Map<string, number>()
  const meter = new AllocationMeter(now, ({ template, cpus }, seconds) => {
    counted.set(template, (counted.get(template) ?? 0) + cpus * seconds)
  })
  return { meter, counted }
}

/** Value by series, such as `launches_total{template="linux",result="launched"}`; ours only. */
export function series(text: string): ReadonlyMap<string, number> {
  const found = text.matchAll(/^jenkins_mesos_(\S+?(?:\{.*\})?) (\S+)$/gm)
  return new Map([...found].map(([, name, value]) => [name ?? '', Number(value)]))
}
