/**
 * By turns between classes, so that many of one class do not keep another waiting: first the first of each class, then
 * the second of each, and so on. Within a turn the order stays as it was.
 */
export function inTurns<T>(all: readonly T[], classOf: (one: T) => string): readonly T[] {
  const counts = new Map<string, number>()
  const turns: T[][] = []
  for (const one of all) {
    const name = classOf(one)
    const turn = counts.get(name) ?? 0
    counts.set(name, turn + 1)
    const before = turns[turn]
    if (before === undefined) turns.push([one])
    else before.push(one)
  }
  return turns.flat()
}
