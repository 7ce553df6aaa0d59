import { createHash } from 'node:crypto'
import type { JenkinsClient } from './client.ts'

const HEADER = 'x-instance-identity'
/**
 * Both are open to everybody, and both carry the controller's public key as long as it has the plugin for it: the
 * first while its TCP port for agents is open, the second as every page does unless another service does the login.
 */
const PATHS = ['tcpSlaveAgentListener/', 'login'] as const

/**
 * What tells one controller from another: a hash of its public key, which stays the same over restarts and backups.
 * `undefined` where it does not tell.
 * @throws JenkinsError where Jenkins does not answer, or is starting
 */
export async function readIdentity(client: JenkinsClient, signal?: AbortSignal): Promise<string | undefined> {
  for (const path of PATHS) {
    const key = await client.headerOf(path, HEADER, signal)
    if (key !== undefined && key !== '') return createHash('sha256').update(key).digest('hex').slice(0, 32)
  }
  return undefined
}
