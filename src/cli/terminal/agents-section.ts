import type { AgentView, View } from '../../loop/view-types.ts'
import { duration } from './amounts.ts'
import { type Column, grid } from './grid.ts'
import type { Line } from './line.ts'
import type { Style } from './paper.ts'
import { type Section, some } from './sections.ts'

/** In this order: what changes or is in trouble, what builds, what is idle. */
const ORDER: readonly string[] = [
  ...['unreachable', 'offline', 'disconnected', 'stopping', 'draining', 'planned', 'starting'],
  ...['busy', 'online', 'idle'],
]

/** One row an agent, those that need a look first. */
export function agentsSection({ agents, caps, now }: View, columns: number): Section {
  const sorted = agents
    .map((agent) => ({ agent, rank: rankOf(agent) }))
    .sort(inOrder)
    .map(({ agent }) => agent)
  const rows = columnsOf(now)
  return {
    title: title(agents, caps.maxAgents),
    rows: sorted.length,
    least: 3,
    rank: 3,
    lines: (most) => some(sorted, most, (shown) => grid(rows, shown, columns).slice(1)),
  }
}

function title(agents: readonly AgentView[], most: number): Line {
  const sums = new Map<string, number>()
  for (const agent of agents) {
    const words = wordsOf(agent)
    sums.set(words, (sums.get(words) ?? 0) + 1)
  }
  const parts = [...sums]
    .sort(([a], [b]) => place(a) - place(b))
    .map(([words, number]) => `${number.toLocaleString('en')} ${words}`)
  const these =
    agents.length === 0 ? 'none' : `${agents.length.toLocaleString('en')} of at most ${most.toLocaleString('en')}`
  return [['bold', 'Agents'], `  ${these}`, parts.length === 0 ? '' : `: ${parts.join(', ')}`]
}

function columnsOf(now: number): readonly Column<AgentView>[] {
  return [
    { head: 'agent', cell: ({ agentId }) => agentId, keep: 5, least: 16 },
    { head: 'state', cell: wordsOf, style: styleOf, keep: 4, least: 8 },
    { head: 'host', cell: ({ hostname }) => hostname ?? '-', keep: 2, least: 8 },
    { head: 'age', cell: ({ createdAt }) => duration(now - createdAt), right: true, keep: 1, least: 6 },
    { head: 'job', cell: (agent) => doing(agent, now), keep: 3, most: Number.POSITIVE_INFINITY },
  ]
}

/** Its state, or what it does while it is online. */
function wordsOf({ state, offlineBy, builds }: AgentView): string {
  if (state !== 'online') return state
  if (offlineBy !== undefined) return 'offline'
  return builds.length > 0 ? 'busy' : 'idle'
}

/** Its builds, or since when it has none, or why it is as it is. */
function doing({ builds, state, offlineBy, idleSince, reason, goesAt }: AgentView, now: number): string {
  if (builds.length > 0) return builds.join(', ')
  if (offlineBy !== undefined) return `taken offline: ${offlineBy}`
  if (state !== 'online' || idleSince === undefined) return reason
  const goes = goesAt === undefined || goesAt < now ? '' : `, goes in ${duration(goesAt - now)}`
  return `for ${duration(now - idleSince)}${goes}`
}

function styleOf(agent: AgentView): Style | undefined {
  switch (wordsOf(agent)) {
    case 'unreachable':
    case 'disconnected':
      return 'red'
    case 'offline':
      return 'yellow'
    case 'busy':
      return 'green'
    case 'idle':
      return 'dim'
    default:
      return 'cyan'
  }
}

interface Ranked {
  readonly agent: AgentView
  readonly rank: number
}

function rankOf(agent: AgentView): number {
  return place(wordsOf(agent))
}

function place(words: string): number {
  const index = ORDER.indexOf(words)
  return index === -1 ? ORDER.length : index
}

function inOrder(a: Ranked, b: Ranked): number {
  if (a.rank !== b.rank) return a.rank - b.rank
  if (a.agent.createdAt !== b.agent.createdAt) return a.agent.createdAt - b.agent.createdAt
  return a.agent.agentId < b.agent.agentId ? -1 : 1
}
