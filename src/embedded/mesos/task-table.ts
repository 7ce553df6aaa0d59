import type { TaskRecord } from './task-record.ts'

const MOST_COMPLETED = 50

/** The tasks of one host: those it must still tell of, and the last ones that are over. */
export class TaskTable {
  readonly #tasks = new Map<string, TaskRecord>()
  readonly #completed: TaskRecord[] = []

  get all(): readonly TaskRecord[] {
    return [...this.#tasks.values()]
  }

  /** Newest last. */
  get completed(): readonly TaskRecord[] {
    return this.#completed
  }

  get(frameworkId: string, taskId: string): TaskRecord | undefined {
    return this.#tasks.get(taskKey(frameworkId, taskId))
  }

  add(record: TaskRecord): void {
    this.#tasks.set(taskKey(record.frameworkId, record.taskId), record)
  }

  complete(record: TaskRecord): void {
    this.#tasks.delete(taskKey(record.frameworkId, record.taskId))
    this.#completed.push(record)
    if (this.#completed.length > MOST_COMPLETED) this.#completed.shift()
  }
}

export function taskKey(frameworkId: string, taskId: string): string {
  return `${frameworkId} ${taskId}`
}
