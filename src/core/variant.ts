import { isImageReference } from './image-reference.ts'
import type { AgentRecord, TemplateName } from './model.ts'
import type { Template } from './template.ts'

/** Between the revision of a template and the image of a variant of it; no revision and no image has it. */
const SIGN = '+'

/**
 * The template as a job wants it that names an image in its label: for `mesos:maven:3.9` the template with the label
 * `mesos`, with the image `maven:3.9`. It has the template's name, so it counts for it everywhere; its agents carry that
 * one label only and take no build that did not ask for them. `undefined`: the label is not for this template.
 */
export function variantFor(template: Template, label: string): Template | undefined {
  const { container } = template.launch
  const image = imageIn(template, label)
  if (container === undefined || image === undefined || !isImageReference(image)) return undefined
  return {
    ...template,
    revision: withImage(template.revision, image),
    labels: [label],
    mode: 'EXCLUSIVE',
    isDefault: false,
    minIdle: 0,
    headroom: undefined,
    launch: { ...template.launch, container: { ...container, image } },
  }
}

/** What follows one of the template's labels, the longest that fits; not looked at yet whether it is an image. */
function imageIn({ labels, launch }: Template, label: string): string | undefined {
  if (launch.container?.customImages !== true) return undefined
  let longest: string | undefined
  for (const own of labels) {
    if (own.length > (longest?.length ?? -1) && label.startsWith(`${own}:`)) longest = own
  }
  return longest === undefined ? undefined : label.slice(longest.length + 1)
}

/** The label asks a template for an image, and what it names is none. */
export function namesNoImage(label: string, templates: readonly Template[]): boolean {
  const images = templates.flatMap((template) => imageIn(template, label) ?? [])
  return images.length > 0 && !images.some(isImageReference)
}

/** A label that some template serves by a variant. What a template carries itself is an ordinary label. */
export function isCustomLabel(label: string, templates: readonly Template[]): boolean {
  if (!label.includes(':')) return false
  return (
    !templates.some(({ labels }) => labels.includes(label)) &&
    templates.some((template) => variantFor(template, label) !== undefined)
  )
}

export function isVariant({ revision }: Pick<Template | AgentRecord, 'revision'>): boolean {
  return revision.includes(SIGN)
}

/** The revision as the configuration has it. */
export function baseRevision(revision: string): string {
  const at = revision.indexOf(SIGN)
  return at === -1 ? revision : revision.slice(0, at)
}

export function withImage(revision: string, image: string): string {
  return `${revision}${SIGN}${image}`
}

/**
 * What an agent is, or was, launched from. `undefined`: the template is gone, or takes no images from labels any more:
 * then nothing may be launched under that label.
 */
export function templateOf(
  record: Pick<AgentRecord, 'template' | 'labels' | 'revision'>,
  templates: ReadonlyMap<string, Template>,
): Template | undefined {
  const template = templates.get(record.template)
  if (template === undefined || !isVariant(record)) return template
  const [label] = record.labels
  return label === undefined ? undefined : variantFor(template, label)
}

/**
 * What launches are judged by: a template, and apart from it each image that jobs asked it for. A job that names an
 * image which is not there stops no other.
 */
export function launchKey(template: TemplateName, revision: string): TemplateName {
  const at = revision.indexOf(SIGN)
  return at === -1 ? template : ((template + revision.slice(at)) as TemplateName)
}

/** The template of a launch key, and the image where it has one. */
export function readLaunchKey(key: TemplateName): {
  readonly template: TemplateName
  readonly image: string | undefined
} {
  const at = key.indexOf(SIGN)
  if (at === -1) return { template: key, image: undefined }
  return { template: key.slice(0, at) as TemplateName, image: key.slice(at + 1) }
}
