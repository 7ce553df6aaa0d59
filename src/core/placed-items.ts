import type { ItemDraft } from './drafts.ts'
import { explainItem } from './explain.ts'
import type { QueueItem } from './jenkins-reading.ts'
import type { TemplateName } from './model.ts'
import type { ItemExplanation } from './snapshot.ts'

/** An agent that this round starts for these items. */
export interface Going {
  readonly items: readonly QueueItem[]
  readonly hostname: string
}

/** Says of the items whose agent is wanted whether it found a place, and why not. */
export function finisher(
  going: readonly Going[],
  waiting: ReadonlyMap<TemplateName, string>,
  isDryRun: boolean,
): (draft: ItemDraft) => ItemExplanation {
  const hosts = new Map(going.flatMap(({ items, hostname }) => items.map(({ id }) => [id, hostname] as const)))
  return ({ item, wish, state, template, words, node }) => {
    if (state !== 'waiting_offer' || template === undefined) {
      return explainItem(item, wish, state, template, words, { node })
    }
    const hostname = hosts.get(item.id)
    if (hostname === undefined) {
      const refusal = waiting.get(template) ?? 'waits for an offer'
      return explainItem(item, wish, 'waiting_offer', template, `template ${template} serves it; ${refusal}`)
    }
    const isStarted = isDryRun ? 'would be started' : 'is being started'
    const said = `an agent of template ${template} ${isStarted} on ${hostname}`
    return explainItem(item, wish, 'starting', template, said, { hostname })
  }
}
