import { systemChance } from '../chance.ts'
import type { Config } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import { type Ensemble, showEnsemble } from '../core/ensemble.ts'
import type { Log } from '../core/log.ts'
import type { TlsFiles } from '../core/tls.ts'
import { openSession } from '../zookeeper/open-session.ts'
import type { ZooKeeperSession } from '../zookeeper/session.ts'
import type { Connect } from '../zookeeper/transport.ts'
import type { MesosLook } from './look.ts'
import type { Result } from './result.ts'

/** What was seen of Mesos: how it was found, who we are there, whether it lets us in, what hosts tell. */
export function mesosResults(config: Config, mesos: MesosLook): readonly Result[] {
  if (config.mesos.kind === 'embedded') return [subscription(mesos)]
  const results = [login(config, mesos), transport(config), subscription(mesos)]
  if (mesos.usage === undefined) return results
  return [...results, { ok: true, what: 'Mesos: CPU and memory use', detail: mesos.usage }]
}

function subscription(mesos: MesosLook): Result {
  const what = 'Mesos: subscribe'
  if (!mesos.subscribed) {
    const why = mesos.why ?? 'no reason known'
    const advice = adviceFor(why)
    return { ok: false, what, detail: advice === undefined ? why : `${why}: ${advice}` }
  }
  const version = mesos.version ?? 'of a version that it does not tell'
  return { ok: true, what, detail: `${mesos.master ?? ''}, Mesos ${version}` }
}

/** The master's own words, and which setting they are about. */
function adviceFor(why: string): string | undefined {
  const known: readonly (readonly [RegExp, string])[] = [
    [/Authenticated principal .* does not match/, 'MESOS_PRINCIPAL must be the one that logs in'],
    [/Changing framework's principal/, 'MESOS_PRINCIPAL is another than the one this framework began with'],
    [/Roles? .*not present in the master's --roles/, 'set MESOS_ROLES to roles that this cluster has'],
    [/contains invalid role|duplicate items/, 'check MESOS_ROLES'],
    [/Not authorized to use roles?/i, 'let the principal register with MESOS_ROLES, or take other roles'],
    [/is not allowed to run frameworks without --root_submissions/, 'set MESOS_USER to another user than root'],
    [/Not authorized/i, 'the principal lacks a right on the master'],
  ]
  return known.find(([pattern]) => pattern.test(why))?.[1]
}

function login({ mesos: { credentials } }: Config, mesos: MesosLook): Result {
  const what = 'Mesos: log in'
  const refused = !mesos.subscribed && /\b401\b|DCOS_SERVICE_ACCOUNT_CREDENTIAL/.test(mesos.why ?? '')
  const principal = mesos.principal === undefined ? 'nobody' : `principal ${mesos.principal}`
  if (refused) return { ok: false, what, detail: `as ${principal}: refused, see below` }
  const tried = mesos.subscribed ? '' : ', not tried yet'
  switch (credentials.kind) {
    case 'none':
      return { ok: true, what, detail: `as ${principal}, without authentication${tried}` }
    case 'basic':
      return { ok: true, what, detail: `as ${principal}, HTTP basic${tried}` }
    case 'dcos':
      return { ok: true, what, detail: `as ${principal}, a DC/OS service account${tried}` }
  }
}

function transport({ mesos: { masters, scheme, tls } }: Config): Result {
  const secure = scheme === 'https' || masters.some((master) => master.startsWith('https:'))
  const trust = tls?.ca === undefined ? 'authorities that Node trusts' : 'the authorities in MESOS_CA_FILE'
  const shown = tls?.cert === undefined ? 'no client certificate' : 'a client certificate'
  const detail = secure ? `https, with ${trust} and ${shown}; hosts by ${scheme}` : 'http: nothing is encrypted'
  return { ok: true, what: 'Mesos: TLS', detail }
}

const CONNECT_MS = 8_000

export interface ZooKeeperLookOptions {
  readonly clock: Clock
  readonly log: Log
  readonly tls: TlsFiles | undefined
  readonly connect?: Connect
}

/** Whether ZooKeeper lets us in, and what is at the path. Nothing is written. */
export async function checkZooKeeper(name: string, ensemble: Ensemble, options: ZooKeeperLookOptions): Promise<Result> {
  const what = `ZooKeeper: ${name}`
  const where = showEnsemble(ensemble)
  const session = openSession({ ...options, ensemble, random: systemChance.fraction, proof: 'server' })
  try {
    const why = await connected(session, options.clock)
    if (why !== undefined) return { ok: false, what, detail: `${where}: not connected within 8 s: ${why}` }
    const there = await session.exists(ensemble.path)
    const login = ensemble.auth === undefined ? 'without a login' : 'with user and password'
    if (there) {
      await session.children(ensemble.path)
      return { ok: true, what, detail: `${where}: connected ${login}, the path is there` }
    }
    const ok = name === 'STATE_URL'
    const missing = ok ? 'the path is made at the first start' : 'the path is missing: is it that of your masters?'
    return { ok, what, detail: `${where}: connected ${login}, ${missing}` }
  } catch (error) {
    return { ok: false, what, detail: `${where}: ${messageOf(error)}` }
  } finally {
    await session.close()
  }
}

/** @returns why not, as far as is known */
async function connected(session: ZooKeeperSession, clock: Clock): Promise<string | undefined> {
  const done = new AbortController()
  let last = 'no server answers'
  const cancel = session.onState((state, why) => {
    last = why
    if (state === 'connected' || state === 'closed' || state === 'expired') done.abort()
  })
  if (session.state !== 'connected') await clock.sleep(CONNECT_MS, done.signal).catch(() => undefined)
  cancel()
  return session.state === 'connected' ? undefined : last
}
