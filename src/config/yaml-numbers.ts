import { type Document, isPair, isScalar, visit } from 'yaml'

/** Fields whose values are texts for others, even where they look like numbers. */
const TEXTS: readonly string[] = ['environment', 'attributes', 'constraints']

/**
 * Values that YAML takes for numbers and that would not be given on as they are written: `3.10` is 3.1, `0644` is 644.
 * @param report is given the names down to the value, and the offset where it stands
 */
export function findChangedNumbers(
  document: Document,
  report: (names: readonly string[], offset: number) => void,
): void {
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'number' || node.source === String(node.value)) return
      const names = ancestors.flatMap((each) => (isPair(each) && isScalar(each.key) ? [String(each.key.value)] : []))
      if (names[0] === 'templates' && names.some((name) => TEXTS.includes(name))) report(names, node.range?.[0] ?? 0)
    },
  })
}
