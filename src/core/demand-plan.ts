import type { Counted } from './adoption.ts'
import { Allocator, type Allotment, type ExecutorWish } from './allocate.ts'
import type { AnchorPlan } from './anchors.ts'
import { demandContext, type Wish, wishReader } from './demand.ts'
import { unservedWords } from './explain.ts'
import type { AgentRecord, Instant, JenkinsReading, QueueItem, Template, TemplateName } from './model.ts'
import type { Stop } from './pause.ts'
import { isShuttingDown } from './quieting-down.ts'
import { type Blocked, ScaleUp, type Want } from './scale-up.ts'
import type { CapScope, ItemState, PassedOver, Snapshot } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import { busyExecutors, fillWarmPools } from './warm-pool.ts'

/** What becomes of one item, before it is known whether the agents that are wanted find a place. */
export interface ItemDraft {
  readonly item: QueueItem
  readonly wish: Wish
  readonly state: ItemState
  readonly template: TemplateName | undefined
  readonly words: string
}

export interface DemandPlan {
  readonly drafts: readonly ItemDraft[]
  readonly wants: readonly Want[]
  readonly nominated: ReadonlyMap<string, number>
  readonly passedOver: Readonly<Record<string, PassedOver>>
  readonly allotted: Readonly<Record<string, TemplateName>>
  readonly capped: ReadonlyMap<TemplateName, CapScope>
  readonly problems: readonly string[]
  /** Something in the queue was not understood, or its emptiness is not to be believed: take nothing away. */
  readonly doubt: string | undefined
  /** Items that wait until Jenkins does not shut down any more. */
  readonly shutDown: number
}

export interface DemandInput {
  readonly snapshot: Snapshot
  readonly reading: JenkinsReading
  readonly records: readonly AgentRecord[]
  readonly supply: readonly SupplyNode[]
  readonly anchors: AnchorPlan
  /** What has no record and counts against the caps all the same. */
  readonly counted: readonly Counted[]
  /** For which templates nothing may be provisioned. */
  readonly stop: Stop
  readonly now: Instant
}

/** Reads the queue, gives items what is there, and collects the agents that are wanted beyond. */
export function planDemand(input: DemandInput): DemandPlan {
  const { snapshot, reading, records, supply, anchors, now } = input
  const { templates, memory, caps } = snapshot
  const readWish = wishReader(demandContext(reading, anchors.byNode, records, templates, now, anchors.foreign))
  const allocator = new Allocator(supply, templates, memory.passedOver, now)
  const scaleUp = new ScaleUp(caps, [...records, ...input.counted], memory.backoff, now, input.stop)
  const wishes = oldestFirst(reading.queue).map((item) => ({ item, wish: readWish(item) }))
  const drafts = anchors.complete
    ? draftAll(wishes, memory.allotted, allocator, scaleUp)
    : wishes.map(({ item, wish }) => blindDraft(item, wish))
  if (anchors.complete) fillWarmPools(templates, busyExecutors(supply), allocator, scaleUp)
  return {
    drafts,
    wants: scaleUp.wants,
    nominated: allocator.nominated,
    passedOver: allocator.passedOver,
    allotted: allottedOf(drafts),
    capped: new Map(templates.flatMap((template) => cappedEntry(template, scaleUp))),
    problems: problemsOf(drafts),
    doubt: doubtOf(drafts, reading),
    shutDown: drafts.filter(({ item }) => isShuttingDown(item)).length,
  }
}

interface Wished {
  readonly item: QueueItem
  readonly wish: Wish
}

/** Before the anchors are there, `why` may name no label although there is one. */
function blindDraft(item: QueueItem, wish: Wish): ItemDraft {
  if (wish.kind === 'none') return { item, wish, state: 'not_demand', template: undefined, words: wish.words }
  return { item, wish, state: 'unreadable', template: undefined, words: 'the anchors are being made' }
}

function draftAll(
  wishes: readonly Wished[],
  allotted: Readonly<Record<string, TemplateName>>,
  allocator: Allocator,
  scaleUp: ScaleUp,
): readonly ItemDraft[] {
  const kept = new Map<QueueItem, Allotment>()
  for (const { item, wish } of wishes) {
    const template = allotted[item.id]
    if (template === undefined || !isForExecutor(wish)) continue
    const allotment = allocator.keep(item, wish, template)
    if (allotment !== undefined) kept.set(item, allotment)
  }
  return wishes.map(({ item, wish }) => {
    if (!isForExecutor(wish)) return draftOther(item, wish)
    const allotment = kept.get(item) ?? allocator.allot(item, wish)
    return allotment.kind === 'new'
      ? wantOne(item, wish, allotment.candidates, allocator, scaleUp)
      : draft(item, wish, allotment)
  })
}

function isForExecutor(wish: Wish): wish is ExecutorWish {
  return wish.kind === 'any' || wish.kind === 'label' || wish.kind === 'template'
}

function draftOther(item: QueueItem, wish: Exclude<Wish, ExecutorWish>): ItemDraft {
  switch (wish.kind) {
    case 'none':
      return { item, wish, state: 'not_demand', template: undefined, words: wish.words }
    case 'unreadable':
      return { item, wish, state: 'unreadable', template: undefined, words: wish.words }
    case 'notUnderstood':
      return { item, wish, state: 'not_understood', template: undefined, words: wish.words }
    case 'tied': {
      const words = `waits for the node ${wish.node}${wish.ours ? ', an agent of ours' : ''}: no other agent can take it`
      return { item, wish, state: 'tied', template: undefined, words }
    }
  }
}

function draft(item: QueueItem, wish: ExecutorWish, allotment: Exclude<Allotment, { kind: 'new' }>): ItemDraft {
  switch (allotment.kind) {
    case 'idle': {
      const { node, template } = allotment
      return { item, wish, state: 'served', template, words: `${node} is idle and is to take it` }
    }
    case 'starting': {
      const { node, template } = allotment
      return { item, wish, state: 'starting', template, words: `agent ${node} is starting for it` }
    }
    case 'unserved':
      return { item, wish, state: 'unserved', template: undefined, words: unservedWords(wish) }
    case 'vetoed': {
      const words = 'a matching executor stays idle beside it: something in Jenkins keeps the build from it'
      return { item, wish, state: 'vetoed', template: undefined, words }
    }
  }
}

/** The first template that may have one executor more; else what stands in the way of the first. */
function wantOne(
  item: QueueItem,
  wish: Wish,
  candidates: readonly Template[],
  allocator: Allocator,
  scaleUp: ScaleUp,
): ItemDraft {
  let first: { readonly template: TemplateName; readonly blocked: Blocked } | undefined
  for (const template of candidates) {
    const blocked = scaleUp.want(template, `${item.job} waits`)
    if (blocked === undefined) {
      allocator.grant(item)
      return { item, wish, state: 'waiting_offer', template: template.name, words: '' }
    }
    first ??= { template: template.name, blocked }
  }
  const { template, blocked } = first ?? { template: undefined, blocked: undefined }
  return { item, wish, state: blocked?.kind ?? 'unserved', template, words: blocked?.words ?? unservedWords(wish) }
}

const ALLOTTED_STATES: ReadonlySet<ItemState> = new Set(['served', 'starting', 'waiting_offer'])

function allottedOf(drafts: readonly ItemDraft[]): Readonly<Record<string, TemplateName>> {
  const allotted: Record<string, TemplateName> = {}
  for (const { item, state, template } of drafts) {
    if (template !== undefined && ALLOTTED_STATES.has(state)) allotted[item.id] = template
  }
  return allotted
}

function cappedEntry(template: Template, scaleUp: ScaleUp): readonly (readonly [TemplateName, CapScope])[] {
  const scope = scaleUp.capped(template)
  return scope === undefined ? [] : [[template.name, scope]]
}

function oldestFirst(queue: readonly QueueItem[]): readonly QueueItem[] {
  return queue.toSorted((a, b) => age(a) - age(b) || Number(a.id) - Number(b.id) || (a.id < b.id ? -1 : 1))
}

function age(item: QueueItem): Instant {
  return item.buildableSince ?? item.queuedSince ?? Number.MAX_SAFE_INTEGER
}

const PROBLEM_STATES: ReadonlySet<ItemState> = new Set(['unserved', 'vetoed', 'not_understood'])

/** Each sentence once, with how many items it concerns. */
function problemsOf(drafts: readonly ItemDraft[]): readonly string[] {
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

function doubtOf(drafts: readonly ItemDraft[], reading: JenkinsReading): string | undefined {
  const odd = drafts.find(({ state }) => state === 'not_understood')
  if (odd !== undefined) return odd.words
  if (reading.queue.length === 0 && !reading.seesJobs) {
    return 'the queue is empty and the user sees no job: without Job/Read it would be just as empty'
  }
  return undefined
}
