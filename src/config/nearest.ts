/**
 * `: maybe idleTimeoutSeconds is meant` where one of the known names is near enough, else `''`.
 */
export function hint(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return near === undefined ? '' : `: maybe ${near} is meant`
}

/** @returns `undefined` where none is within a third of its length, or goes on after the name: units are forgotten */
function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const each of known) {
    // Longer differences cannot be near, and a very long name need not be compared at all.
    if (Math.abs(each.length - name.length) > each.length / 3) continue
    const distance = distanceOf(name.toLowerCase(), each.toLowerCase())
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(each.length / 3))) {
      best = each
      bestDistance = distance
    }
  }
  return best ?? known.find((each) => name.length >= 4 && each.toLowerCase().startsWith(name.toLowerCase()))
}

/** Letters to insert, delete or replace (Levenshtein). */
export function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
