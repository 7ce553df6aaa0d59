import { hint } from '../core/nearest.ts'
import { isRecord, type Mistake, nameOf, type Path } from './path.ts'

export interface Patched {
  readonly value: unknown
  readonly mistakes: readonly Mistake[]
}

/**
 * A merge patch, as RFC 7396 has it: objects are merged, `null` takes away, all else replaces. In lists whose entries
 * have names these count, whatever their order: a list adds to and changes the entries of those names, and an object
 * in its place has them as its fields, which is also what `--set containers.sidecar.…` makes. An object cannot add: a
 * name that is not there is a slip.
 */
export function applyPatch(target: unknown, patch: unknown, path: Path = []): Patched {
  if (Array.isArray(target) && isRecord(patch)) return patchEntries(target, patch, path)
  if (Array.isArray(patch) && isNamedList(target) && isNamedList(patch)) return mergeEntries(target, patch, path)
  if (!isRecord(patch)) return { value: patch, mistakes: [] }
  const found: Mistake[] = []
  // A map, as a field may have any name.
  const merged = new Map<string, unknown>(isRecord(target) ? Object.entries(target) : [])
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) {
      merged.delete(name)
      continue
    }
    const { value, mistakes } = applyPatch(merged.get(name), change, [...path, name])
    merged.set(name, value)
    found.push(...mistakes)
  }
  return { value: Object.fromEntries(merged), mistakes: found }
}

function isNamedList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => nameOf(entry) !== undefined)
}

function mergeEntries(target: readonly unknown[], patch: readonly unknown[], path: Path): Patched {
  const results = target.map((entry) => {
    const change = patch.find((other) => nameOf(other) === nameOf(entry))
    return change === undefined
      ? { value: entry, mistakes: [] }
      : applyPatch(entry, change, [...path, nameOf(entry) ?? ''])
  })
  const added = patch.filter((entry) => !target.some((other) => nameOf(other) === nameOf(entry)))
  return {
    value: [...results.map(({ value }) => value), ...added],
    mistakes: results.flatMap(({ mistakes }) => mistakes),
  }
}

function patchEntries(target: readonly unknown[], patch: Readonly<Record<string, unknown>>, path: Path): Patched {
  const found: Mistake[] = []
  const known = target.map((entry, index) => nameOf(entry) ?? String(index))
  for (const name of Object.keys(patch).filter((each) => !known.includes(each))) {
    const words = `is not there${hint(name, known)}. There ${known.length === 0 ? 'is nothing' : `is ${known.join(', ')}`}`
    found.push({ path: [...path, name], words })
  }
  const value = target.flatMap((entry, index) => {
    const name = known[index] ?? ''
    if (!Object.hasOwn(patch, name)) return [entry]
    if (patch[name] === null) return []
    const result = applyPatch(entry, patch[name], [...path, name])
    found.push(...result.mistakes)
    return [result.value]
  })
  return { value, mistakes: found }
}
