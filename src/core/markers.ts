/**
 * What the program writes on nodes in Jenkins so that it knows them again, whatever became of its store:
 * `key=value` words in the description, and a marker in front of each offline reason.
 */
import type { AgentId, FrameworkId, TemplateName } from './model.ts'
import type { Template } from './template.ts'

/** In front of every offline reason that we set. Plain characters: Jenkins escapes all others, twice. */
export const OFFLINE_MARKER = 'jenkins-mesos-sidecar:'

const AGENT = 'Mesos agent of jenkins-mesos-sidecar.'
const ANCHOR = 'Anchor of jenkins-mesos-sidecar: stays offline and runs nothing, Jenkins names its labels in the queue.'

/** What follows it is for people, and may look like anything. */
const BECAUSE = ' Provisioned because: '

export function offlineReason(words: string): string {
  return `${OFFLINE_MARKER} ${words.replaceAll(/[^A-Za-z0-9 :.,=/_-]+/g, ' ').trim()}`
}

export function isOurOffline(reason: string): boolean {
  return reason.startsWith(OFFLINE_MARKER)
}

export interface AgentMark {
  readonly kind: 'agent'
  readonly agentId: AgentId
  readonly template: TemplateName
  readonly frameworkId: FrameworkId | undefined
  /** Name of the framework that made it; nodes of the first versions do not tell. */
  readonly owner: string | undefined
}

export interface AnchorMark {
  readonly kind: 'anchor'
  readonly template: TemplateName
  /** As of agents. */
  readonly owner: string | undefined
  /** In the order of the template. */
  readonly labels: readonly string[]
}

export function describeAgent(
  mark: Omit<AgentMark, 'kind' | 'owner'> & { readonly owner?: string | undefined },
  reason: string,
): string {
  const words = `frameworkId=${mark.frameworkId ?? 'none'} agentId=${mark.agentId} template=${mark.template}`
  return `${AGENT} ${words}${ownerWord(mark.owner)}${BECAUSE}${reason}`
}

/** @param owner name of the framework: several sidecars may share one Jenkins */
export function describeAnchor(template: Template, owner?: string): string {
  const words = `template=${template.name} labels=${template.labels.map(encodeURIComponent).join(',')}`
  return `${ANCHOR} ${words}${ownerWord(owner)}`
}

function ownerWord(owner: string | undefined): string {
  return owner === undefined ? '' : ` framework=${encodeURIComponent(owner)}`
}

/** The words for people in an agent's description; `undefined` for anybody else's node. */
export function provisionedBecause(description: string): string | undefined {
  if (!description.startsWith(AGENT)) return undefined
  const at = description.indexOf(BECAUSE)
  return at < 0 ? undefined : description.slice(at + BECAUSE.length)
}

/** Whether it is an anchor, without reading all of its words: asked of every node, several times a round. */
export function isAnchor(description: string): boolean {
  return description.startsWith(ANCHOR) && readMark(description) !== undefined
}

/** What the description of an anchor says; `undefined` for any other node. */
export function anchorMark(description: string): AnchorMark | undefined {
  const mark = description.startsWith(ANCHOR) ? readMark(description) : undefined
  return mark?.kind === 'anchor' ? mark : undefined
}

/** What a description says of us; `undefined` for anybody else's node. */
export function readMark(description: string): AgentMark | AnchorMark | undefined {
  if (description.startsWith(AGENT)) {
    const [head = ''] = description.split(BECAUSE)
    const agentId = word(head, 'agentId')
    const template = word(head, 'template')
    if (agentId === undefined || template === undefined) return undefined
    const frameworkId = word(head, 'frameworkId')
    return {
      kind: 'agent',
      agentId: agentId as AgentId,
      template: template as TemplateName,
      frameworkId: frameworkId === undefined || frameworkId === 'none' ? undefined : (frameworkId as FrameworkId),
      owner: ownerOf(head),
    }
  }
  if (!description.startsWith(ANCHOR)) return undefined
  const template = word(description, 'template')
  if (template === undefined) return undefined
  const labels = word(description, 'labels') ?? ''
  return {
    kind: 'anchor',
    template: template as TemplateName,
    owner: ownerOf(description),
    labels: labels === '' ? [] : labels.split(',').map(decodeWord),
  }
}

function ownerOf(description: string): string | undefined {
  const owner = word(description, 'framework')
  return owner === undefined ? undefined : decodeWord(owner)
}

type Key = 'agentId' | 'template' | 'framework' | 'frameworkId' | 'labels'

const WORDS: Readonly<Record<Key, RegExp>> = {
  agentId: /(?:^| )agentId=([^ ]*)/,
  template: /(?:^| )template=([^ ]*)/,
  framework: /(?:^| )framework=([^ ]*)/,
  frameworkId: /(?:^| )frameworkId=([^ ]*)/,
  labels: /(?:^| )labels=([^ ]*)/,
}

function word(description: string, key: Key): string | undefined {
  return WORDS[key].exec(description)?.[1]
}

/** A description that a person changed may hold anything. */
function decodeWord(text: string): string {
  return /^(?:[^%]|%[0-9A-Fa-f]{2})*$/.test(text) ? safeDecode(text) : text
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // not UTF-8: it then differs from every label, and the anchor is made anew
  }
}
