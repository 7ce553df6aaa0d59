/** What a template says of itself. */
export interface Own {
  readonly from: string | undefined
  readonly fields: Readonly<Record<string, unknown>>
}

/** From a template to the last of its bases. */
export type Lineage =
  | { readonly kind: 'whole'; readonly chain: readonly string[] }
  /** `chain` ends with the name that does not exist. */
  | { readonly kind: 'unknown'; readonly chain: readonly string[] }
  /** `chain` ends with a name that stands in it already. */
  | { readonly kind: 'circle'; readonly chain: readonly string[] }

export function lineageOf(name: string, templates: ReadonlyMap<string, Own>): Lineage {
  const chain = [name]
  let base = templates.get(name)?.from
  while (base !== undefined) {
    const isCircle = chain.includes(base)
    chain.push(base)
    if (isCircle) return { kind: 'circle', chain }
    const next = templates.get(base)
    if (next === undefined) return { kind: 'unknown', chain }
    base = next.from
  }
  return { kind: 'whole', chain }
}

/** These say something about one template only. */
const NOT_INHERITED: readonly string[] = ['from', 'abstract', 'defaultTemplate']

/**
 * The fields of the first of a chain, and what it does not say as the next one says it: maps are merged, everything
 * else is replaced, and what is nothing (`null`) is as if no base had said it.
 */
export function inherit(chain: readonly Own[]): Readonly<Record<string, unknown>> {
  const bases = chain.slice(1).map(({ fields }) => without(fields, NOT_INHERITED))
  const [own = {}] = chain.map(({ fields }) => fields)
  const inherited = bases.reverse().reduce((base, next) => mergeMaps(base, next), {})
  return mergeMaps(inherited, own)
}

function mergeMaps(
  base: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const kept = Object.entries(base).filter(([name]) => !Object.hasOwn(own, name))
  const said = Object.entries(own)
    .filter(([, value]) => value !== null)
    .map(([name, value]): [string, unknown] => {
      if (!isRecord(value)) return [name, value]
      const below = Object.hasOwn(base, name) ? base[name] : undefined
      return [name, mergeMaps(isRecord(below) ? below : {}, value)]
    })
  return Object.fromEntries([...kept, ...said])
}

/** Without what is nothing, in maps within maps too. */
export function withoutNothing(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return mergeMaps({}, fields)
}

export function without(
  fields: Readonly<Record<string, unknown>>,
  names: Iterable<string>,
): Readonly<Record<string, unknown>> {
  const left = new Set(names)
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !left.has(name)))
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
