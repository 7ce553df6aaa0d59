import { messageOf } from '../core/code-of.ts'
import { drain } from '../core/lifecycle.ts'
import type { AgentId, TemplateName } from '../core/model.ts'
import { type Pause, paused, resumed } from '../core/pause.ts'
import type { Context } from './context.ts'
import type { CallOutcome } from './operator-outcome.ts'
import { provisionNow } from './provision-now.ts'

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

  /** Nothing is provisioned any more for a template, or for all. What is there goes on. */
  readonly pause = async (name: string | undefined): Promise<CallOutcome> => {
    const { world } = this.#context
    const unknown = name === undefined ? undefined : this.#unknown(name)
    if (unknown !== undefined) return unknown
    const what = name === undefined ? 'All templates are' : `Template ${name} is`
    return await this.#setPause(
      paused(world.paused, name as TemplateName | undefined),
      `${what} paused: no agent is started until POST /api/v1/actions/resume. Those that are there go on, and go when idle.`,
    )
  }

  readonly resume = async (name: string | undefined): Promise<CallOutcome> => {
    const { paused: before } = this.#context.world
    if (name === undefined) {
      if (!before.all && before.templates.length === 0) return conflict('Nothing is paused.')
      return await this.#setPause(resumed(before, undefined), 'All templates go on.')
    }
    if (before.all) return conflict('All templates are paused: resume all of them, by a call without a template.')
    if (!before.templates.some((known) => known === name)) return conflict(`Template ${name} is not paused.`)
    return await this.#setPause(resumed(before, name as TemplateName), `Template ${name} goes on.`)
  }

  /** So many agents beyond demand, now. */
  readonly provision = async (name: string, agents: number): Promise<CallOutcome> => {
    const unknown = this.#unknown(name)
    if (unknown !== undefined) return unknown
    if (this.#context.settings.dryRun) return conflict(DRY_RUN)
    return provisionNow(this.#context, name as TemplateName, agents)
  }

  /** One agent goes, as soon as no build runs on it. */
  readonly drain = async (agentId: string): Promise<CallOutcome> => {
    const { world, log, clock, settings, trigger } = this.#context
    const record = world.get(agentId as AgentId)
    if (record === undefined) return { ok: false, kind: 'unknown', words: `There is no agent ${agentId}.` }
    if (settings.dryRun) return conflict(DRY_RUN)
    if (record.state === 'planned') return conflict(`Agent ${agentId} is only being made: pause its template first.`)
    const after = drain(record, 'operator', 'an operator drains it', clock.now())
    if (after === record) return conflict(`Agent ${agentId} goes already: ${record.reason}.`)
    world.put(after)
    try {
      await world.save()
    } catch (error) {
      const words = `Agent ${agentId} is to go, and that is not stored yet: ${messageOf(error)}. Nothing is begun until it is.`
      return { ok: false, kind: 'failed', words }
    }
    log.warn({ agentId }, 'an agent is drained by an operator')
    trigger('asked')
    return { ok: true, words: `Agent ${agentId} takes no new build, and goes when those that run there end.` }
  }

  #unknown(name: string): CallOutcome | undefined {
    const names = this.#context.settings.templates().map((template) => template.name)
    if (names.some((known) => known === name)) return undefined
    const words = `There is no template ${name}: there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}.`
    return { ok: false, kind: 'unknown', words }
  }

  async #setPause(pause: Pause, words: string): Promise<CallOutcome> {
    const { world, log, settings, trigger } = this.#context
    if (settings.dryRun) return conflict(DRY_RUN)
    world.paused = pause
    try {
      await world.save()
    } catch (error) {
      return { ok: false, kind: 'failed', words: `${words} But that is not stored yet: ${messageOf(error)}.` }
    }
    log.warn({ all: pause.all, templates: pause.templates }, 'templates are paused or resumed by an operator')
    trigger('asked')
    return { ok: true, words }
  }
}

const DRY_RUN = 'This is a dry run: it starts and ends nothing.'

function conflict(words: string): CallOutcome {
  return { ok: false, kind: 'conflict', words }
}
