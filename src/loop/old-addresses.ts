import type { Clock } from '../core/clock.ts'
import type { JenkinsNode } from '../core/jenkins-reading.ts'
import type { AgentRecord } from '../core/model.ts'
import { type Addresses, provenAddresses, type Standing } from '../core/moved.ts'
import type { AddressPort, WhoAnswers } from './ports.ts'

/** An address that is silent is given up after so many looks in a row, and not before this time is over. */
const SILENT_LOOKS = 4
const SILENT_MS = 60_000
/** Between looks while nothing is certain, and when it is. */
const AGAIN_MS = 15_000
const CERTAIN_AGAIN_MS = 60_000
/** A look takes no longer: more than a connection takes to fail. */
const WITHIN_MS = 15_000

interface Known {
  readonly standing: Standing
  /** These on the clock that nobody sets. */
  readonly askedAt: number
  /** Looks in a row that nobody answered, and the first of them. */
  readonly silent: number
  readonly silentSince: number | undefined
}

export interface OldAddressesOptions {
  readonly asked: AddressPort
  readonly clock: Clock
  /** What new agents are told, with a trailing slash. */
  readonly inUse: string
}

/**
 * Whether the addresses that agents were told still lead to this Jenkins. Asked seldom, beside the rounds, and only
 * while Jenkins answers where it is now: what is known is lost with the process and found again in a minute.
 */
export class OldAddresses {
  readonly #options: OldAddressesOptions
  readonly #known = new Map<string, Known>()
  readonly #asking = new Set<string>()

  constructor(options: OldAddressesOptions) {
    this.#options = options
  }

  get now(): Addresses {
    const others = new Map([...this.#known].map(([url, { standing }]) => [url, standing]))
    return { inUse: this.#options.inUse, others }
  }

  /** Begins what is due. @param identity of the Jenkins that was read; where it tells none, no answer is ever certain */
  look(
    records: readonly AgentRecord[],
    nodes: readonly Pick<JenkinsNode, 'name' | 'offline'>[],
    identity: string | undefined,
    signal: AbortSignal,
  ): void {
    const { inUse, clock } = this.#options
    const told = new Set(records.flatMap(({ jenkinsUrl }) => jenkinsUrl ?? []))
    told.delete(inUse)
    for (const url of this.#known.keys()) if (!told.has(url)) this.#known.delete(url)
    for (const url of provenAddresses(records, nodes)) this.#forgetSilence(url)
    for (const url of told) {
      const known = this.#known.get(url)
      const pause = known === undefined || known.standing.kind === 'unknown' ? AGAIN_MS : CERTAIN_AGAIN_MS
      const isDue = known === undefined || clock.monotonic() - known.askedAt >= pause
      if (isDue && !this.#asking.has(url)) void this.#ask(url, identity, signal)
    }
  }

  /** Agents are connected by it: hosts reach what we do not. When Jenkins has restarted they get their time anew. */
  #forgetSilence(url: string | undefined): void {
    const known = url === undefined ? undefined : this.#known.get(url)
    if (url === undefined || known === undefined || known.silent === 0) return
    this.#known.set(url, { ...known, standing: { kind: 'unknown' }, silent: 0, silentSince: undefined })
  }

  async #ask(url: string, identity: string | undefined, signal: AbortSignal): Promise<void> {
    const { asked, clock } = this.#options
    this.#asking.add(url)
    const over = new AbortController()
    const cancel = clock.timer(WITHIN_MS, () => {
      over.abort(new Error(`no answer within ${WITHIN_MS / 1000} s`))
    })
    try {
      const answer = await asked
        .whoAnswers(url, AbortSignal.any([signal, over.signal]))
        .catch((): WhoAnswers => ({ kind: 'unclear' }))
      if (!signal.aborted) this.#known.set(url, this.#after(this.#known.get(url), answer, identity))
    } finally {
      cancel()
      this.#asking.delete(url)
    }
  }

  #after(before: Known | undefined, answer: WhoAnswers, identity: string | undefined): Known {
    const askedAt = this.#options.clock.monotonic()
    const heard = { askedAt, silent: 0, silentSince: undefined }
    if (answer.kind === 'silent') {
      const silent = (before?.silent ?? 0) + 1
      const silentSince = before?.silentSince ?? askedAt
      const isOver = silent >= SILENT_LOOKS && askedAt - silentSince >= SILENT_MS
      const standing: Standing = isOver ? { kind: 'lost', why: 'nobody answers there' } : { kind: 'unknown' }
      return { standing, askedAt, silent, silentSince }
    }
    if (answer.kind === 'unclear' || identity === undefined) return { ...heard, standing: { kind: 'unknown' } }
    if (answer.identity === identity) return { ...heard, standing: { kind: 'here' } }
    return { ...heard, standing: { kind: 'lost', why: 'another Jenkins answers there' } }
  }
}
