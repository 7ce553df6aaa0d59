import type { Allotment, ExecutorWish } from './allocate.ts'
import type { Candidate } from './blocked.ts'
import { type CustomLabels, MOST_CUSTOM_LABELS } from './custom-labels.ts'
import type { Wish } from './demand.ts'
import type { QueueItem } from './jenkins-reading.ts'
import { atoms } from './label-expression.ts'
import type { TemplateName } from './model.ts'
import type { ItemState } from './snapshot.ts'
import type { Template } from './template.ts'
import { isCustomLabel, namesNoImage } from './variant.ts'

/** What becomes of one item, before it is known whether the agents that are wanted find a place. */
export interface ItemDraft {
  readonly item: QueueItem
  readonly wish: Wish
  readonly state: ItemState
  readonly template: TemplateName | undefined
  readonly words: string
  /** That is to take it, or starts for it. */
  readonly node?: string
  /** Who may serve it, the best first, where an agent was asked for; empty for all others. */
  readonly candidates: readonly Candidate[]
}

export interface Wished {
  readonly item: QueueItem
  readonly wish: Wish
}

const NO_CANDIDATES: readonly Candidate[] = []

export function toDraft(
  { item, wish }: Wished,
  state: ItemState,
  words: string,
  template?: TemplateName,
  candidates = NO_CANDIDATES,
): ItemDraft {
  return { item, wish, state, template, words, candidates }
}

/** Before the anchors are there, `why` may name no label although there is one. */
export function blindDraft(wished: Wished): ItemDraft {
  return wished.wish.kind === 'none'
    ? toDraft(wished, 'not_demand', wished.wish.words)
    : toDraft(wished, 'unreadable', 'the anchors are being made')
}

export function draftOther(wished: Wished, wish: Exclude<Wish, ExecutorWish>): ItemDraft {
  switch (wish.kind) {
    case 'none':
      return toDraft(wished, 'not_demand', wish.words)
    case 'unreadable':
      return toDraft(wished, 'unreadable', wish.words)
    case 'notUnderstood':
      return toDraft(wished, 'not_understood', wish.words)
    case 'tied': {
      const words = `waits for the node ${wish.node}${wish.ours ? ', an agent of ours' : ''}: no other agent can take it`
      return toDraft(wished, 'tied', words)
    }
  }
}

export function draftAllotted(wished: Wished, allotment: Exclude<Allotment, { kind: 'new' | 'unserved' }>): ItemDraft {
  switch (allotment.kind) {
    case 'idle':
    case 'starting': {
      const { kind, node, template } = allotment
      const words = kind === 'idle' ? `${node} is idle and is to take it` : `agent ${node} is starting for it`
      return { ...toDraft(wished, kind === 'idle' ? 'served' : 'starting', words, template), node }
    }
    case 'vetoed': {
      const words = 'a matching executor stays idle beside it: something in Jenkins keeps the build from it'
      return toDraft(wished, 'vetoed', words)
    }
  }
}

/** Labels that name an image have reasons of their own. */
export function nobodyServes(
  wished: Wished,
  templates: readonly Template[],
  custom: CustomLabels,
  unservedWords: (wish: Wish) => string,
): ItemDraft {
  const { wish } = wished
  if (wish.kind !== 'label' || !wish.text.includes(':')) return toDraft(wished, 'unserved', unservedWords(wish))
  for (const label of atoms(wish.expression)) {
    if (custom.waiting.has(label)) {
      const words = `cap: ${MOST_CUSTOM_LABELS} labels that name an image may be in use at once, and ${label} is one more`
      return toDraft(wished, 'capped', words)
    }
    if (namesNoImage(label, templates)) {
      return toDraft(wished, 'unserved', `what follows ":" in its label ${label} is no name of an image`)
    }
    if (isCustomLabel(label, templates)) {
      const words = `agents with an image from a label carry ${label} alone, which does not match ${wish.text}`
      return toDraft(wished, 'unserved', words)
    }
  }
  return toDraft(wished, 'unserved', unservedWords(wish))
}
