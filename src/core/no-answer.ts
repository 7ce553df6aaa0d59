import { codeOf, messageOf } from './code-of.ts'
import { explainTls } from './tls-errors.ts'

/**
 * Why an HTTP server did not answer, in words without a full stop.
 * @param setting prefix of the settings of its TLS, such as JENKINS
 */
export function whyNoAnswer(cause: unknown, setting: Parameters<typeof explainTls>[1], origin: string): string {
  const code = codeOf(cause)
  const reason = code === undefined ? undefined : REASONS[code]
  return explainTls(cause, setting, origin) ?? reason ?? (messageOf(cause) || 'the connection failed')
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  UND_ERR_HEADERS_TIMEOUT: 'the answer took too long',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped half way',
}
