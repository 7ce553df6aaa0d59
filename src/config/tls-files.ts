import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { messageOf } from '../core/code-of.ts'
import type { Instant } from '../core/model.ts'
import { Secret } from '../core/secret.ts'
import type { ServerTls, TlsFiles } from '../core/tls.ts'
import type { EnvReading, ReadFile } from './env.ts'
import type { Findings } from './findings.ts'

const DAY_MS = 86_400_000
const WARN_DAYS = 30

export interface TlsSource {
  readonly reading: EnvReading
  readonly readFile: ReadFile
  /** `undefined`: dates are not looked at. */
  readonly now: Instant | undefined
  readonly findings: Findings
}

/** Reads and checks what `NAME_CA_FILE`, `NAME_CLIENT_CERT_FILE` and `NAME_CLIENT_KEY_FILE` name. */
export function readTls(name: 'JENKINS' | 'MESOS' | 'ZOOKEEPER', source: TlsSource): TlsFiles | undefined {
  const { env } = source.reading
  const caName = `${name}_CA_FILE` as const
  const certName = `${name}_CLIENT_CERT_FILE` as const
  const keyName = `${name}_CLIENT_KEY_FILE` as const
  const [caFile, certFile, keyFile] = [env[caName], env[certName], env[keyName]]
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined
  const ca = caFile === undefined ? undefined : readCertificates(caName, caFile, source)
  const { cert, key } = readPair([certName, certFile], [keyName, keyFile], source)
  return { ca: ca?.text, cert, key }
}

/** Reads and checks the certificate and the key of our own listener. */
export function readServerTls(source: TlsSource): ServerTls | undefined {
  const { HTTP_TLS_CERT_FILE: certFile, HTTP_TLS_KEY_FILE: keyFile } = source.reading.env
  const { cert, key } = readPair(['HTTP_TLS_CERT_FILE', certFile], ['HTTP_TLS_KEY_FILE', keyFile], source)
  if (cert === undefined || key === undefined) return undefined
  try {
    createSecureContext({ cert, key: key.reveal() })
  } catch (thrown) {
    source.findings.mistake(`HTTP_TLS_CERT_FILE and HTTP_TLS_KEY_FILE cannot be used: ${messageOf(thrown)}.`)
    return undefined
  }
  return { cert, key }
}

type NamedFile = readonly [name: string, path: string | undefined]

/** Both or none, and they must belong together. */
function readPair(
  [certName, certFile]: NamedFile,
  [keyName, keyFile]: NamedFile,
  source: TlsSource,
): { readonly cert: string | undefined; readonly key: Secret | undefined } {
  const { findings } = source
  const cert = certFile === undefined ? undefined : readCertificates(certName, certFile, source)
  const key = keyFile === undefined ? undefined : readKey(keyName, keyFile, source)
  if (certFile !== undefined && keyFile === undefined) {
    findings.mistake(`${keyName} is missing: ${certName} needs the private key that belongs to it.`)
  } else if (certFile === undefined && keyFile !== undefined) {
    findings.mistake(`${certName} is missing: ${keyName} is the private key of a certificate.`)
  }
  const [first] = cert?.certificates ?? []
  if (first !== undefined && key !== undefined && !first.checkPrivateKey(key.key)) {
    findings.mistake(
      `${keyName} does not belong to the certificate in ${certName}: give the pair that was made together.`,
    )
    return { cert: undefined, key: undefined }
  }
  return { cert: cert?.text, key: key?.text }
}

interface Certificates {
  readonly text: string
  readonly certificates: readonly X509Certificate[]
}

function readCertificates(name: string, path: string, source: TlsSource): Certificates | undefined {
  const { findings } = source
  const text = readText(name, path, source)
  if (text === undefined) return undefined
  if (text.includes('PRIVATE KEY-----')) {
    findings.mistake(`${name} holds a private key: only certificates belong there.`)
    return undefined
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) {
    findings.mistake(`${name} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).`)
    return undefined
  }
  const certificates: X509Certificate[] = []
  for (const [index, block] of blocks.entries()) {
    const certificate = parseCertificate(block)
    if (certificate !== undefined) {
      certificates.push(certificate)
      checkDates(name, certificate, source)
    } else findings.mistake(`${name}: certificate number ${index + 1} of ${blocks.length} is damaged: copy it again.`)
  }
  return certificates.length === blocks.length ? { text, certificates } : undefined
}

function parseCertificate(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block)
  } catch {
    // OpenSSL's words (asn1 encoding routines) help nobody.
    return undefined
  }
}

function checkDates(name: string, certificate: X509Certificate, { now, findings }: TlsSource): void {
  if (now === undefined) return
  const until = Date.parse(certificate.validTo)
  const from = Date.parse(certificate.validFrom)
  const whose = certificate.subject.replaceAll('\n', ', ')
  const day = (instant: Instant): string => new Date(instant).toISOString().slice(0, 10)
  if (until <= now) findings.warn(`${name}: the certificate of ${whose} expired on ${day(until)}: get a new one.`)
  else if (until - now < WARN_DAYS * DAY_MS) {
    findings.warn(`${name}: the certificate of ${whose} expires on ${day(until)}: get a new one before.`)
  } else if (from > now) {
    findings.warn(`${name}: the certificate of ${whose} is not valid before ${day(from)}: is the clock right?`)
  }
}

function readKey(
  name: string,
  path: string,
  source: TlsSource,
): { readonly text: Secret; readonly key: KeyObject } | undefined {
  const { findings } = source
  const text = readText(name, path, source)
  if (text === undefined) return undefined
  if (/ENCRYPTED/.test(text)) {
    findings.mistake(`${name} is protected by a passphrase, which cannot be given: store the key without one.`)
    return undefined
  }
  const key = parsePrivateKey(text)
  if (key !== undefined) return { text: new Secret(text), key }
  // Not with its dashes: what hides secrets would take it for the beginning of one.
  findings.mistake(`${name} holds no private key in PEM form (it begins with BEGIN PRIVATE KEY between dashes).`)
  return undefined
}

/** @returns `undefined` where it is none; OpenSSL's words would help nobody */
export function parsePrivateKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text)
  } catch {
    return undefined
  }
}

function readText(name: string, path: string, { readFile, findings }: TlsSource): string | undefined {
  findings.file(path)
  try {
    return readFile(path)
  } catch (thrown) {
    findings.mistake(`${name} cannot be read: ${messageOf(thrown)}.`)
    return undefined
  }
}
