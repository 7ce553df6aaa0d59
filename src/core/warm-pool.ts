import type { Allocator } from './allocate.ts'
import type { Instant, TemplateName } from './model.ts'
import type { BusyPeak } from './remembered.ts'
import type { ScaleUp } from './scale-up.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'

/** Idle executors that a template is to have while so many of its executors are busy. */
export function warmTarget({ minIdle, headroom }: Pick<Template, 'minIdle' | 'headroom'>, busy: number): number {
  if (headroom === undefined) return minIdle
  const share = Math.ceil(Math.round(headroom.factor * busy * 1e6) / 1e6) // 0.1 * 30 is a little more than 3 in binary
  return Math.max(minIdle, Math.min(headroom.limit ?? Number.POSITIVE_INFINITY, share))
}

/** Executors with a build on them, by template; those of images that jobs named are apart. */
export function busyExecutors(supply: readonly SupplyNode[]): ReadonlyMap<string, number> {
  const busy = new Map<string, number>()
  for (const { template, custom, busy: executors } of supply) {
    if (template !== undefined && !custom && executors > 0) busy.set(template, (busy.get(template) ?? 0) + executors)
  }
  return busy
}

/**
 * Wants as many executors as the warm pools lack, once the queue has its share of what is there and of what is wanted.
 * @param templates those that come first where there is not enough for all are in front
 */
export function fillWarmPools(
  templates: readonly Template[],
  busy: ReadonlyMap<string, number>,
  allocator: Allocator,
  scaleUp: ScaleUp,
): void {
  for (const template of templates) {
    const target = warmTarget(template, busy.get(template.name) ?? 0)
    if (target === 0) continue
    const { idle, starting } = allocator.left(template)
    const schedule = template.scheduled === undefined ? '' : ` (schedule ${template.scheduled})`
    for (let missing = target - idle - starting; missing > 0; missing--) {
      if (scaleUp.want(template, `warm pool of ${target}${schedule}`) !== undefined) break
    }
  }
}

const SHORTEST_WINDOW_MS = 60_000
const LONGEST_WINDOW_MS = 3_600_000

/**
 * Remembers how busy templates with headroom were. Their headroom grows at once and shrinks only when they were less
 * busy for a whole idle timeout: else each lull would take agents away that the next minute starts again.
 */
export function watchBusy(
  before: Readonly<Record<TemplateName, BusyPeak>>,
  templates: readonly Template[],
  busy: ReadonlyMap<string, number>,
  now: Instant,
): Readonly<Record<TemplateName, BusyPeak>> {
  const peaks: Record<TemplateName, BusyPeak> = {}
  for (const { name, headroom, idleTimeoutMs } of templates) {
    if (headroom === undefined) continue
    const windowMs = Math.min(Math.max(idleTimeoutMs, SHORTEST_WINDOW_MS), LONGEST_WINDOW_MS)
    peaks[name] = withBusy(before[name], busy.get(name) ?? 0, windowMs, now)
  }
  return peaks
}

function withBusy(peak: BusyPeak | undefined, executors: number, windowMs: number, now: Instant): BusyPeak {
  const age = peak === undefined ? Number.POSITIVE_INFINITY : now - peak.since
  if (peak === undefined || age >= 2 * windowMs) return { since: now, executors, before: 0 }
  // Also where the clock was set back: a window never lasts longer.
  if (age >= windowMs || age < 0) return { since: now, executors, before: peak.executors }
  return executors > peak.executors ? { ...peak, executors } : peak
}

/** Executors that were busy at once within the last window or two. */
export function peakOf(peak: BusyPeak | undefined): number {
  return peak === undefined ? 0 : Math.max(peak.executors, peak.before)
}

/** Idle executors that stay: so many that the pool would still be full if as many were busy as a moment ago. */
export function idleToKeep(
  template: Pick<Template, 'minIdle' | 'headroom'>,
  busy: number,
  peak: BusyPeak | undefined,
): number {
  if (template.headroom === undefined) return template.minIdle
  const most = Math.max(busy, peakOf(peak))
  return warmTarget(template, most) + most - busy
}
