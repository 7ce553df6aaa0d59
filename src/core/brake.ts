import type { Instant, ReapReason } from './model.ts'
import type { Brake, Taking } from './snapshot.ts'

/** Takings beyond both are held back until three rounds in a row want the same, or an operator says so. */
const MANY = 5
const SHARE = 0.5
const ROUNDS = 3

export interface Braked {
  readonly takings: readonly Taking[]
  readonly brake: Brake | undefined
  readonly held: string | undefined
}

/** What the templates ask for, and what no wrong look at the world can bring about. */
const EXPECTED: ReadonlySet<ReapReason> = new Set(['idle', 'one_shot', 'max_builds', 'max_age'])

/**
 * Stops a round that would take away most of the farm for any reason but the ones that its templates give: more likely
 * something is wrong with what we see than with the farm.
 */
export function applyBrake(
  takings: readonly Taking[],
  agents: number,
  before: Brake | undefined,
  released: boolean,
  now: Instant,
): Braked {
  const sudden = takings.filter(({ reapReason }) => !EXPECTED.has(reapReason))
  if (sudden.length <= MANY || sudden.length <= agents * SHARE || released) {
    return { takings, brake: undefined, held: undefined }
  }
  const key = sudden
    .map(({ agentId, reapReason }) => `${agentId} ${reapReason}`)
    .sort()
    .join('\n')
  const rounds = before?.key === key ? before.rounds + 1 : 1
  if (rounds >= ROUNDS) return { takings, brake: undefined, held: undefined }
  return {
    takings: takings.filter((taking) => !sudden.includes(taking)),
    brake: { key, rounds, since: before?.since ?? now, agents, takings: sudden },
    held: `the brake holds ${sudden.length} of ${agents} agents that would go at once (${sudden[0]?.reason ?? ''})`,
  }
}
