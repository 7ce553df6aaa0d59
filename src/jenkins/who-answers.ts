import { codeOf } from '../core/code-of.ts'
import type { AddressPort, WhoAnswers } from '../loop/ports.ts'
import { JenkinsClient, type JenkinsClientOptions } from './client.ts'
import { JenkinsError } from './errors.ts'
import { readIdentity } from './identity.ts'

const TIMEOUT_MS = 5_000
/** No connection came about, and the fault is not on our side. */
const NOBODY: ReadonlySet<string | undefined> = new Set([
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/**
 * Which Jenkins answers at an address. Asked as everybody may ask: the token belongs to the Jenkins in use, and at an
 * old address anybody may listen by now.
 */
export function addressPort(
  options: Pick<JenkinsClientOptions, 'tls'>,
  dispatcher: () => JenkinsClientOptions['dispatcher'],
): AddressPort {
  return {
    whoAnswers: async (url, signal) => {
      const client = new JenkinsClient({
        url: new URL(url),
        tls: options.tls,
        timeoutMs: TIMEOUT_MS,
        dispatcher: dispatcher(),
        mayPost: (what) => {
          throw new Error(`${what}: an old address is only looked at`)
        },
      })
      try {
        return await whoIs(client, signal)
      } finally {
        await client.close()
      }
    },
  }
}

async function whoIs(client: JenkinsClient, signal: AbortSignal): Promise<WhoAnswers> {
  try {
    const identity = await readIdentity(client, signal)
    return identity === undefined ? { kind: 'unclear' } : { kind: 'jenkins', identity }
  } catch (error) {
    // What takes a connection, whatever becomes of it, may be a proxy that leads there again in a moment.
    const isNobody = error instanceof JenkinsError && NOBODY.has(codeOf(error.cause))
    return { kind: isNobody ? 'silent' : 'unclear' }
  }
}
