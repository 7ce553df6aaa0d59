import type { JenkinsNode, JenkinsReading } from './jenkins-reading.ts'
import { type AnchorMark, anchorMark } from './markers.ts'
import type { Action } from './snapshot.ts'
import type { Template } from './template.ts'
import { isCustomLabel, isVariant } from './variant.ts'

export interface AnchorPlan {
  readonly actions: readonly Action[]
  /** Every template of the configuration has its anchor: what `why` says can be read. */
  readonly complete: boolean
  /** Template by the name of its anchor; a variant where a label names an image. */
  readonly byNode: ReadonlyMap<string, Template>
  /** Names of anchors of other sidecars. */
  readonly foreign: ReadonlySet<string>
  readonly problems: readonly string[]
  /** What people may want to know and need not act on: said once. */
  readonly notes: readonly string[]
}

interface Anchor {
  readonly node: JenkinsNode
  readonly mark: AnchorMark
}

/**
 * One anchor node per template, carrying exactly its labels and never connected, so that Jenkins names labels in its
 * queue even with no agent there. Changed labels: the new anchor first, then the old one goes.
 *
 * Anchors of another owner belong to another sidecar on the same Jenkins and are left alone. Those without an owner
 * were made by the first versions: one that serves a template of ours is replaced, any other may be somebody else's.
 *
 * @param variants one for each label in use that names an image: it has an anchor too, and nothing waits for that
 */
export function planAnchors(
  reading: JenkinsReading,
  templates: readonly Template[],
  owner: string,
  variants: readonly Template[] = [],
): AnchorPlan {
  const taken = new Set(reading.nodes.map((node) => node.name))
  const all = reading.nodes.flatMap((node): readonly Anchor[] => {
    const mark = anchorMark(node.description)
    return mark === undefined ? [] : [{ node, mark }]
  })
  const anchors = all.filter(({ mark }) => mark.owner === owner)
  const foreign = all.filter(({ mark }) => mark.owner !== undefined && mark.owner !== owner)
  const unmarked = all.filter(({ mark }) => mark.owner === undefined)
  const old = unmarked.filter(({ node, mark }) => templates.some((template) => serves(template, node, mark)))
  const actions: Action[] = []
  const problems: string[] = []
  const byNode = new Map<string, Template>()
  let complete = true
  for (const template of [...templates, ...variants]) {
    const [anchor] = anchors.filter(({ node, mark }) => serves(template, node, mark))
    if (anchor === undefined) {
      complete &&= isVariant(template)
      const node = freeName(template, taken, foreign, owner)
      if (node === undefined) problems.push(namesTaken(template, namesFor(template, foreign, owner)))
      else actions.push({ kind: 'createAnchor', template, node })
      continue
    }
    byNode.set(anchor.node.name, template)
    if (anchor.node.temporarilyOffline) continue
    actions.push({ kind: 'offlineAnchor', node: anchor.node.name })
    if (!anchor.node.offline) {
      problems.push(`something connected to the anchor ${anchor.node.name}: it is taken offline, stop that agent`)
    }
  }
  if (complete) actions.push(...leftOver(anchors, byNode, templates), ...replaced(old))
  return {
    actions,
    complete,
    byNode,
    foreign: new Set([...foreign, ...unmarked].filter((anchor) => !old.includes(anchor)).map(({ node }) => node.name)),
    problems,
    notes: notesOf(foreign, unmarked, old),
  }
}

function replaced(old: readonly Anchor[]): readonly Action[] {
  return old
    .filter(({ node }) => node.running.length === 0)
    .map(({ node }) => ({ kind: 'deleteAnchor', node: node.name, reason: 'another that names its owner is in place' }))
}

function notesOf(foreign: readonly Anchor[], unmarked: readonly Anchor[], old: readonly Anchor[]): readonly string[] {
  const notes: string[] = []
  for (const owner of new Set(foreign.flatMap(({ mark }) => mark.owner ?? []))) {
    const names = foreign.filter(({ mark }) => mark.owner === owner).map(({ node }) => node.name)
    notes.push(`anchors of framework ${owner} are in Jenkins and left alone: ${names.join(', ')}`)
  }
  const strange = unmarked.filter((anchor) => !old.includes(anchor)).map(({ node }) => node.name)
  if (strange.length > 0) {
    notes.push(`anchors that do not name their owner are left alone: ${strange.join(', ')}; delete them if nobody does`)
  }
  return notes
}

function serves(template: Template, node: JenkinsNode, mark: AnchorMark): boolean {
  const labels = node.labels ?? mark.labels
  // A label with an image has one anchor, whichever of its templates it was made for.
  return (isVariant(template) || mark.template === template.name) && sameSet(labels, template.labels)
}

function leftOver(
  anchors: readonly Anchor[],
  byNode: ReadonlyMap<string, Template>,
  templates: readonly Template[],
): readonly Action[] {
  return anchors
    .filter(({ node }) => !byNode.has(node.name) && node.running.length === 0)
    .map(({ node, mark }) => ({ kind: 'deleteAnchor', node: node.name, reason: leftOverWords(mark, templates) }))
}

function leftOverWords({ template, labels }: AnchorMark, templates: readonly Template[]): string {
  const words = labels.join(' ')
  if (labels.length === 1 && isCustomLabel(words, templates)) return `no build has asked for ${words} for a while`
  return `no template ${template} with the labels ${words} any more`
}

/**
 * `anchor-linux`, or `anchor-linux-2` while the one with other labels is still there. Never a third: nodes that are not
 * known again must not be made without end.
 */
function freeName(
  template: Template,
  taken: Set<string>,
  foreign: readonly Anchor[],
  owner: string,
): string | undefined {
  const name = namesFor(template, foreign, owner).find((candidate) => !taken.has(candidate))
  if (name !== undefined) taken.add(name)
  return name
}

/** Another sidecar may have a template of the same name: then ours carries the name of its framework too. */
function namesFor(template: Template, foreign: readonly Anchor[], owner: string): readonly string[] {
  const name = `anchor-${template.name}${isVariant(template) ? `-${shortNameOf(template.labels.join(' '))}` : ''}`
  const names = [name, `${name}-2`]
  if (!foreign.some(({ node }) => names.includes(node.name))) return names
  const own = `${name}-${cleaned(owner)}`
  return [own, `${own}-2`]
}

/** Jenkins forbids most signs in the names of nodes. */
function cleaned(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
}

const SHOWN_OF_LABEL = 40

/** Says what a label is about, and differs for labels that only look alike. */
function shortNameOf(label: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < label.length; at++) hash = Math.imul(hash ^ label.charCodeAt(at), 0x01000193)
  return `${cleaned(label).slice(-SHOWN_OF_LABEL)}-${(hash >>> 0).toString(36)}`
}

function namesTaken(template: Template, names: readonly string[]): string {
  const words = names.join(' and ')
  return `template ${template.name} has no anchor, and the nodes ${words} are not it: delete them in Jenkins`
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a)
  return set.size === new Set(b).size && b.every((label) => set.has(label))
}
