import { type Part, readPart, splitParts, unquote } from './queue-parts.ts'

/**
 * What Jenkins' `why` of a queue item says about the item, in English (`Accept-Language: en`), old and new wordings.
 * Label texts come as Jenkins shows a label's *name*: a lone label without quotes (`my label`, also `a&&b`
 * if somebody named a label so), anything else as an expression.
 */
export type QueueReason =
  /**
   * Plain waiting: the item has no label, or Jenkins has no agent at all and so names none. `offlineNodes` are
   * those that Jenkins listed because they would take it once online; then it may also have a label that all carry.
   */
  | { readonly kind: 'noLabel'; readonly offlineNodes: readonly string[] }
  /** No label, and what is idle takes labelled builds only. */
  | { readonly kind: 'reservedOnly' }
  | { readonly kind: 'label'; readonly expression: string }
  /** The display name of the one node that matches, or the label of several: the wording is the same. */
  | { readonly kind: 'nodeOrLabel'; readonly name: string }
  /** The one node that matches is offline. */
  | { readonly kind: 'nodeOffline'; readonly node: string }
  /**
   * Something forbids the idle nodes, in these words. `label` where a part of the sentence tells it; `labelless` where
   * one tells that there is none; neither where it cannot be known.
   */
  | {
      readonly kind: 'veto'
      readonly reasons: readonly string[]
      readonly label: string | undefined
      readonly labelless: boolean
    }
  /** In the quiet period, or just through with it. */
  | { readonly kind: 'quietPeriod' }
  /** Waits for another build. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'shuttingDown' }
  /** Executors changed since Jenkins last looked: the next reading tells more. */
  | { readonly kind: 'slotInUse' }
  /** No `why`: it left the queue. */
  | { readonly kind: 'gone' }
  /** Another language, or the words of a plugin alone. */
  | { readonly kind: 'notUnderstood'; readonly text: string }

const NO_NODES = /^There are no nodes with the label (.*)$/s
const ALL_OFFLINE = /^All nodes of label (.*) are offline$/s
const WAITING_ON = /^Waiting for next available executor on (.*)$/s
const WAITING = 'Waiting for next available executor'

/** Sentences that always stand alone and name nothing that the planner needs. */
const ALONE: readonly (readonly [RegExp, 'quietPeriod' | 'blocked' | 'shuttingDown'])[] = [
  [/^In the quiet period\. Expires in .*$/s, 'quietPeriod'],
  [/^(?:Finished waiting|\?\?\?)$/, 'quietPeriod'],
  [/^(?:Jenkins|Hudson) is about to shut down$/, 'shuttingDown'],
  [/^Build #\S+ is already in progress.*$/s, 'blocked'],
  [/^A build is already in progress$/, 'blocked'],
  [/^(?:Upstream|Downstream) project .* is already building\.?$/s, 'blocked'],
  [/^Blocked by .*$/s, 'blocked'],
]

export function readReason(why: string | undefined): QueueReason {
  if (why === undefined) return { kind: 'gone' }
  if (why === WAITING) return { kind: 'noLabel', offlineNodes: [] }
  const waiting = WAITING_ON.exec(why)?.[1]
  if (waiting !== undefined) return { kind: 'nodeOrLabel', name: unquote(waiting) }
  const label = (NO_NODES.exec(why) ?? ALL_OFFLINE.exec(why))?.[1]
  if (label !== undefined) return { kind: 'label', expression: unquote(label) }
  const alone = ALONE.find(([pattern]) => pattern.test(why))
  if (alone !== undefined) return { kind: alone[1] }
  return readComposite(why)
}

/** One answer for every executor that Jenkins tried, joined by `; `, or only one such answer. */
function readComposite(why: string): QueueReason {
  const { texts, truncated } = splitParts(why)
  const parts = texts.map(readPart)
  const offline = parts.flatMap((part) => (part.kind === 'offline' ? [part.node] : []))
  const [only] = offline
  if (only !== undefined && parts.length === 1 && !truncated) return { kind: 'nodeOffline', node: only }

  const unknown = parts.every(({ kind }) => kind === 'unknown')
  if (unknown && !truncated) return { kind: 'notUnderstood', text: why }

  const label = parts.find((part) => part.kind === 'labelMissing')?.label
  // Only items without a label are told that a node is reserved.
  const labelless = parts.some(({ kind }) => kind === 'reserved')
  if (parts.some(isVeto)) return { kind: 'veto', reasons: texts, label, labelless }
  if (label !== undefined) return { kind: 'label', expression: label }
  if (labelless) return { kind: 'reservedOnly' }
  // What is cut off might have told the label.
  if (truncated) return { kind: 'veto', reasons: texts, label: undefined, labelless }
  return parts.some(({ kind }) => kind === 'changing')
    ? { kind: 'slotInUse' }
    : { kind: 'noLabel', offlineNodes: offline }
}

function isVeto(part: Part): boolean {
  return part.kind === 'forbidden' || part.kind === 'unknown'
}
