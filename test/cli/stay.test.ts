import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { request } from 'undici'
import { CANNOT_START, MISCONFIGURED, type Staying, stayUp } from '../../src/cli/stay.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const http = { host: '127.0.0.1', port: 0, tokens: [], publicUrl: undefined, tls: undefined }

let staying: Staying | undefined

afterEach(async () => {
  await staying?.close()
})

async function ask(accept: string, mistakes: readonly string[], state: Parameters<typeof stayUp>[1] = MISCONFIGURED) {
  staying = await stayUp({ http }, state, mistakes)
  const { statusCode, headers, body } = await request(`${staying.url}/`, { headers: { accept } })
  return { statusCode, type: headers['content-type'], text: await body.text() }
}

describe('a sidecar that stays up although it can do nothing', () => {
  test('tells a program its mistakes as plain text', async () => {
    expect(await ask('*/*', ['MAX_AGENTS must be a whole number.', 'MESOS_USER is missing.'])).toEqual({
      statusCode: 503,
      type: 'text/plain; charset=utf-8',
      text: 'jenkins-mesos-sidecar does nothing: the configuration has mistakes.\n\n- MAX_AGENTS must be a whole number.\n- MESOS_USER is missing.\n',
    })
  })

  test('tells a person with a browser the same as a page', async () => {
    const { statusCode, type, text } = await ask(BROWSER, ['MESOS_USER is missing.'], CANNOT_START)
    expect([statusCode, type]).toEqual([503, 'text/html; charset=utf-8'])
    expect(text).toContain('<h1>jenkins-mesos-sidecar does nothing</h1>\n<p>It cannot start, and tries again:</p>')
    expect(text).toContain('<li>MESOS_USER is missing.</li>')
    // a strict policy would refuse it
    expect(text).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=/)
  })

  test('takes nothing that it quotes for markup', async () => {
    const { text } = await ask(BROWSER, [`AGENT_LABELS: <img src=x onerror="alert('1')"> & more`])
    expect(text).toContain('<li>AGENT_LABELS: &lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; more</li>')
  })

  test('invariant 12: ends at once, also while somebody has sent half a request', async () => {
    const { url, close } = await stayUp({ http }, MISCONFIGURED, ['MESOS_USER is missing.'])
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    await once(socket, 'connect')
    const ended = once(socket, 'close')
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: ')
    // An answer to another request: the server has seen the first one by now.
    await (await request(`${url}/health/live`)).body.dump()
    await close()
    await ended
  })
})
