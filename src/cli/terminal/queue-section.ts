import { DEMAND_STATES } from '../../core/explain-templates.ts'
import type { ItemExplanation, ItemState } from '../../core/snapshot.ts'
import type { View } from '../../loop/view-types.ts'
import { count, duration } from './amounts.ts'
import { type Column, grid } from './grid.ts'
import type { Line } from './line.ts'
import type { Style } from './paper.ts'
import { type Section, some } from './sections.ts'

const WAITS: ReadonlySet<ItemState> = new Set(DEMAND_STATES)
/** No agent of any template will help. */
const STUCK: ReadonlySet<ItemState> = new Set(['unserved', 'vetoed', 'unreadable', 'not_understood'])

/** What waits for an agent, the longest first, and why in a few words; before it what no template can help. */
export function queueSection({ queue, now }: View, columns: number): Section {
  const waits = queue.filter(({ state }) => WAITS.has(state))
  const stuck = queue.filter(({ state }) => STUCK.has(state))
  const items = [...stuck.sort(longestFirst), ...waits.sort(longestFirst)]
  const rows = columnsOf(now)
  return {
    title: title(queue.length, waits, stuck.length, now),
    rows: items.length,
    least: 2,
    rank: 1,
    lines: (most) => some(items, most, (shown) => grid(rows, shown, columns).slice(1)),
  }
}

function title(all: number, waits: readonly ItemExplanation[], stuck: number, now: number): Line {
  const since = waits[0]?.since // sorted
  const longest = since === undefined ? '' : `, the longest ${duration(now - since)}`
  const waiting =
    waits.length === 0
      ? 'nothing waits for an agent'
      : `${count(waits.length, 'item waits', 'items wait')} for an agent`
  return [
    ['bold', 'Queue'],
    `  ${waiting}${longest}`,
    ...(stuck === 0 ? [] : [['yellow', `; ${stuck.toLocaleString('en')} not served`] as const]),
    ['dim', `; ${all.toLocaleString('en')} in all`],
  ]
}

function columnsOf(now: number): readonly Column<ItemExplanation>[] {
  return [
    { head: 'job', cell: ({ job }) => job, keep: 4, least: 12 },
    {
      head: 'waits',
      cell: ({ since }) => (since === undefined ? '' : duration(now - since)),
      right: true,
      keep: 2,
      least: 6,
    },
    { head: 'state', cell: ({ state }) => stateWords(state), style: styleOf, keep: 3, least: 12 },
    { head: 'why', cell: ({ words }) => words, keep: 1, most: Number.POSITIVE_INFINITY },
  ]
}

function longestFirst(a: ItemExplanation, b: ItemExplanation): number {
  return (a.since ?? Number.POSITIVE_INFINITY) - (b.since ?? Number.POSITIVE_INFINITY) || compare(a.itemId, b.itemId)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function styleOf({ state }: ItemExplanation): Style | undefined {
  if (STUCK.has(state)) return 'red'
  return state === 'starting' || state === 'rate_limited' ? undefined : 'yellow'
}

function stateWords(state: ItemState): string {
  switch (state) {
    case 'not_demand':
      return 'needs no agent'
    case 'served':
      return 'goes to an executor'
    case 'starting':
      return 'agent starts'
    case 'waiting_offer':
      return 'no room yet'
    case 'capped':
      return 'cap reached'
    case 'backed_off':
      return 'backs off'
    case 'paused':
      return 'paused'
    case 'rate_limited':
      return 'next to start'
    case 'tied':
      return 'tied to a node'
    case 'unserved':
      return 'no template'
    case 'vetoed':
      return 'vetoed'
    case 'unreadable':
      return 'label unknown'
    case 'not_understood':
      return 'not understood'
  }
}
