import { type CallOutcome, Operator } from '../../src/loop/operator.ts'
import type { Farm } from './farm.ts'

/**
 * What a person asks of the sidecar, beside all else that goes on: it may never be answered, and nobody waits for that.
 *
 * @returns whether there was somebody to be asked
 */
export function askOperator(
  farm: Farm,
  call: (operator: Operator) => Promise<CallOutcome>,
  then: (outcome: CallOutcome) => void = () => undefined,
): boolean {
  const term = farm.life.alive ? farm.life.program.term : undefined
  if (term === undefined) return false
  void call(new Operator(term.parts.context)).then(then)
  return true
}

/** The checker holds the sidecar to it from the answer on. @param template `undefined`: all of them */
export function pauseTemplates(farm: Farm, template: string | undefined, then?: () => void): boolean {
  return askOperator(
    farm,
    (operator) => operator.pause(template),
    ({ ok }) => {
      if (!ok) return
      farm.checker.pauses.paused(template)
      then?.()
    },
  )
}

/** @param then when it is so */
export function resumeTemplates(farm: Farm, template: string | undefined, then?: () => void): boolean {
  farm.checker.pauses.resuming(template)
  return askOperator(
    farm,
    (operator) => operator.resume(template),
    (outcome) => {
      if (outcome.ok || outcome.kind === 'conflict') then?.()
    },
  )
}
