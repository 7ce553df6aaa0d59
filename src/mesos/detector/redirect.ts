import type { Clock } from '../../core/clock.ts'
import type { Authorizer } from '../auth/authorizer.ts'
import { deadline } from '../deadline.ts'
import { fromAnswer, MesosError } from '../errors.ts'
import { type Dispatch, type HttpCall, header, readText, send } from '../http.ts'

const TIMEOUT_MS = 5_000

/** Asks a master where the leader is. @returns its origin; `undefined`: the master does not know, or does not answer */
export type AskForLeader = (origin: string, signal: AbortSignal) => Promise<string | undefined>

export interface AskForLeaderOptions {
  readonly dispatcher: Dispatch
  readonly authorize: Authorizer
  readonly clock: Clock
}

/** `GET /master/redirect`, which answers while a master recovers, and where something swallows the 307 of a POST. */
export function askForLeader({ dispatcher, authorize, clock }: AskForLeaderOptions): AskForLeader {
  return async (origin, signal) => {
    const what = `GET ${origin}/master/redirect`
    const limit = deadline(clock, signal)
    limit.set(TIMEOUT_MS, () => new MesosError('MESOS_UNREACHABLE', `${what}: no answer within ${TIMEOUT_MS / 1000} s`))
    const connection = dispatcher(origin)
    const headers = { accept: '*/*' }
    const path = '/master/redirect'
    const call: HttpCall = {
      dispatcher: connection,
      origin,
      method: 'GET',
      path,
      headers,
      authorize,
      signal: limit.signal,
      what,
    }
    try {
      const response = await send(call)
      const text = await readText(call, response)
      return fromAnswer(what, response.statusCode, text, header(response, 'location'), origin).leader
    } catch (error) {
      if (signal.aborted) throw signal.reason
      // Subscribing at this master will say the same, in its own words.
      if (error instanceof MesosError) return undefined
      throw error
    } finally {
      limit.disarm()
      await connection.destroy()
    }
  }
}
