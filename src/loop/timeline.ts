import type { TimelineView } from './view-types.ts'

/** The last hours, in memory. */
export class Timeline {
  view(): TimelineView {
    return {
      everyMs: 15_000,
      at: [],
      waiting: [],
      blocked: [],
      builds: [],
      agents: {},
      givenCpus: [],
      usedCpus: [],
      givenMemMib: [],
      usedMemMib: [],
    }
  }
}
