import { codeOf, messageOf } from './code-of.ts'

/** The handshake failed, so nothing was sent. */
export function isHandshakeFailure(code: string): boolean {
  return /^(?:ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code)
}

/** Whose files: the beginning of `…_CA_FILE` and of the others. */
export type TlsPrefix = 'JENKINS' | 'MESOS' | 'ZOOKEEPER' | 'MARATHON'

/**
 * What a failed connection says of TLS, and what to do about it, as part of a sentence.
 * @returns `undefined` where it failed for another reason
 */
export function explainTls(thrown: unknown, prefix: TlsPrefix, origin: string): string | undefined {
  for (let error = thrown, depth = 0; error !== undefined && depth < 5; depth++) {
    const found = explain(codeOf(error), messageOf(error), prefix, origin.startsWith('https:'))
    if (found !== undefined) return found
    error = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined
  }
  return undefined
}

function explain(code: string | undefined, message: string, prefix: TlsPrefix, https: boolean): string | undefined {
  const ca = `${prefix}_CA_FILE`
  const client = `${prefix}_CLIENT_CERT_FILE and ${prefix}_CLIENT_KEY_FILE`
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `its certificate is not trusted: set ${ca} to the authority that signed it`
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return `its certificate is signed by an authority that is not trusted: set ${ca} to that authority`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `its certificate is signed by itself and not trusted: set ${ca} to this certificate`
    case 'CERT_SIGNATURE_FAILURE':
      return `its certificate was signed by another key than that of the authority in ${ca}`
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired: it needs a new one, or the clock here is wrong'
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet: the clock here or there is wrong'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another name: use a name that it holds (${message.replace(/^.*altnames?: /i, '')})`
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'it does not speak TLS there: use http instead of https'
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
      return `it asks for a client certificate: set ${client}`
    case 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE':
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
      return `the handshake failed: it may ask for a client certificate (${client}) or for an older TLS`
    case 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
      return `it does not accept our client certificate: give one that its authority signed (${client})`
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      // With TLS 1.3 that is all that is seen of a server that misses a client certificate.
      return https ? `it closed the connection; if it asks for a client certificate: ${client}` : undefined
    default:
      return code?.startsWith('HPE_') ? 'it does not speak plain HTTP there: does it want https?' : undefined
  }
}
