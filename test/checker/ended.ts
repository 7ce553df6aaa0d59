import type { Rule } from './rule.ts'
import type { Told } from './wire.ts'

const ENDED = /^TASK_(?:FINISHED|FAILED|KILLED|ERROR|LOST|DROPPED|GONE|GONE_BY_OPERATOR)$/

export function isEnd(state: string): boolean {
  return ENDED.test(state)
}

/** Tasks of which Mesos has said that they are over. */
export class EndedTasks implements Rule {
  readonly #ended = new Set<string>()
  /** Mesos removed the framework: all of its tasks are over. */
  #all = false

  readonly told = ({ type, update, error }: Told): void => {
    if (update !== undefined && isEnd(update.status.state)) this.#ended.add(update.status.task_id.value)
    if (type === 'ERROR' && error?.message.includes('removed') === true) this.#all = true
    if (type === 'SUBSCRIBED') this.#all = false
  }

  has(taskId: string): boolean {
    return this.#all || this.#ended.has(taskId)
  }
}
