import { describe, test } from '@jest/globals'

/** An environment variable; an empty one is none. */
export function given(name: string): string | undefined {
  const value = process.env[name]
  return value === undefined || value === '' ? undefined : value
}

/**
 * A `describe` for what needs variables. Where one is missing the tests count as skipped, and a warning says so.
 * @param tests always called, as a suite of its own
 */
export function describeIf(missing: readonly string[], name: string, tests: () => void): void {
  if (missing.length === 0) {
    describe(name, tests)
    return
  }
  console.warn(`SKIPPED: ${name}: ${missing.join(' and ')} not set. Nothing of it was tested.`)
  test.skip(`${name} (needs ${missing.join(' and ')})`, () => undefined)
}

/** Says that a suite runs against an embedded system only. */
export function tellUnlessReal(variable: string, system: string): void {
  if (given(variable) !== undefined) return
  const what = `the same against a real ${system}`
  console.warn(`SKIPPED: ${what}: ${variable} not set. The embedded ${system} was tested instead.`)
  test.skip(`${what} (needs ${variable})`, () => undefined)
}
