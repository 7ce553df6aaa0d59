import type { Counted } from './adoption.ts'
import { Allocator, type Allotment, type ExecutorWish } from './allocate.ts'
import type { AnchorPlan } from './anchors.ts'
import { Asking, askAll, Candidates, squeezedOf } from './asking.ts'
import type { Candidate, CapScope } from './blocked.ts'
import { type CustomLabels, MOST_CUSTOM_LABELS } from './custom-labels.ts'
import { demandContext, type Wish, wishReader } from './demand.ts'
import { unservedWriter } from './explain.ts'
import type { JenkinsReading, QueueItem } from './jenkins-reading.ts'
import { atoms } from './label-expression.ts'
import type { Squeezed } from './make-room.ts'
import type { AgentRecord, Instant, TemplateName } from './model.ts'
import type { Stop } from './pause.ts'
import { isShuttingDown } from './quieting-down.ts'
import { ScaleUp, type Want } from './scale-up.ts'
import type { ItemState, PassedOver, Snapshot } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'
import { unanchored } from './unanchored.ts'
import { isCustomLabel, namesNoImage } from './variant.ts'
import { busyExecutors, fillWarmPools } from './warm-pool.ts'

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

export interface DemandPlan {
  readonly drafts: readonly ItemDraft[]
  readonly wants: readonly Want[]
  readonly nominated: ReadonlyMap<string, number>
  readonly passedOver: Readonly<Record<string, PassedOver>>
  readonly allotted: Readonly<Record<string, TemplateName>>
  readonly capped: ReadonlyMap<TemplateName, CapScope>
  /** What waits although only a cap stands in the way. */
  readonly squeezed: readonly Squeezed[]
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
  readonly custom: CustomLabels
  /** What has no record and counts against the caps all the same. */
  readonly counted: readonly Counted[]
  /** For which templates nothing may be provisioned. */
  readonly stop: Stop
  readonly now: Instant
}

/** Reads the queue, gives items what is there, and collects the agents that are wanted beyond. */
export function planDemand(input: DemandInput): DemandPlan {
  const { snapshot, reading, records, supply, anchors, custom, stop, now } = input
  const { templates, memory, caps } = snapshot
  const { passedOver, backoff } = memory
  const readsAll = wishReader(demandContext(reading, anchors.byNode, records, templates, now, anchors.foreign))
  const isUnanchored = snapshot.dryRun === true && !anchors.complete
  const readWish = isUnanchored ? unanchored(readsAll, reading) : readsAll
  const isReadable = anchors.complete || isUnanchored
  const unservedWords = unservedWriter(templates)
  const allocator = new Allocator({
    supply,
    templates,
    variants: [...custom.variants.values()].flat(),
    passedOver,
    now,
  })
  const scaleUp = new ScaleUp({ caps, records: [...records, ...input.counted], backoff, stop, now })
  const wishes = oldestFirst(reading.queue).map((item) => ({ item, wish: readWish(item) }))
  const unserved: Unserved = (wished) => nobodyServes(wished, templates, custom, unservedWords)
  const { drafts, squeezed } = isReadable
    ? draftAll(wishes, memory.allotted, allocator, scaleUp, unserved)
    : { drafts: wishes.map(blindDraft), squeezed: [] }
  if (isReadable) fillWarmPools(mostImportantFirst(templates), busyExecutors(supply), allocator, scaleUp)
  return {
    drafts,
    wants: scaleUp.wants,
    nominated: allocator.nominated,
    passedOver: allocator.passedOver,
    allotted: allottedOf(drafts),
    capped: new Map(templates.flatMap((template) => cappedEntry(template, scaleUp))),
    squeezed,
    problems: problemsOf(drafts),
    doubt: doubtOf(drafts, reading),
    shutDown: drafts.filter(({ item }) => isShuttingDown(item)).length,
  }
}

interface Wished {
  readonly item: QueueItem
  readonly wish: Wish
}

/** What is said of a wish that no template serves. */
type Unserved = (wished: Wished) => ItemDraft

const NO_CANDIDATES: readonly Candidate[] = []

function toDraft(
  { item, wish }: Wished,
  state: ItemState,
  words: string,
  template?: TemplateName,
  candidates = NO_CANDIDATES,
): ItemDraft {
  return { item, wish, state, template, words, candidates }
}

/** Before the anchors are there, `why` may name no label although there is one. */
function blindDraft(wished: Wished): ItemDraft {
  return wished.wish.kind === 'none'
    ? toDraft(wished, 'not_demand', wished.wish.words)
    : toDraft(wished, 'unreadable', 'the anchors are being made')
}

/** First what is there or coming is given away, the oldest first as Jenkins does it; then agents are asked for. */
function draftAll(
  wishes: readonly Wished[],
  allotted: Readonly<Record<string, TemplateName>>,
  allocator: Allocator,
  scaleUp: ScaleUp,
  unserved: Unserved,
): Pick<DemandPlan, 'drafts' | 'squeezed'> {
  const kept = new Map<QueueItem, Allotment>()
  for (const { item, wish } of wishes) {
    const template = allotted[item.id]
    if (template === undefined || !isForExecutor(wish)) continue
    const allotment = allocator.keep(item, wish, template)
    if (allotment !== undefined) kept.set(item, allotment)
  }
  const asking: Asking[] = []
  const found = wishes.map((wished): ItemDraft | Asking => {
    const { item, wish } = wished
    if (!isForExecutor(wish)) return draftOther(wished, wish)
    const allotment = kept.get(item) ?? allocator.allot(item, wish)
    if (allotment.kind === 'unserved') return unserved(wished)
    if (allotment.kind !== 'new') return draftAllotted(wished, allotment)
    const asked = new Asking(item, wish, allotment.candidates)
    asking.push(asked)
    return asked
  })
  askAll(asking, scaleUp)
  const candidates = new Candidates()
  return {
    drafts: found.map((one) => (one instanceof Asking ? draftAsked(one, candidates, allocator) : one)),
    squeezed: squeezedOf(asking),
  }
}

function isForExecutor(wish: Wish): wish is ExecutorWish {
  return wish.kind === 'any' || wish.kind === 'label' || wish.kind === 'template'
}

function draftOther(wished: Wished, wish: Exclude<Wish, ExecutorWish>): ItemDraft {
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

function draftAllotted(wished: Wished, allotment: Exclude<Allotment, { kind: 'new' | 'unserved' }>): ItemDraft {
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

function draftAsked(asking: Asking, candidates: Candidates, allocator: Allocator): ItemDraft {
  const { item, templates, blocked, answer = 0 } = asking
  const stands = blocked[answer]
  if (stands === undefined) allocator.grant(item)
  return toDraft(
    asking,
    stands?.kind ?? 'waiting_offer',
    stands?.words ?? '',
    templates[answer]?.name,
    candidates.of(asking),
  )
}

/** Labels that name an image have reasons of their own. */
function nobodyServes(
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

function mostImportantFirst(templates: readonly Template[]): readonly Template[] {
  return templates.toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
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
