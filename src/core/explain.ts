import type { Wish } from './demand.ts'
import type { QueueItem, TemplateName } from './model.ts'
import type { ItemExplanation, ItemState } from './snapshot.ts'

/** One sentence for the person who waits for this item. */
export function explainItem(
  item: QueueItem,
  wish: Wish,
  state: ItemState,
  template: TemplateName | undefined,
  words: string,
): ItemExplanation {
  return {
    itemId: item.id,
    job: item.job,
    state,
    template,
    label: wish.kind === 'label' ? wish.text : undefined,
    words,
    since: item.buildableSince ?? item.queuedSince,
  }
}

export function unservedWords(wish: Wish): string {
  if (wish.kind === 'label') return `no template and no node has labels that match ${wish.text}`
  if (wish.kind === 'template') return `the template ${wish.template} is gone`
  return 'it has no label, and no template is in NORMAL mode'
}
