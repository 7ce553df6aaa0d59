import { type AnchorMark, isAnchor, readMark } from './markers.ts'
import type { JenkinsNode, JenkinsReading, Template } from './model.ts'
import type { Action } from './snapshot.ts'

export interface AnchorPlan {
  readonly actions: readonly Action[]
  /** Every template has its anchor: what `why` says can be read. */
  readonly complete: boolean
  /** Template by the name of its anchor. */
  readonly byNode: ReadonlyMap<string, Template>
  readonly problems: readonly string[]
}

/**
 * One anchor node per template, carrying exactly its labels and never connected, so that Jenkins names labels in its
 * queue even with no agent there. Changed labels: the new anchor first, then the old one goes.
 */
export function planAnchors(reading: JenkinsReading, templates: readonly Template[]): AnchorPlan {
  const taken = new Set(reading.nodes.map((node) => node.name))
  const anchors = reading.nodes.flatMap((node) => {
    const mark = isAnchor(node.description) ? readMark(node.description) : undefined
    return mark?.kind === 'anchor' ? [{ node, mark }] : []
  })
  const actions: Action[] = []
  const problems: string[] = []
  const byNode = new Map<string, Template>()
  let complete = true
  for (const template of templates) {
    const [anchor] = anchors.filter(({ node, mark }) => serves(template, node, mark))
    if (anchor === undefined) {
      complete = false
      const node = freeName(template, taken)
      if (node === undefined) problems.push(namesTaken(template))
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
  if (complete) actions.push(...leftOver(anchors, byNode))
  return { actions, complete, byNode, problems }
}

function serves(template: Template, node: JenkinsNode, mark: AnchorMark): boolean {
  const labels = node.labels ?? mark.labels
  return mark.template === template.name && sameSet(labels, template.labels)
}

function leftOver(
  anchors: readonly { readonly node: JenkinsNode; readonly mark: AnchorMark }[],
  byNode: ReadonlyMap<string, Template>,
): readonly Action[] {
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
function freeName(template: Template, taken: Set<string>): string | undefined {
  const name = namesFor(template).find((candidate) => !taken.has(candidate))
  if (name !== undefined) taken.add(name)
  return name
}

function namesFor(template: Template): readonly string[] {
  return [`anchor-${template.name}`, `anchor-${template.name}-2`]
}

function namesTaken(template: Template): string {
  const names = namesFor(template).join(' and ')
  return `template ${template.name} has no anchor, and the nodes ${names} are not it: delete them in Jenkins`
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a)
  return set.size === new Set(b).size && b.every((label) => set.has(label))
}
