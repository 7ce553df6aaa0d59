import type { ActionInput, ActionOutcome, ActionsOptions } from '../plugins/actions.ts'
import type { Operator } from './loop/operator.ts'

/** Who acts now, or why this instance does not. */
export interface Acting {
  readonly operator: Operator | undefined
  readonly why: string
}

/** Calls of an operator reach the term that acts; an instance that stands by refuses them. `done` follows each. */
export function operatorActions(acting: () => Acting, done: () => void = () => undefined): ActionsOptions['actions'] {
  const ask = (
    call: (operator: Operator, input: ActionInput) => Promise<ActionOutcome>,
    ...fields: readonly string[]
  ) => ({
    fields,
    act: async (input: ActionInput): Promise<ActionOutcome> => {
      const { operator, why } = acting()
      if (operator !== undefined) return await call(operator, input).finally(done)
      return { ok: false, kind: 'standby', words: `This instance does not lead: ${why}. Ask the one that does.` }
    },
  })
  return {
    'release-brake': ask((operator) => operator.releaseBrake()),
    'take-over': ask((operator) => operator.takeOver()),
    'accept-jenkins': ask((operator) => operator.acceptJenkins()),
    pause: ask((operator, input) => operator.pause(input['template']), 'template'),
    resume: ask((operator, input) => operator.resume(input['template']), 'template'),
    drain: ask((operator, input) => operator.drain(input['agentId']), 'agentId'),
  }
}
