import { DrainBody, type LogLevel, LogLevelBody, NoBody, PauseBody, ProvisionBody } from '../plugins/action-bodies.ts'
import { type ActionOutcome, type ActionsOptions, action } from '../plugins/actions.ts'
import type { Operator } from './loop/operator.ts'

/** Who acts now, or why this instance does not. */
export interface Acting {
  readonly operator: Operator | undefined
  readonly why: string
}

/** What an operator may ask of the process itself, whether or not it leads. */
export interface ProcessActions {
  /** Reads files again, now. */
  readonly reload: () => Promise<ActionOutcome>
  readonly setLogLevel: (level: LogLevel) => void
}

/**
 * Calls of an operator reach the term that acts; an instance that stands by refuses them.
 * @param self [what concerns the process itself is not offered]
 * @param done follows each call
 */
export function operatorActions(
  acting: () => Acting,
  self?: ProcessActions,
  done: () => void = () => undefined,
): ActionsOptions['actions'] {
  const ask = async (call: (operator: Operator) => Promise<ActionOutcome>): Promise<ActionOutcome> => {
    const { operator, why } = acting()
    if (operator !== undefined) return await call(operator).finally(done)
    return { ok: false, kind: 'standby', words: `This instance does not lead: ${why}. Ask the one that does.` }
  }
  return {
    'release-brake': action('Let go what the brake holds back', NoBody, () => ask((it) => it.releaseBrake())),
    'take-over': action('Take the framework back from another instance', NoBody, () => ask((it) => it.takeOver())),
    'accept-jenkins': action('Accept another Jenkins', NoBody, () => ask((it) => it.acceptJenkins())),
    pause: action('Start no agent of a template any more, or of none', PauseBody, ({ template }) =>
      ask((it) => it.pause(template)),
    ),
    resume: action('Take a pause back', PauseBody, ({ template }) => ask((it) => it.resume(template))),
    drain: action('Let an agent go, after its builds', DrainBody, ({ agentId }) => ask((it) => it.drain(agentId))),
    provision: action('Start agents beyond demand', ProvisionBody, ({ template, agents }) =>
      ask((it) => it.provision(template, agents)),
    ),
    ...(self && processActions(self, done)),
  }
}

function processActions(self: ProcessActions, done: () => void): ActionsOptions['actions'] {
  return {
    reload: action('Read templates, tokens and TLS files again', NoBody, () => self.reload().finally(done)),
    'log-level': action('Write more or less to the log, until the next start', LogLevelBody, async ({ level }) => {
      self.setLogLevel(level)
      done()
      return { ok: true, words: `The log has ${level} and worse from now on, until the next start or call.` }
    }),
  }
}
