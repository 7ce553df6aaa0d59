import { Agent, request } from 'undici'
import { readConfig } from '../config/read-config.ts'
import { messageOf } from '../core/code-of.ts'
import { systemClock } from '../system-clock.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK } from './io.ts'

/** Docker gives up after 10 s by then: our own words are better. */
const WITHIN_MS = 5_000

/**
 * `health`: asks the sidecar that has these settings, on this machine, whether it is alive, or with `ready` whether it
 * does its work. For images, which have no curl: port, address and TLS are those of the settings, wherever they come from.
 */
export async function health(ready: boolean, io: CommandIo): Promise<number> {
  const reading = readConfig(io.env, io.readFile, systemClock.now())
  // With a mistake in the configuration it answers all the same, in a pod.
  const { http } = reading.ok ? reading.config : reading.fallback
  const origin = `${http.tls === undefined ? 'http' : 'https'}://${reachable(http.host)}:${http.port}`
  const url = `${origin}/health/${ready ? 'ready' : 'live'}`
  // It is asked whether it answers, not who it is: the certificate is for another name than this.
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false, timeout: WITHIN_MS } })
  try {
    const { statusCode, body } = await request(url, { dispatcher, headersTimeout: WITHIN_MS, bodyTimeout: WITHIN_MS })
    const said = await body.text()
    io.out(`${url} answers ${statusCode}: ${said}`)
    return statusCode === 200 ? EXIT_OK : EXIT_FAILED
  } catch (error) {
    io.err(`${url} does not answer: ${messageOf(error)}. Is a sidecar with these settings running on this machine?`)
    return EXIT_FAILED
  } finally {
    await dispatcher.destroy()
  }
}

/** Where that can be called which listens there. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
