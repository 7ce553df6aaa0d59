import { messageOf } from '../core/code-of.ts'
import type { Context } from './context.ts'

/** What became of an operator's call, in words. */
export type CallOutcome =
  | { readonly ok: true; readonly words: string }
  /** `conflict`: there is nothing to do that for. `failed`: it was tried, and may be tried again. */
  | { readonly ok: false; readonly kind: 'conflict' | 'failed'; readonly words: string }

/** Calls that only a person may make, for what the program does not dare on its own. */
export class Operator {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  /** What the brake holds goes with the next look at Jenkins. */
  readonly releaseBrake = async (): Promise<CallOutcome> => {
    const { world, log, trigger } = this.#context
    const { brake } = world.memory
    if (brake === undefined) return { ok: false, kind: 'conflict', words: 'The brake holds nothing.' }
    world.brakeReleased = true
    log.warn({ agents: brake.takings.map(({ agentId }) => agentId) }, 'the brake is released by an operator')
    trigger('asked')
    const agents = brake.takings.length
    return { ok: true, words: `The brake is released: ${agents} of ${brake.agents} agents go, each after its builds.` }
  }

  /** The framework is taken back from the instance that took it; that one must be at its end. */
  readonly takeOver = async (): Promise<CallOutcome> => {
    const { world, mesos, log } = this.#context
    const { standingBack } = world.mesos
    if (standingBack === undefined || !mesos.takeOver()) {
      const why = standingBack ?? 'this instance did not stand back from another'
      return { ok: false, kind: 'conflict', words: `There is nothing to take over: ${why}.` }
    }
    log.warn({}, 'the framework is taken over by an operator')
    return { ok: true, words: 'This instance subscribes now; the other one, if it still runs, stands back.' }
  }

  /** The Jenkins that is read now is the one that the agents are to belong to. */
  readonly acceptJenkins = async (): Promise<CallOutcome> => {
    const { world, log, trigger } = this.#context
    const before = world.otherJenkins
    if (before === undefined) {
      return { ok: false, kind: 'conflict', words: 'Jenkins is the one that the state speaks of.' }
    }
    world.acceptJenkins()
    try {
      await world.save()
    } catch (error) {
      const words = `This Jenkins is accepted, and that is not stored yet: ${messageOf(error)}. Nothing is begun until it is.`
      return { ok: false, kind: 'failed', words }
    }
    const agents = world.records.length
    log.warn({ url: world.jenkinsRecord?.url, agents }, 'another Jenkins is accepted by an operator')
    trigger('asked')
    const rest =
      agents === 0
        ? ''
        : ` Agents in the state that it has no node of (there are ${agents} in all) are ended, whatever they run.`
    return { ok: true, words: `This Jenkins is accepted.${rest}` }
  }
}
