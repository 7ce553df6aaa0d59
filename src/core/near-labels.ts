import { distanceOf } from './edit-distance.ts'
import { atoms, type Expression } from './label-expression.ts'

/** A label that nobody has, and those that look like it, the nearest first. */
export interface MissingLabel {
  readonly label: string
  readonly near: readonly string[]
}

const MOST_NEAR = 3
const MOST_MISSING = 5

/** Labels of an expression that are not known; what a job has mistyped, as a rule. */
export function missingLabels(expression: Expression, known: ReadonlySet<string>): readonly MissingLabel[] {
  const missing = [...atoms(expression)].filter((label) => !known.has(label))
  return missing.slice(0, MOST_MISSING).map((label) => ({ label, near: nearLabels(label, known) }))
}

/** Within a third of its length, or one begins with the other. */
function nearLabels(label: string, known: Iterable<string>): readonly string[] {
  const name = label.toLowerCase()
  const near: { readonly label: string; readonly distance: number }[] = []
  for (const each of known) {
    const other = each.toLowerCase()
    const most = Math.max(1, Math.floor(Math.max(name.length, other.length) / 3))
    const begins = Math.min(name.length, other.length) >= 3 && (name.startsWith(other) || other.startsWith(name))
    // Longer differences cannot be near, and very long names need not be compared at all.
    const distance = Math.abs(name.length - other.length) > most ? Number.POSITIVE_INFINITY : distanceOf(name, other)
    if (distance <= most) near.push({ label: each, distance })
    else if (begins) near.push({ label: each, distance: Math.abs(name.length - other.length) })
  }
  near.sort((a, b) => a.distance - b.distance || (a.label < b.label ? -1 : 1))
  return near.slice(0, MOST_NEAR).map((one) => one.label)
}

/** `no template has the label linux-arm (near: linux-arm64)`; `''` where none is missing. */
export function missingWords(missing: readonly MissingLabel[]): string {
  return missing
    .map(
      ({ label, near }) => `no template has the label ${label}${near.length > 0 ? `; near: ${near.join(', ')}` : ''}`,
    )
    .join('; ')
}
