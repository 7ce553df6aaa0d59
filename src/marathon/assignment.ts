import type { Path } from './path.ts'
import { readPath } from './path.ts'

export type AssignmentReading = { readonly patch: unknown } | { readonly mistake: string }

/** Where all values are text, whatever they look like. */
const TEXTS = ['environment', 'env', 'labels']

/**
 * `containers.sidecar.resources.mem=512` as a patch. What is JSON counts as JSON, `null` takes the field away, and
 * all else is text; a variable or a label is always text, unless it is `null` or an object.
 */
export function readAssignment(text: string): AssignmentReading {
  const at = text.indexOf('=')
  const path = at === -1 ? undefined : readPath(text.slice(0, at))
  if (path === undefined) {
    const shown = at === -1 ? text : text.slice(0, at)
    return { mistake: `--set ${shown}: it must be PATH=VALUE, such as containers.sidecar.resources.mem=512.` }
  }
  const value = valueOf(path, text.slice(at + 1))
  return { patch: path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) }
}

function valueOf(path: Path, text: string): unknown {
  const json = parsed(text)
  const isText = TEXTS.includes(path.at(-2) ?? '')
  return json === undefined || (isText && json.value !== null && typeof json.value !== 'object') ? text : json.value
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    // It is text, then.
    return undefined
  }
}
