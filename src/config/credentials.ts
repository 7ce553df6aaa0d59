import { messageOf } from '../core/code-of.ts'
import type { MesosCredentials } from '../core/mesos-credentials.ts'
import { Secret } from '../core/secret.ts'
import { readServiceAccount } from '../core/service-account.ts'
import type { EnvReading, ReadFile } from './env.ts'
import type { Findings } from './findings.ts'
import { parsePrivateKey } from './tls-files.ts'

const ACCOUNT = 'DCOS_SERVICE_ACCOUNT_CREDENTIAL'

/** How this framework proves to Mesos who it is. */
export function readCredentials(reading: EnvReading, readFile: ReadFile, findings: Findings): MesosCredentials {
  const { bad, secrets } = reading
  const { MESOS_PRINCIPAL: principal } = reading.env
  const { MESOS_SECRET: secret, [ACCOUNT]: given } = secrets
  if (given !== undefined || bad.has(ACCOUNT)) {
    if (secret !== undefined) {
      findings.mistake(`MESOS_SECRET and ${ACCOUNT} are both given: keep the one that your cluster asks for.`)
    }
    return given === undefined ? { kind: 'none', principal } : readAccount(given, principal, readFile, findings)
  }
  if (principal?.includes(':')) {
    findings.mistake('MESOS_PRINCIPAL must not hold a colon: HTTP basic authentication ends the name there.')
  }
  if (secret === undefined) {
    if (principal !== undefined && !bad.has('MESOS_SECRET')) {
      findings.warn('MESOS_PRINCIPAL is given without MESOS_SECRET: a cluster with authentication will refuse it.')
    }
    return { kind: 'none', principal }
  }
  if (secret.reveal().includes(':')) {
    findings.mistake('MESOS_SECRET holds a colon: with it Mesos can never authenticate anybody. Have another one made.')
  }
  if (principal !== undefined) return { kind: 'basic', principal, secret }
  if (!bad.has('MESOS_PRINCIPAL')) {
    findings.mistake('MESOS_PRINCIPAL is missing: MESOS_SECRET is the secret of a principal.')
  }
  return { kind: 'none', principal: undefined }
}

/** The account as JSON, or `file:///…` where it lies. */
function readAccount(
  given: Secret,
  principal: string | undefined,
  readFile: ReadFile,
  findings: Findings,
): MesosCredentials {
  const none = { kind: 'none', principal } as const
  const text = readLocated(given.reveal(), readFile, findings)
  if (text === undefined) return none
  const account = readServiceAccount(text)
  if (!('uid' in account)) {
    for (const words of account) findings.mistake(`${ACCOUNT} ${words}.`)
    return none
  }
  if (parsePrivateKey(account.privateKey)?.asymmetricKeyType !== 'rsa') {
    findings.mistake(
      `${ACCOUNT}: private_key is no RSA key that can be read. In JSON each of its line breaks is written \\n.`,
    )
  }
  if (principal !== undefined && principal !== account.uid) {
    findings.mistake(`MESOS_PRINCIPAL differs from the uid in ${ACCOUNT}: leave it out, the uid is the principal.`)
  }
  const { protocol, hostname } = new URL(account.loginEndpoint)
  if (protocol === 'http:' && hostname !== '127.0.0.1') {
    findings.warn(`${ACCOUNT}: login_endpoint is http://, so tokens travel in clear: https:// keeps them secret.`)
  }
  return { kind: 'dcos', account: new Secret(text) }
}

function readLocated(text: string, readFile: ReadFile, findings: Findings): string | undefined {
  if (!/^file:/i.test(text)) return text
  const path = URL.canParse(text) && new URL(text).host === '' ? decodePath(new URL(text).pathname) : undefined
  if (path === undefined) {
    findings.mistake(`${ACCOUNT}: the address of its file must be file:/// and an absolute path.`)
    return undefined
  }
  findings.file(path)
  try {
    return readFile(path)
  } catch (thrown) {
    findings.mistake(`${ACCOUNT}: its file cannot be read: ${messageOf(thrown)}.`)
    return undefined
  }
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    // A lone % is no escape.
    return undefined
  }
}
