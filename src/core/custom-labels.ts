import { Chooser } from './choice.ts'
import { expressionOf } from './demand.ts'
import type { JenkinsReading } from './jenkins-reading.ts'
import { atoms, matches } from './label-expression.ts'
import { anchorMark } from './markers.ts'
import type { AgentRecord, Instant } from './model.ts'
import { type QueueReason, readReason } from './queue-reason.ts'
import type { Template } from './template.ts'
import { isCustomLabel, isVariant, variantFor } from './variant.ts'

/** Labels that name an image, as far as they are in use. */
export interface CustomLabels {
  /** Templates for them, in the order in which they are asked, by label. */
  readonly variants: ReadonlyMap<string, readonly Template[]>
  /** When each was last in use: one that nobody uses any more is kept for a while. */
  readonly lastUsed: Readonly<Record<string, Instant>>
  /** Too many are in use: these wait. */
  readonly waiting: ReadonlySet<string>
}

const NO_CUSTOM_LABELS: CustomLabels = Object.freeze<CustomLabels>({
  variants: new Map(),
  lastUsed: {},
  waiting: new Set(),
})

/** So many may be in use at once: each is a node in Jenkins, and whoever may edit a job can name one. */
export const MOST_CUSTOM_LABELS = 50
/** A label is kept for so long after it was last in use: the next build of its job may come soon. */
const KEPT_MS = 600_000

/** @param before when each was last in use, as the last round saw it */
export function customLabels(
  reading: JenkinsReading,
  records: readonly AgentRecord[],
  templates: readonly Template[],
  owner: string,
  before: Readonly<Record<string, Instant>>,
  now: Instant,
): CustomLabels {
  if (!templates.some(({ launch }) => launch.container?.customImages === true)) return NO_CUSTOM_LABELS
  const known = (label: string): boolean => isCustomLabel(label, templates)
  const anchored = anchoredLabels(reading, owner, known)
  const used = new Set<string>()
  for (const record of records) {
    const [label] = record.labels
    if (isVariant(record) && label !== undefined && known(label)) used.add(label)
  }
  for (const label of asked(reading, anchored, templates, known)) used.add(label)
  // Those that were there come first, then those of agents, then the queue as Jenkins has it.
  const inUse = [...used].sort((a, b) => Number(Object.hasOwn(before, b)) - Number(Object.hasOwn(before, a)))
  const idle = idleSince(before, new Set(anchored.values()), now).filter(([label]) => known(label) && !used.has(label))
  const served = [...inUse, ...idle.flatMap(([label, at]) => (now - at < KEPT_MS ? [label] : []))]
  const live = served.slice(0, MOST_CUSTOM_LABELS)
  return {
    variants: new Map(live.map((label) => [label, variantsOf(label, templates)])),
    lastUsed: Object.fromEntries([
      ...idle,
      ...inUse.slice(0, MOST_CUSTOM_LABELS).map((label) => [label, now] as const),
    ]),
    waiting: new Set(inUse.slice(MOST_CUSTOM_LABELS)),
  }
}

/**
 * When each label was last in use, the latest first. After a restart only its anchor tells of one: it is as if it had
 * been in use until now. One whose time is over is remembered until its anchor is gone.
 */
function idleSince(
  before: Readonly<Record<string, Instant>>,
  anchored: ReadonlySet<string>,
  now: Instant,
): readonly (readonly [string, Instant])[] {
  const remembered = Object.entries(before).filter(([label, at]) => anchored.has(label) || now - at < KEPT_MS)
  const found = [...anchored].filter((label) => !Object.hasOwn(before, label))
  return [
    ...remembered.map(([label, at]) => [label, Math.min(at, now)] as const),
    ...found.map((label) => [label, now] as const),
  ].sort(([, a], [, b]) => b - a)
}

function variantsOf(label: string, templates: readonly Template[]): readonly Template[] {
  const variants = templates.flatMap((template) => variantFor(template, label) ?? [])
  const choices = variants.map((template) => ({ template, labels: new Set(template.labels) }))
  return new Chooser().order(choices, { labels: undefined, isLabelless: false }).map(({ template }) => template)
}

/** Labels of our anchors, by the name of the node. */
function anchoredLabels(
  reading: JenkinsReading,
  owner: string,
  known: (label: string) => boolean,
): ReadonlyMap<string, string> {
  const anchored = new Map<string, string>()
  for (const node of reading.nodes) {
    const mark = anchorMark(node.description)
    if (mark?.owner !== owner || mark.labels.length !== 1) continue
    const [label = ''] = mark.labels
    if (known(label)) anchored.set(node.name, label)
  }
  return anchored
}

/** What the queue asks for. Each sentence is read once, and only those that may name such a label. */
function asked(
  reading: JenkinsReading,
  anchored: ReadonlyMap<string, string>,
  templates: readonly Template[],
  known: (label: string) => boolean,
): ReadonlySet<string> {
  const signs = templates.flatMap(({ labels, launch }) =>
    launch.container?.customImages === true ? labels.map((label) => `${label}:`) : [],
  )
  const found = new Set<string>()
  const whys = new Set(reading.queue.map(({ why }) => why ?? ''))
  for (const why of whys) {
    if (!signs.some((sign) => why.includes(sign)) && !(anchored.size > 0 && why.includes('anchor-'))) continue
    for (const label of labelsIn(readReason(why), anchored)) if (known(label)) found.add(label)
  }
  return found
}

/** Those that alone are enough for what is asked. */
function labelsIn(reason: QueueReason, anchored: ReadonlyMap<string, string>): readonly string[] {
  switch (reason.kind) {
    case 'nodeOffline':
      return [anchored.get(reason.node) ?? []].flat()
    case 'nodeOrLabel':
      return [anchored.get(reason.name) ?? enough(reason.name)].flat()
    case 'label':
      return enough(reason.expression)
    case 'veto':
      return reason.label === undefined ? [] : enough(reason.label)
    default:
      return []
  }
}

function enough(text: string): readonly string[] {
  const expression = expressionOf(text)
  return [...atoms(expression)].filter((label) => matches(expression, new Set([label])))
}
