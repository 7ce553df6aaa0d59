import type { Clock } from '../core/clock.ts'
import type { Instant } from '../core/model.ts'
import type { JenkinsClient } from './client.ts'
import { type Jobs, VisibleJobs } from './shapes.ts'
import { isAtLeast } from './version.ts'

const ASK_EVERY_MS = 60_000
/** Enough to find a job behind a few empty folders; `{0,50}` is beyond the oldest controllers. */
const RANGED = encodeURIComponent('quietingDown,jobs[name,jobs[name]{0,1}]{0,50}')
const WHOLE = encodeURIComponent('quietingDown,jobs[name]')

interface Known {
  readonly at: Instant
  readonly session: string | undefined
  readonly sees: boolean
  readonly quietingDown: boolean | undefined
}

/**
 * Whether the user sees any job. Without Job/Read Jenkins answers the queue with 200 and no items,
 * so an empty queue means something only to a user who sees at least one job.
 */
export class JobSight {
  readonly #client: JenkinsClient
  readonly #clock: Clock
  #known: Known | undefined

  constructor(client: JenkinsClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** Asks Jenkins at most once a minute. */
  async sees(signal?: AbortSignal): Promise<boolean> {
    const now = this.#clock.now()
    const known = this.#known
    if (known !== undefined && known.session === this.#client.session && Math.abs(now - known.at) < ASK_EVERY_MS) {
      return known.sees
    }
    const tree = isAtLeast(this.#client.version, '2.0') ? RANGED : WHOLE
    const told = await this.#client.getJson(`api/json?tree=${tree}`, VisibleJobs, signal)
    const sees = seesAny(told)
    this.#known = { at: now, session: this.#client.session, sees, quietingDown: told.quietingDown ?? undefined }
    return sees
  }

  /** The queue showed an item: Jenkins shows only those of jobs that the user sees. */
  saw(): void {
    this.#known = { at: this.#clock.now(), session: this.#client.session, sees: true, quietingDown: undefined }
  }

  /**
   * Whether Jenkins is about to shut down, as it said when it was last asked about jobs; `undefined` where it does not
   * tell, or where the queue showed an item since: items say so themselves.
   */
  get quietingDown(): boolean | undefined {
    return this.#known?.session === this.#client.session ? this.#known?.quietingDown : undefined
  }
}

/** A folder counts by what is seen in it: a user may see a folder and no job. */
function seesAny({ jobs }: Jobs): boolean {
  return jobs.some((job) => job.jobs == null || job.jobs.length > 0)
}
