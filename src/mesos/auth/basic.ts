import { Secret } from '../../core/secret.ts'
import type { Authorizer } from './authorizer.ts'

/** HTTP basic authentication, sent with the first request already: Mesos keeps no session. */
export function basic(principal: string, secret: Secret): Authorizer {
  const credentials = new Secret(Buffer.from(`${principal}:${secret.reveal()}`).toString('base64'))
  return async () => `Basic ${credentials.reveal()}`
}
