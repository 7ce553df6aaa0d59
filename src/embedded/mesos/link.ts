import type { Clock } from '../../core/clock.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../http.ts'

/** Which requests a fault meets. */
export type Match = (request: HttpRequest) => boolean

interface Fault {
  readonly match: Match
  left: number
}

/** The connection broke before or after the request was served. */
class ConnectionReset extends Error {
  override readonly name = 'ConnectionReset'
}

/** A scheduler call of this type, as far as its body says. */
export function isCall(type: string): Match {
  return ({ path, body }) => path.includes('/api/v1/scheduler') && body.includes(`"type":"${type}"`)
}

/**
 * The network between clients and one server: each way can fall silent by itself, requests and answers can be late or
 * lost. What was held back while a way was silent arrives when it is healed, as TCP would deliver it.
 */
export class Link {
  readonly handler: HttpHandler
  readonly #clock: Clock
  readonly #delays: { readonly match: Match; readonly ms: number }[] = []
  readonly #lostAnswers: Fault[] = []
  readonly #lostRequests: Fault[] = []
  readonly #waiting = new Set<() => void>()
  #requestsPass = true
  #answersPass = true

  constructor(clock: Clock, served: HttpHandler) {
    this.#clock = clock
    this.handler = async (request) => this.#serve(served, request)
  }

  /** Requests do not arrive any more; answers and streams that are under way do. */
  silenceRequests(): void {
    this.#requestsPass = false
  }

  /** Requests arrive and are served, but nothing comes back. */
  silenceAnswers(): void {
    this.#answersPass = false
  }

  /** Both ways are open again. */
  heal(): void {
    this.#requestsPass = true
    this.#answersPass = true
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** From now on answers to these requests take so long. 0 takes an earlier delay back. */
  delay(match: Match, ms: number): void {
    this.#delays.unshift({ match, ms })
  }

  /** Served, but the connection breaks before the answer: the next `count` of them. */
  loseAnswers(match: Match, count = 1): void {
    this.#lostAnswers.push({ match, left: count })
  }

  /** The connection breaks before they are served: the next `count` of them. */
  loseRequests(match: Match, count = 1): void {
    this.#lostRequests.push({ match, left: count })
  }

  async #serve(served: HttpHandler, request: HttpRequest): Promise<HttpResponse> {
    if (take(this.#lostRequests, request)) throw new ConnectionReset('the request was lost')
    await this.#open(() => this.#requestsPass, request.signal)
    const response = await served(request)
    if (take(this.#lostAnswers, request)) throw new ConnectionReset('the answer was lost')
    const late = this.#delays.find(({ match }) => match(request))?.ms ?? 0
    if (late > 0) await this.#clock.sleep(late, request.signal)
    await this.#open(() => this.#answersPass, request.signal)
    const { body } = response
    return Buffer.isBuffer(body) ? response : { ...response, body: this.#stream(body, request.signal) }
  }

  async *#stream(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const open = (): Promise<void> => this.#open(() => this.#answersPass, signal)
    try {
      for await (const chunk of body) {
        await open()
        yield chunk
      }
    } catch (error) {
      await open()
      throw error
    }
    // The end of a stream is also something that must arrive, and so is that it broke.
    await open()
  }

  /** Rejects when the client gives up. */
  async #open(passes: () => boolean, signal: AbortSignal): Promise<void> {
    while (!passes()) {
      signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
        signal.addEventListener('abort', () => {
          resolve()
        })
      })
    }
  }
}

function take(faults: readonly Fault[], request: HttpRequest): boolean {
  const fault = faults.find(({ match, left }) => left > 0 && match(request))
  if (fault === undefined) return false
  fault.left -= 1
  return true
}
