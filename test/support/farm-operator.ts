import { Operator } from '../../src/loop/operator.ts'
import type { CallOutcome } from '../../src/loop/operator-outcome.ts'
import type { Checker } from '../checker/checker.ts'
import type { SidecarLife } from './sidecar-life.ts'

interface OperatedFarm {
  readonly life: SidecarLife
  readonly checker: Checker
}

/**
 * What a person asks of the sidecar, beside all else that goes on: it may never be answered, and nobody waits for that.
 *
 * @returns whether there was somebody to be asked
 */
export function askOperator(
  farm: OperatedFarm,
  call: (operator: Operator) => Promise<CallOutcome>,
  then: (outcome: CallOutcome) => void = () => undefined,
): boolean {
  const term = farm.life.alive ? farm.life.program.term : undefined
  if (term === undefined) return false
  void call(new Operator(term.parts.context)).then(then)
  return true
}

/** The checker holds the sidecar to it from the answer on. @param template `undefined`: all of them */
export function pauseTemplates(farm: OperatedFarm, template: string | undefined, then?: () => void): boolean {
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
export function resumeTemplates(farm: OperatedFarm, template: string | undefined, then?: () => void): boolean {
  farm.checker.pauses.resuming(template)
  return askOperator(
    farm,
    (operator) => operator.resume(template),
    (outcome) => {
      if (outcome.ok || outcome.kind === 'conflict') then?.()
    },
  )
}

/** The same over HTTP, and waited for. */
export async function postAction(
  farm: OperatedFarm,
  name: string,
  payload?: object,
): Promise<{ readonly status: number; readonly words: string }> {
  const { template } = (payload ?? {}) as { readonly template?: string }
  if (name === 'resume') farm.checker.pauses.resuming(template)
  const url = `/api/v1/actions/${name}`
  const request = { method: 'POST', url, ...(payload !== undefined && { payload }) } as const
  const { statusCode, body } = await farm.life.ask(request)
  if (name === 'pause' && statusCode === 200) farm.checker.pauses.paused(template)
  const { words, detail } = JSON.parse(body) as { readonly words?: string; readonly detail?: string }
  return { status: statusCode, words: words ?? detail ?? '' }
}
