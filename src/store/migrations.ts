import type { WrittenChange } from './records.ts'

/** Of what is written now. Raised when a record gets another shape, together with a step from the one before. */
export const FORMAT = 4

type Step = (change: WrittenChange) => WrittenChange

/** By the format that it starts from: how a change becomes one of the next format. A step is never taken out again. */
const STEPS: Readonly<Record<number, Step>> = {
  // 2 has more fields, and none that a record must have.
  1: (change) => change,
  // As has 3.
  2: (change) => change,
  // And 4.
  3: (change) => change,
}

/** Whether content of this format can be read. */
export function isKnown(format: number): boolean {
  return format === FORMAT || (format < FORMAT && STEPS[format] !== undefined)
}

/** A change as it would be written now. */
export function migrate(change: WrittenChange, format: number): WrittenChange {
  let migrated = change
  for (let from = format; from < FORMAT; from++) {
    const step = STEPS[from]
    if (step === undefined) throw new Error(`there is no step from format ${from}`)
    migrated = step(migrated)
  }
  return migrated
}
