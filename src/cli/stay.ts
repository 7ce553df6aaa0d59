import Fastify from 'fastify'
import headers from '../../plugins/headers.ts'
import redaction from '../../plugins/redaction.ts'
import { answerBadAddress, answerBrokenRequest } from '../bad-requests.ts'
import type { Fallback } from '../config/config.ts'
import { Listener } from '../listener.ts'
import { prefixOf, withoutPrefix } from '../public-url.ts'

export interface Staying {
  readonly url: string
  readonly close: () => Promise<void>
}

export const MISCONFIGURED = { status: 'misconfigured', words: 'the configuration has mistakes' } as const
export const CANNOT_START = { status: 'cannot_start', words: 'it cannot start, and tries again' } as const

/** In a pod nothing that is wrong may end the container: it stays up, is not ready, and says what it is. */
export async function stayUp(
  fallback: Pick<Fallback, 'http'>,
  { status, words }: typeof MISCONFIGURED | typeof CANNOT_START,
  mistakes: readonly string[],
): Promise<Staying> {
  const { host, port, publicUrl, tls } = fallback.http
  const listener = new Listener(tls)
  const app = Fastify({
    logger: false,
    // Nobody's half a request keeps it from ending, or from starting again when the mistakes are mended.
    forceCloseConnections: true,
    serverFactory: listener.make,
    rewriteUrl: withoutPrefix(prefixOf(publicUrl === undefined ? undefined : new URL(publicUrl))),
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBadAddress,
  })
  await app.register(headers)
  await app.register(redaction)
  app.get('/health/live', async () => ({ status: 'ok' }))
  app.get('/health/ready', async (_request, reply) => reply.code(503).send({ status, words, mistakes }))
  app.get('/', async ({ headers: { accept = '' } }, reply) => {
    void reply.code(503).header('cache-control', 'no-store').header('vary', 'accept')
    return accept.includes('text/html')
      ? reply.type('text/html; charset=utf-8').send(pageOf(words, mistakes))
      : reply.type('text/plain; charset=utf-8').send(`${titleOf(words)}.\n\n- ${mistakes.join('\n- ')}\n`)
  })
  const url = listener.addressOf(await app.listen({ host, port }))
  return { url, close: () => app.close() }
}

function titleOf(words: string): string {
  return `jenkins-mesos-sidecar does nothing: ${words}`
}

/** For a person who comes by with a browser: without files of any kind, as there may be nothing else to serve them. */
function pageOf(words: string, mistakes: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>jenkins-mesos-sidecar does nothing</title>
</head>
<body>
<main>
<h1>jenkins-mesos-sidecar does nothing</h1>
<p>${capital(escapeHtml(words))}:</p>
<ul>
${mistakes.map((mistake) => `<li>${escapeHtml(mistake)}</li>`).join('\n')}
</ul>
<p>Jenkins and its agents are left as they are until then. Load this page again when it is mended.</p>
</main>
</body>
</html>
`
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
