import type { TemplateView, View } from '../../loop/view-types.ts'
import { cpus, duration, mem } from './amounts.ts'
import { type Column, grid } from './grid.ts'
import type { Style } from './paper.ts'
import { type Section, some } from './sections.ts'

/** One row a template: agents against the cap, executors, what waits, what was given against what is used. */
export function templatesSection({ templates, now }: View, columns: number): Section {
  const rows = columnsOf(now)
  const [heads] = grid(rows, templates, columns)
  return {
    title: templates.length === 0 ? undefined : heads,
    rows: templates.length,
    least: 3,
    rank: 2,
    lines: (most) =>
      // Widths are those of all templates, so that rows stand below their heads.
      some(templates, most, (shown) => grid(rows, templates, columns).slice(1, shown.length + 1)),
  }
}

function columnsOf(now: number): readonly Column<TemplateView>[] {
  const figure = (of: (view: TemplateView) => number): ((view: TemplateView) => string) => {
    return (view) => of(view).toLocaleString('en')
  }
  return [
    { head: 'Template', cell: ({ template }) => template, keep: 9, most: 24 },
    { head: 'agents', cell: agents, right: true, keep: 8, least: 7 },
    { head: 'busy', cell: figure(({ busyExecutors }) => busyExecutors), right: true, keep: 7 },
    { head: 'idle', cell: figure(({ idleExecutors }) => idleExecutors), right: true, keep: 6 },
    { head: 'starting', cell: figure(({ startingExecutors }) => startingExecutors), right: true, keep: 4 },
    { head: 'waiting', cell: figure(({ demand }) => demand), right: true, keep: 5 },
    { head: 'CPU used/given', cell: (view) => pair(view.usedCpus, view.givenCpus, cpus), right: true, keep: 3 },
    { head: 'memory used/given', cell: (view) => pair(view.usedMemMib, view.givenMemMib, mem), right: true, keep: 2 },
    { head: '', cell: (view) => note(view, now), style: styleOf, keep: 1, most: Number.POSITIVE_INFINITY },
  ]
}

function agents({ agents: there, maxAgents }: TemplateView): string {
  return `${there.toLocaleString('en')}/${maxAgents.toLocaleString('en')}`
}

/** `?`: hosts have not told yet. */
function pair(used: number | undefined, given: number, show: (amount: number) => string): string {
  if (given === 0) return '-'
  return `${used === undefined ? '?' : show(used)}/${show(given)}`
}

function note({ paused, backedOffUntil, failures, capped, scheduled }: TemplateView, now: number): string {
  if (paused) return 'paused'
  if (backedOffUntil !== undefined && backedOffUntil > now) {
    return `backs off for ${duration(backedOffUntil - now)} after ${failures} failures`
  }
  if (capped !== undefined) return 'cap reached'
  return scheduled === undefined ? '' : `schedule ${scheduled}`
}

function styleOf({ paused, backedOffUntil, capped }: TemplateView): Style | undefined {
  if (paused || capped !== undefined) return 'yellow'
  return backedOffUntil === undefined ? 'dim' : 'red'
}
