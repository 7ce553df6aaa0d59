import type { TemplateSizing, Values } from '../../src/core/sizing.ts'
import { add, emptySizing } from '../../src/core/sizing.ts'
import { NOW } from './builders.ts'

const NONE: Values = { samples: [], agents: [] }

/** What so many agents used, one executor each. */
export function aSizing(agents: {
  readonly cpus?: readonly number[]
  readonly memMib?: readonly number[]
}): TemplateSizing {
  const of = (values: readonly number[] | undefined): Values =>
    values === undefined ? NONE : { samples: values, agents: values }
  return add(emptySizing(NOW), of(agents.cpus), of(agents.memMib), NOW)
}

/** So many times the same. */
export function times(count: number, value: number): readonly number[] {
  return Array<number>(count).fill(value)
}
