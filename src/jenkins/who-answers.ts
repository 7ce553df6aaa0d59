import type { AddressPort, WhoAnswers } from '../loop/ports.ts'
import { JenkinsClient, type JenkinsClientOptions } from './client.ts'
import { JenkinsError } from './errors.ts'
import { readIdentity } from './identity.ts'

const TIMEOUT_MS = 5_000

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
    // What answers, with whatever it is, may be a proxy that leads there again in a moment.
    if (error instanceof JenkinsError && error.code !== 'JENKINS_UNREACHABLE') return { kind: 'unclear' }
    return { kind: 'silent' }
  }
}
