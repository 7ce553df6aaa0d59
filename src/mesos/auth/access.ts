import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { MesosCredentials } from '../../core/mesos-credentials.ts'
import { readServiceAccount } from '../../core/service-account.ts'
import type { Dispatch } from '../http.ts'
import { type Authorizer, none } from './authorizer.ts'
import { basic } from './basic.ts'
import { DcosLogin } from './dcos.ts'

export interface Access {
  readonly authorize: Authorizer
  /** For `FrameworkInfo`, which must name the one that is authenticated. */
  readonly principal: string | undefined
}

export interface AccessOptions {
  readonly clock: Clock
  /** 0 up to 1, for the back-off. */
  readonly random: () => number
  readonly log: Log
  /** To the login of a DC/OS account. */
  readonly dispatcher: Dispatch
  /** Ends what is under way. */
  readonly signal: AbortSignal
}

/** @throws Error where the account is none, which a checked configuration rules out */
export function accessBy(credentials: MesosCredentials, options: AccessOptions): Access {
  switch (credentials.kind) {
    case 'none':
      return { authorize: none, principal: credentials.principal }
    case 'basic':
      return { authorize: basic(credentials.principal, credentials.secret), principal: credentials.principal }
    case 'dcos': {
      const account = readServiceAccount(credentials.account.reveal())
      if (!('uid' in account)) throw new Error(`DCOS_SERVICE_ACCOUNT_CREDENTIAL ${account.join('; ')}`)
      return { authorize: new DcosLogin({ ...options, account }).authorize, principal: account.uid }
    }
  }
}
