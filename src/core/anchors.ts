import { type AnchorMark, isAnchor, readMark } from './markers.ts'
import type { JenkinsNode, JenkinsReading, Template } from './model.ts'
import type { Action } from './snapshot.ts'

export interface AnchorPlan {
  readonly actions: readonly Action[]
  /** Every template has its anchor: what `why` says can be read. */
  readonly complete: boolean
  /** Template by the name of its anchor. */
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
 */
export function planAnchors(reading: JenkinsReading, templates: readonly Template[], owner: string): AnchorPlan {
  const taken = new Set(reading.nodes.map((node) => node.name))
  const all = reading.nodes.flatMap((node): readonly Anchor[] => {
    const mark = isAnchor(node.description) ? readMark(node.description) : undefined
    return mark?.kind === 'anchor' ? [{ node, mark }] : []
  })
  const anchors = all.filter(({ mark }) => mark.owner === owner)
  const foreign = all.filter(({ mark }) => mark.owner !== undefined && mark.owner !== owner)
  const unmarked = all.filter(({ mark }) => mark.owner === undefined)
  const old = unmarked.filter(({ node, mark }) => templates.some((template) => serves(template, node, mark)))
  const actions: Action[] = []
  const problems: string[] = []
  const byNode = new Map<string, Template>()
  let complete = true
  for (const template of templates) {
    const [anchor] = anchors.filter(({ node, mark }) => serves(template, node, mark))
    if (anchor === undefined) {
      complete = false
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
  if (complete) actions.push(...leftOver(anchors, byNode), ...replaced(old))
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
  return mark.template === template.name && sameSet(labels, template.labels)
}

function leftOver(anchors: readonly Anchor[], byNode: ReadonlyMap<string, Template>): readonly Action[] {
  return anchors
    .filter(({ node }) => !byNode.has(node.name) && node.running.length === 0)
    .map(({ node, mark }) => ({
      kind: 'deleteAnchor',
      node: node.name,
      reason: `no template ${mark.template} with the labels ${mark.labels.join(' ')} any more`,
    }))
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
  const names = [`anchor-${template.name}`, `anchor-${template.name}-2`]
  if (!foreign.some(({ node }) => names.includes(node.name))) return names
  const own = `anchor-${template.name}-${owner.replaceAll(/[^A-Za-z0-9_.-]+/g, '-')}`
  return [own, `${own}-2`]
}

function namesTaken(template: Template, names: readonly string[]): string {
  const words = names.join(' and ')
  return `template ${template.name} has no anchor, and the nodes ${words} are not it: delete them in Jenkins`
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a)
  return set.size === new Set(b).size && b.every((label) => set.has(label))
}
