import { distanceOf } from './edit-distance.ts'

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
