import type { ItemDraft } from './drafts.ts'
import type { JenkinsReading } from './jenkins-reading.ts'
import type { ItemState } from './snapshot.ts'

const PROBLEM_STATES: ReadonlySet<ItemState> = new Set(['unserved', 'vetoed', 'not_understood'])

/** Each sentence once, with how many items it concerns. */
export function problemsOf(drafts: readonly ItemDraft[]): readonly string[] {
  const counts = new Map<string, { job: string; count: number }>()
  for (const { item, state, words } of drafts) {
    if (!PROBLEM_STATES.has(state)) continue
    const before = counts.get(words)
    counts.set(words, { job: before?.job ?? item.job, count: (before?.count ?? 0) + 1 })
  }
  return [...counts].map(([words, { job, count }]) =>
    count === 1 ? `job ${job} waits: ${words}` : `${count} items wait, such as job ${job}: ${words}`,
  )
}

/** Why the queue may not be what it seems; `undefined`: it can be believed. */
export function doubtOf(drafts: readonly ItemDraft[], reading: JenkinsReading): string | undefined {
  const odd = drafts.find(({ state }) => state === 'not_understood')
  if (odd !== undefined) return odd.words
  if (reading.queue.length === 0 && !reading.seesJobs) {
    return 'the queue is empty and the user sees no job: without Job/Read it would be just as empty'
  }
  return undefined
}
