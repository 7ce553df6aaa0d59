import type { FileHandle } from 'node:fs/promises'
import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Cancel, Clock } from '../../../core/clock.ts'

const mostRedirects = 5

/** A transfer on which nothing came for so long is given up; Mesos' fetcher has the same. */
export const stallTimeoutMs = 60_000

/**
 * One GET into an open file, streamed; the file is closed once something came. Redirects are followed, nothing is repeated: a URL may work only once.
 *
 * @throws with words for the task's stderr: another status than 200, a broken or stalled connection, `signal`
 */
export async function download(url: URL, file: FileHandle, clock: Clock, signal: AbortSignal): Promise<void> {
  const stall = new StallGuard(clock)
  const either = AbortSignal.any([signal, stall.signal])
  try {
    const response = await getFollowing(url, either, stall, mostRedirects)
    const watched = new Transform({
      transform: (chunk, _encoding, done) => {
        stall.progress()
        done(null, chunk)
      },
    })
    await pipeline(response, watched, file.createWriteStream(), { signal: either })
  } catch (error) {
    if (stall.signal.aborted) throw new Error(`nothing came for ${stallTimeoutMs / 1000} s`, { cause: error })
    throw error
  } finally {
    stall.stop()
  }
}

async function getFollowing(
  url: URL,
  signal: AbortSignal,
  stall: StallGuard,
  redirects: number,
): Promise<IncomingMessage> {
  const response = await respond(url, signal)
  stall.progress()
  const { statusCode = 0 } = response
  if (statusCode === 200) return response
  response.destroy()
  const { location } = response.headers
  if ([301, 302, 303, 307, 308].includes(statusCode) && location !== undefined) {
    const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined
    if (next === undefined || !isWeb(next)) throw new Error('redirected to somewhere that is not http or https')
    if (redirects === 0) throw new Error(`redirected more than ${mostRedirects} times`)
    return await getFollowing(next, signal, stall, redirects - 1)
  }
  throw new Error(`unexpected HTTP status ${statusCode}`)
}

export function isWeb(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:'
}

function respond(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getHttps : getHttp
  return new Promise((resolve, reject) => {
    get(url, { agent: false, signal }, resolve).on('error', reject)
  })
}

class StallGuard {
  readonly #clock: Clock
  readonly #controller = new AbortController()
  #cancel: Cancel

  constructor(clock: Clock) {
    this.#clock = clock
    this.#cancel = this.#set()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  progress(): void {
    this.#cancel()
    this.#cancel = this.#set()
  }

  stop(): void {
    this.#cancel()
  }

  #set(): Cancel {
    return this.#clock.timer(stallTimeoutMs, () => {
      this.#controller.abort()
    })
  }
}
