import { readFileSync } from 'node:fs'
import { Secret } from '../../src/core/secret.ts'
import type { TlsFiles } from '../../src/core/tls.ts'
import { type Authorizer, none } from '../../src/mesos/auth/authorizer.ts'
import { basic } from '../../src/mesos/auth/basic.ts'
import { type Dispatch, ownConnection } from '../../src/mesos/http.ts'
import { given } from './variables.ts'

/** How a Mesos is spoken to: who we are there, and whom we trust. */
export interface MesosLogin {
  readonly principal: string | undefined
  readonly authorize: Authorizer
  readonly tls: TlsFiles | undefined
  readonly dispatcher: Dispatch
  /** The same, as settings of the program. */
  readonly settings: Readonly<Record<string, string>>
}

export const NO_LOGIN: MesosLogin = {
  principal: undefined,
  authorize: none,
  tls: undefined,
  dispatcher: ownConnection(),
  settings: {},
}

/** For a real cluster, from variables; without them nobody, by http or with the authorities that Node trusts. */
export function givenLogin(): MesosLogin {
  const principal = given('TEST_MESOS_PRINCIPAL')
  const secret = given('TEST_MESOS_SECRET')
  const caFile = given('TEST_MESOS_CA_FILE')
  const tls: TlsFiles | undefined =
    caFile === undefined ? undefined : { ca: readFileSync(caFile, 'utf8'), cert: undefined, key: undefined }
  const authorize = principal === undefined || secret === undefined ? none : basic(principal, new Secret(secret))
  const settings = {
    ...(principal !== undefined && { MESOS_PRINCIPAL: principal }),
    ...(secret !== undefined && { MESOS_SECRET: secret }),
    ...(caFile !== undefined && { MESOS_CA_FILE: caFile }),
  }
  return { principal, authorize, tls, dispatcher: ownConnection(tls), settings }
}
