import type { Report } from '../loop/report.ts'
import type { View } from '../loop/view-types.ts'
import { AllocationMeter } from './allocation.ts'
import { GaugeWriter } from './collect.ts'
import { defineMetrics, type Metrics } from './definitions.ts'
import { known, STATUS_CLASSES } from './label-values.ts'
import { reportTo } from './recorder.ts'
import { startAtZero, TemplateSeries } from './template-series.ts'

export interface InstrumentOptions {
  readonly now: () => number
  readonly version: string
  readonly templates: readonly string[]
}

/** Requests to our own server. */
export interface RequestMeter {
  /** @param route as it is written in the code; `undefined`: there is none */
  readonly answered: (route: string | undefined, status: number, seconds: number | undefined) => void
  readonly streams: (change: 1 | -1) => void
}

/** Everything that counts and measures, put together. */
export interface Instruments {
  readonly metrics: Metrics
  readonly report: Report
  readonly requests: RequestMeter
  /** The exposition as of this view. */
  readonly scrape: (view: View) => Promise<{ readonly text: string; readonly contentType: string }>
}

export function makeInstruments({ now, version, templates: names }: InstrumentOptions): Instruments {
  const metrics = defineMetrics()
  const templates = new TemplateSeries(metrics)
  const allocation = new AllocationMeter(now(), ({ template, cpus, memBytes }, seconds) => {
    templates.touch(template)
    metrics.allocatedCpuSeconds.inc({ template }, cpus * seconds)
    metrics.allocatedMemByteSeconds.inc({ template }, memBytes * seconds)
  })
  startAtZero(metrics)
  for (const name of names) templates.touch(name)
  metrics.buildInfo.set({ version }, 1)
  const gauges = new GaugeWriter({ metrics, templates, allocation })
  return {
    metrics,
    report: reportTo({ metrics, templates, allocation, now }),
    requests: requestsOf(metrics),
    scrape: async (view) => {
      gauges.write(view)
      return { text: await metrics.registry.metrics(), contentType: metrics.registry.contentType }
    },
  }
}

function requestsOf({ httpRequests, httpSeconds, sseClients }: Metrics): RequestMeter {
  return {
    answered: (found, status, seconds) => {
      const route = found ?? 'other'
      httpRequests.inc({ route, code: known(STATUS_CLASSES, `${Math.floor(status / 100)}xx`) })
      if (seconds !== undefined) httpSeconds.observe({ route }, seconds)
    },
    streams: (change) => {
      sseClients.inc(change)
    },
  }
}
