import type { Counted } from './adoption.ts'
import { Allocator, type Allotment, type ExecutorWish } from './allocate.ts'
import type { AnchorPlan } from './anchors.ts'
import { Asking, askAll, Candidates, placeableFirst, squeezedOf } from './asking.ts'
import type { CapScope } from './blocked.ts'
import type { CustomLabels } from './custom-labels.ts'
import { demandContext, type Wish, wishReader } from './demand.ts'
import { doubtOf, problemsOf } from './demand-doubt.ts'
import { blindDraft, draftAllotted, draftOther, type ItemDraft, nobodyServes, toDraft, type Wished } from './drafts.ts'
import { unservedWriter } from './explain.ts'
import type { JenkinsReading, QueueItem } from './jenkins-reading.ts'
import type { Squeezed } from './make-room.ts'
import type { AgentRecord, Instant, TemplateName } from './model.ts'
import { type OrderDemand, wantOrders } from './order-demand.ts'
import type { Order } from './orders.ts'
import type { Stop } from './pause.ts'
import { isShuttingDown } from './quieting-down.ts'
import { ScaleUp, type Want } from './scale-up.ts'
import type { ItemState, PassedOver, Snapshot } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'
import { unanchored } from './unanchored.ts'
import { Unplaceable } from './unplaceable.ts'
import { fillWarmPools } from './warm-pool.ts'

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
  /** What operators asked for. */
  readonly orders: readonly OrderDemand[]
  /** Items that wait until Jenkins does not shut down any more. */
  readonly shutDown: number
}

export interface DemandInput {
  readonly snapshot: Snapshot
  readonly reading: JenkinsReading
  readonly records: readonly AgentRecord[]
  readonly supply: readonly SupplyNode[]
  /** Executors with a build on them, by template. */
  readonly busy: ReadonlyMap<string, number>
  readonly anchors: AnchorPlan
  readonly custom: CustomLabels
  /** What has no record and counts against the caps all the same. */
  readonly counted: readonly Counted[]
  /** Of operators, those that still hold. */
  readonly orders: readonly Order[]
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
  const unplaceable = new Unplaceable(snapshot, now)
  const wishes = oldestFirst(reading.queue).map((item) => ({ item, wish: readWish(item) }))
  const unserved: Unserved = (wished) => nobodyServes(wished, templates, custom, unservedWords)
  const { drafts, squeezed } = isReadable
    ? draftAll(wishes, memory.allotted, allocator, scaleUp, unserved, unplaceable)
    : { drafts: wishes.map(blindDraft), squeezed: [] }
  // Before the warm pools: a person waits for these.
  const orders = wantOrders(input.orders, templates, scaleUp)
  if (isReadable) fillWarmPools(mostImportantFirst(templates, unplaceable), input.busy, allocator, scaleUp)
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
    orders,
    shutDown: drafts.filter(({ item }) => isShuttingDown(item)).length,
  }
}

/** What is said of a wish that no template serves. */
type Unserved = (wished: Wished) => ItemDraft

/** First what is there or coming is given away, the oldest first as Jenkins does it; then agents are asked for. */
function draftAll(
  wishes: readonly Wished[],
  allotted: Readonly<Record<string, TemplateName>>,
  allocator: Allocator,
  scaleUp: ScaleUp,
  unserved: Unserved,
  unplaceable: Unplaceable,
): Pick<DemandPlan, 'drafts' | 'squeezed'> {
  const kept = new Map<QueueItem, Allotment>()
  for (const { item, wish } of wishes) {
    const template = allotted[item.id]
    if (template === undefined || !isForExecutor(wish)) continue
    const allotment = allocator.keep(item, wish, template)
    if (allotment !== undefined) kept.set(item, allotment)
  }
  const ordered = placeableFirst(unplaceable)
  const asking: Asking[] = []
  const found = wishes.map((wished): ItemDraft | Asking => {
    const { item, wish } = wished
    if (!isForExecutor(wish)) return draftOther(wished, wish)
    const allotment = kept.get(item) ?? allocator.allot(item, wish)
    if (allotment.kind === 'unserved') return unserved(wished)
    if (allotment.kind !== 'new') return draftAllotted(wished, allotment)
    const asked = new Asking(item, wish, ordered(allotment.candidates))
    asking.push(asked)
    return asked
  })
  askAll(asking, scaleUp, unplaceable)
  const candidates = new Candidates()
  return {
    drafts: found.map((one) => (one instanceof Asking ? draftAsked(one, candidates, allocator) : one)),
    squeezed: squeezedOf(asking, unplaceable),
  }
}

function isForExecutor(wish: Wish): wish is ExecutorWish {
  return wish.kind === 'any' || wish.kind === 'label' || wish.kind === 'template'
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

/** What no known host can run must not take the room of the others. */
function mostImportantFirst(templates: readonly Template[], unplaceable: Unplaceable): readonly Template[] {
  const isLast = (template: Template): number => Number(template.minIdle > 0 && unplaceable.has(template))
  return templates.toSorted((a, b) => isLast(a) - isLast(b) || b.priority - a.priority || (a.name < b.name ? -1 : 1))
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
