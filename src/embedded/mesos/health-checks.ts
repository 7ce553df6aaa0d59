import type { Cancel, Clock } from '../../core/clock.ts'
import { messageOf } from '../../core/code-of.ts'
import type { ReceivedHealthCheck } from './received.ts'
import type { TaskRunner } from './runner.ts'
import { runnableOf, type TaskRecord } from './task-record.ts'

/** Told what a look brought, where it must be told at all; with `kill` it was one failure too many. */
type OnHealth = (healthy: boolean, kill: boolean) => void

const USUAL = { delay: 15, interval: 10, timeout: 20, failures: 3, grace: 10 }
/** A timeout of 0 means none. */
const FOREVER_MS = 2 ** 30

/**
 * The health checks of the tasks of one host. An executor of Mesos does them in a process of its own; here the host
 * does, so they rest while the embedded Mesos is away.
 */
export class HealthChecks {
  readonly #clock: Clock
  readonly #cancels = new Map<TaskRecord, () => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Does nothing for a task without a health check, nor for one that is looked after already. */
  start(record: TaskRecord, runner: TaskRunner, onHealth: OnHealth): void {
    const check = record.info.health_check
    if (check === undefined || runner.checkHealth === undefined || this.#cancels.has(record)) return
    const task = runnableOf(record)
    this.#cancels.set(
      record,
      repeat(this.#clock, check, async (timeoutMs) => runner.checkHealth?.(task, check, timeoutMs), onHealth),
    )
  }

  stop(record: TaskRecord): void {
    this.#cancels.get(record)?.()
    this.#cancels.delete(record)
  }

  stopAll(): void {
    for (const record of [...this.#cancels.keys()]) this.stop(record)
  }
}

function repeat(
  clock: Clock,
  check: ReceivedHealthCheck,
  look: (timeoutMs: number) => Promise<string | undefined>,
  onHealth: OnHealth,
): () => void {
  const timeoutMs = (check.timeout_seconds ?? USUAL.timeout) * 1000 || FOREVER_MS
  const mostFailures = check.consecutive_failures ?? USUAL.failures
  const graceUntil = clock.now() + (check.grace_period_seconds ?? USUAL.grace) * 1000
  let cancel: Cancel | undefined
  let isOver = false
  /** No look went well yet. */
  let isNew = true
  let failures = 0
  const judge = (wrong: string | undefined): void => {
    if (wrong === undefined) {
      const isNews = isNew || failures > 0
      isNew = false
      failures = 0
      if (isNews) onHealth(true, false)
      return
    }
    if (isNew && clock.now() <= graceUntil) return
    failures++
    onHealth(false, failures >= mostFailures)
  }
  const next = (seconds: number): void => {
    cancel = clock.timer(seconds * 1000, () => {
      void look(timeoutMs)
        .catch(messageOf)
        .then((wrong) => {
          if (isOver) return
          next(check.interval_seconds ?? USUAL.interval)
          // What is told may end it.
          judge(wrong)
        })
    })
  }
  next(check.delay_seconds ?? USUAL.delay)
  return () => {
    isOver = true
    cancel?.()
  }
}
