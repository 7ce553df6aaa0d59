import type { Cancel } from '../../core/clock.ts'
import type { MasterDetector } from './detector.ts'

/** Redirects that are followed without a pause, over all attempts since the last subscription or failure. */
const MAX_REDIRECTS = 9

/**
 * Masters by address: asks one after the other and goes where they point.
 *
 * Followers go on pointing to a dead leader until its ZooKeeper session ends (up to 10 s): a leader that was pointed
 * to and does not answer is no mistake, the next one of the list is asked after the caller's pause.
 */
export class FixedUrlDetector implements MasterDetector {
  readonly #origins: readonly string[]
  #next = 0
  /** The leader as a master named it, which need not be one of the list. */
  #named: string | undefined
  #redirects = 0

  /** @param origins at least one, see `parseMasters` */
  constructor(origins: readonly string[]) {
    if (origins.length === 0) throw new RangeError('no Mesos master given')
    this.#origins = origins
  }

  async find(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted()
    return this.#current()
  }

  leads(origin: string): void {
    this.#redirects = 0
    this.#named = origin
  }

  failed(origin: string): void {
    this.#redirects = 0
    const named = this.#named
    this.#named = undefined
    if (named === undefined || named === this.#origins[this.#next]) this.#rotate(origin)
  }

  redirected(origin: string, leader: string): boolean {
    this.#redirects++
    if (leader === origin || this.#redirects > MAX_REDIRECTS) {
      this.failed(origin)
      return false
    }
    this.#named = leader
    return true
  }

  watch(_origin: string, _onLost: (why: string) => void): Cancel {
    // Addresses do not tell of a change; the end of the subscription does.
    return () => undefined
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  #current(): string {
    return this.#named ?? this.#origins[this.#next] ?? ''
  }

  #rotate(origin: string): void {
    if (this.#origins[this.#next] === origin) this.#next = (this.#next + 1) % this.#origins.length
  }
}

/**
 * Reads `http(s)://host:port[,host:port…]`.
 * @returns origins, all of the one scheme, without repetition
 * @throws Error that says which part is wrong
 */
export function parseMasters(text: string): readonly string[] {
  const scheme = /^(https?):\/\//.exec(text)?.[1]
  if (scheme === undefined) throw new Error(`MESOS_MASTER "${text}" does not begin with http:// or https://`)
  const parts = text.slice(scheme.length + 3).split(',')
  return [...new Set(parts.map((part) => parseMaster(scheme, part.trim())))]
}

function parseMaster(scheme: string, part: string): string {
  const example = `expected host:port, such as ${scheme}://10.0.0.1:5050,10.0.0.2:5050`
  const text = part.startsWith(`${scheme}://`) ? part : `${scheme}://${part}`
  if (part === '' || !URL.canParse(text)) throw new Error(`MESOS_MASTER: "${part}" is no address; ${example}`)
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    throw new Error('MESOS_MASTER must not hold credentials; set MESOS_PRINCIPAL and MESOS_SECRET')
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new Error(`MESOS_MASTER: "${part}" has more than host and port; ${example}`)
  }
  return url.origin
}
