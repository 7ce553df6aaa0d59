import { gzipSync } from 'node:zlib'
import type { HttpResponse } from '../http.ts'

type Header = readonly [string, string]

/** What every answer of this start of the controller says of it. */
export interface Identity {
  readonly version: string
  /** Changes with each start. */
  readonly session: string
  /** 1.395: says `X-Hudson`, knows no session. */
  readonly old: boolean
  /** Of the controller: stays over restarts. On every page; 1.395 has none. */
  readonly key: string
}

const NO_SNIFF: Header = ['X-Content-Type-Options', 'nosniff']

/** Answers of the remote API carry these, whatever their format. */
export function identityHeaders({ version, session, old }: Identity): Header[] {
  if (old) return [['X-Hudson', version]]
  return [
    ['X-Jenkins', version],
    ['X-Jenkins-Session', session],
  ]
}

export function json(identity: Identity, value: unknown, gzip: boolean, more: readonly Header[] = []): HttpResponse {
  const text = Buffer.from(JSON.stringify(value))
  const body = gzip ? gzipSync(text) : text
  return {
    status: 200,
    headers: [
      NO_SNIFF,
      ...identityHeaders(identity),
      ['X-Frame-Options', 'deny'],
      ['Content-Type', 'application/json;charset=utf-8'],
      ...more,
      ...(gzip ? [['Content-Encoding', 'gzip'] as const] : []),
      ['Content-Length', String(body.length)],
    ],
    body,
  }
}

export function text(body: string, contentType: string, more: readonly Header[] = []): HttpResponse {
  const bytes = Buffer.from(body)
  return {
    status: 200,
    headers: [NO_SNIFF, ...more, ['Content-Type', contentType], ['Content-Length', String(bytes.length)]],
    body: bytes,
  }
}

export function empty(status: number, more: readonly Header[] = []): HttpResponse {
  return { status, headers: [NO_SNIFF, ...more, ...lengthOf(status)], body: Buffer.alloc(0) }
}

function lengthOf(status: number): Header[] {
  return status === 204 ? [] : [['Content-Length', '0']]
}

/** 302 with a path, as Jenkins has it for most of its forms. */
export function redirect(location: string, status = 302): HttpResponse {
  return empty(status, [['Location', location]])
}

/** A page of Jenkins itself: names version and session, sets a session cookie. */
export function page(
  identity: Identity,
  status: number,
  title: string,
  content: string,
  more: readonly Header[] = [],
): HttpResponse {
  const body = Buffer.from(
    `<!DOCTYPE html><html><head><title>${escapeHtml(title)} - Jenkins</title></head><body id="jenkins" class="jenkins-${identity.version}" data-version="${identity.version}"><div id="main-panel">${content}</div><footer class="page-footer">Jenkins ${identity.version}</footer></body></html>`,
  )
  return {
    status,
    headers: [
      NO_SNIFF,
      ...more,
      ['Content-Type', 'text/html;charset=utf-8'],
      ['Cache-Control', 'no-cache,no-store,must-revalidate'],
      ['X-Hudson', '1.395'],
      ...(identity.old ? [] : [...identityHeaders(identity), ['X-Instance-Identity', identity.key] as const]),
      ['X-Frame-Options', 'sameorigin'],
      ['Content-Length', String(body.length)],
    ],
    body,
  }
}

export function notFound(identity: Identity, cookie: readonly Header[]): HttpResponse {
  const content =
    '<h1>Oops!</h1><div id="error-description"><h2>Not Found</h2><p>This page may not exist, or you may not have permission to see it.</p></div>'
  return page(identity, 404, 'Not Found', content, cookie)
}

/** What went wrong, with no word of it in any header. */
export function oops(identity: Identity, why: string, cookie: readonly Header[]): HttpResponse {
  const content = `<h1>Oops!</h1><div id="error-description"><h2>A problem occurred while processing the request</h2><p>Logging ID=${escapeHtml(why)}</p></div>`
  return page(identity, 500, 'Oops!', content, cookie)
}

/** 400 with `X-Error`, where typographic quotes arrive as blanks. */
export function formError(identity: Identity, why: string, cookie: readonly Header[]): HttpResponse {
  const header = why.replaceAll(/[^\x20-\x7e\xa1-\xff]/g, ' ').trimStart()
  return page(identity, 400, 'Error', `<h1>Error</h1><p>${escapeHtml(why)}</p>`, [['X-Error', header], ...cookie])
}

export function postOnly(identity: Identity, more: readonly Header[]): HttpResponse {
  const content =
    '<p>You must use POST method here.</p><form method="POST"><input type="submit" value="Proceed"></form>'
  return page(identity, 405, 'Method Not Allowed', content, more)
}

/** What an anonymous visitor gets for everything that asks for a right: 403, and a hint for browsers. */
export function loginNeeded(identity: Identity, from: string, cookie: readonly Header[]): HttpResponse {
  const target = escapeHtml(`/login?from=${encodeURIComponent(from)}`)
  const answer = page(identity, 403, 'Authentication required', '', cookie)
  const body = Buffer.from(
    `<html><head><meta http-equiv='refresh' content='1;url=${target}'/></head><body style='background-color:white; color:white;'>\n\n\nAuthentication required\n<!--\n-->\n\n</body></html>`.padEnd(
      640,
    ),
  )
  const headers = answer.headers.filter(([name]) => name !== 'Content-Length' && name !== 'X-Frame-Options')
  return { ...answer, headers: [...headers, ['Content-Length', String(body.length)]], body }
}

/** The servlet container's own error page: nothing in it names Jenkins. */
export function containerError(
  status: number,
  reason: string,
  uri: string,
  more: readonly Header[] = [],
): HttpResponse {
  const body = Buffer.from(
    `<html>\n<head>\n<title>Error ${status} ${escapeHtml(reason)}</title>\n</head>\n<body><h2>HTTP ERROR ${status} ${escapeHtml(reason)}</h2>\n<table>\n<tr><th>URI:</th><td>${escapeHtml(uri)}</td></tr>\n<tr><th>STATUS:</th><td>${status}</td></tr>\n<tr><th>MESSAGE:</th><td>${escapeHtml(reason)}</td></tr>\n</table>\n</body>\n</html>\n`,
  )
  return {
    status,
    headers: [
      NO_SNIFF,
      ...more,
      ['Cache-Control', 'must-revalidate,no-cache,no-store'],
      ['Content-Type', 'text/html;charset=iso-8859-1'],
      ['Content-Length', String(body.length)],
    ],
    body,
  }
}

/** Every address answers so while the controller starts; neither version nor Retry-After. */
export function gettingReady(): HttpResponse {
  const body = Buffer.from(
    '<!DOCTYPE html><html lang="en-US"><head><title>Starting Jenkins</title></head><body><h1>Jenkins is getting ready to work</h1><p>Your browser will reload automatically when Jenkins is ready.</p></body></html>',
  )
  return {
    status: 503,
    headers: [
      NO_SNIFF,
      ['Cache-Control', 'no-cache, no-store, must-revalidate'],
      ['Content-Type', 'text/html;charset=utf-8'],
      ['Content-Length', String(body.length)],
    ],
    body,
  }
}

export function escapeHtml(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
