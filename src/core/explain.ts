import type { Wish } from './demand.ts'
import type { QueueItem } from './jenkins-reading.ts'
import type { TemplateName } from './model.ts'
import { missingLabels, missingWords } from './near-labels.ts'
import type { ItemExplanation, ItemState } from './snapshot.ts'
import type { Template } from './template.ts'

/** Where its executor is, or comes. */
export interface Whereabouts {
  readonly node?: string | undefined
  readonly hostname?: string | undefined
}

/** One sentence for the person who waits for this item. */
export function explainItem(
  item: QueueItem,
  wish: Wish,
  state: ItemState,
  template: TemplateName | undefined,
  words: string,
  { node, hostname }: Whereabouts = {},
): ItemExplanation {
  return {
    itemId: item.id,
    job: item.job,
    state,
    template,
    wish: wish.kind,
    label: wish.kind === 'label' ? wish.text : undefined,
    node: node ?? (wish.kind === 'tied' ? wish.node : undefined),
    hostname,
    words,
    since: item.buildableSince ?? item.queuedSince,
  }
}

/** Says why no template serves a wish. The same wish is asked about many times, and looked at once. */
export function unservedWriter(templates: readonly Template[]): (wish: Wish) => string {
  const known = new Map<Wish, string>()
  let labels: ReadonlySet<string> | undefined
  return (wish) => {
    const before = known.get(wish)
    if (before !== undefined) return before
    labels ??= new Set(templates.flatMap((template) => template.labels))
    const words = unservedWords(wish, labels)
    known.set(wish, words)
    return words
  }
}

function unservedWords(wish: Wish, labels: ReadonlySet<string>): string {
  if (wish.kind === 'label') {
    const missing = missingWords(missingLabels(wish.expression, labels))
    return `no template and no node has labels that match ${wish.text}${missing === '' ? '' : `: ${missing}`}`
  }
  if (wish.kind === 'template') return `the template ${wish.template} is gone`
  return 'it has no label, and no template is in NORMAL mode'
}
