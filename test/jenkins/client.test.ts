import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { MockAgent } from 'undici'
import { JenkinsClient } from '../../src/jenkins/client.ts'
import type { JenkinsError } from '../../src/jenkins/errors.ts'
import { type Answer, answerOf, broken, computer, jsonAnswer, recorded, Script, TODAY } from './recorded.ts'

const PASSWORD = { user: 'admin', token: 'a-password' }
const COMPUTER = '/computer/agent-1/api/json'

/** What a reading of one node fails with. */
async function failureOf(answer: Answer | string | Error, options = {}): Promise<JenkinsError> {
  const script = new Script(options).on('GET', COMPUTER, answer)
  const error = await script.jenkins.readNode('agent-1').then(
    () => undefined,
    (thrown: unknown) => thrown as JenkinsError,
  )
  await script.end()
  if (error === undefined) throw new Error('it did not fail')
  return error
}

describe('what went wrong', () => {
  test.each<[string, object, RegExp]>([
    ['api-root-anonymous-403', { code: 'JENKINS_UNAUTHORIZED', status: 403 }, /wants a login.*JENKINS_USER/],
    ['root-anonymous-no-permission', { code: 'JENKINS_UNAUTHORIZED' }, /wants a login/],
    ['full-api-root-anonymous', { code: 'JENKINS_UNAUTHORIZED' }, /wants a login/],
    ['full-queue-anonymous', { code: 'JENKINS_UNAUTHORIZED' }, /wants a login/],
    ['full-computer-anonymous', { code: 'JENKINS_UNAUTHORIZED' }, /wants a login/],
    ['startup-3-anon-403', { code: 'JENKINS_UNAUTHORIZED' }, /wants a login/],
    ['api-root-bad-token-401', { code: 'JENKINS_UNAUTHORIZED', status: 401 }, /does not accept the credentials/],
    ['api-root-bad-password-401', { code: 'JENKINS_UNAUTHORIZED', status: 401 }, /does not accept the credentials/],
    [
      'perm-no-overall-read-queue',
      { code: 'JENKINS_FORBIDDEN', permission: 'hudson.model.Hudson.Read' },
      /user sidecar lacks the permission Overall\/Read/,
    ],
    ['startup-1-token-503', { code: 'JENKINS_UNAVAILABLE', status: 503, retryable: true }, /starting/],
    ['startup-2-anon-503', { code: 'JENKINS_UNAVAILABLE', retryable: true }, /starting/],
    ['api-bad-tree-400', { code: 'JENKINS_UNAVAILABLE', status: 500 }, /500/],
    [
      'computer-set-html',
      { code: 'JENKINS_MALFORMED' },
      /a page came instead of JSON.*login page or a proxy.*ci\.test/,
    ],
  ])('%s', async (name, expected, message) => {
    const error = await failureOf(name)
    expect(error).toMatchObject(expected)
    expect(error.message).toMatch(message)
  })

  test.each<[string, Answer, object, RegExp]>([
    [
      'a proxy without a backend',
      { status: 502, headers: { server: 'nginx' }, body: '<title>502 Bad Gateway</title>' },
      { code: 'JENKINS_UNAVAILABLE' },
      /“502 Bad Gateway”, server nginx/,
    ],
    ['too many requests', { status: 429 }, { code: 'JENKINS_UNAVAILABLE' }, /429/],
    [
      'a proxy that refuses',
      { status: 403, headers: { server: 'nginx' }, body: 'no' },
      { code: 'JENKINS_FORBIDDEN', permission: undefined },
      /server nginx.*proxy/,
    ],
    [
      'a logged failure',
      { status: 500, body: 'Oops! Logging ID=6a1f7b44-0cde-4f1a-8d7a-9b6f0ad34c11' },
      { code: 'JENKINS_UNAVAILABLE' },
      /log for 6a1f7b44-/,
    ],
    [
      'a login page of somebody else',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><title>Sign\n in</title>' },
      { code: 'JENKINS_MALFORMED' },
      /“Sign in”/,
    ],
    ['text', { status: 200, body: 'hello' }, { code: 'JENKINS_MALFORMED' }, /not JSON.*5 characters/],
    [
      'another encoding',
      { status: 200, headers: { 'content-encoding': 'br' }, body: 'x' },
      { code: 'JENKINS_MALFORMED' },
      /encoded as br/,
    ],
    [
      'broken gzip',
      { status: 200, headers: { 'content-encoding': 'gzip' }, body: 'x' },
      { code: 'JENKINS_MALFORMED' },
      /not valid gzip/,
    ],
    ['a teapot', { status: 418 }, { code: 'JENKINS_REFUSED' }, /418/],
    ['a redirect to nowhere', { status: 302 }, { code: 'JENKINS_MALFORMED' }, /without a usable Location/],
  ])('%s', async (_, answer, expected, message) => {
    const error = await failureOf(answer)
    expect(error).toMatchObject(expected)
    expect(error.message).toMatch(message)
  })

  test.each([
    ['ECONNREFUSED', /connection refused/, true],
    ['ENOTFOUND', /host name is not known/, true],
    ['UND_ERR_HEADERS_TIMEOUT', /took too long/, false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /JENKINS_CA_FILE/, true],
    ['EOTHER', /broken by EOTHER/, false],
  ])('%s is no answer', async (code, message, notSent) => {
    const error = await failureOf(broken(code))
    expect(error).toMatchObject({ code: 'JENKINS_UNREACHABLE', retryable: true, notSent })
    expect(error.message).toMatch(message)
  })

  test('an answer may be long, but not without end', async () => {
    const long = jsonAnswer(computer({ description: 'x'.repeat(2_000) }))
    expect(await failureOf(long, { maxAnswerBytes: 1_000 })).toMatchObject({
      code: 'JENKINS_MALFORMED',
      message: expect.stringContaining('longer than 1000 bytes'),
    })
    const packed = {
      ...long,
      headers: { ...long.headers, 'content-encoding': 'gzip' },
      body: gzipSync(String(long.body)),
    }
    expect(packed.body.length).toBeLessThan(1_000)
    expect(await failureOf(packed, { maxAnswerBytes: 1_000 })).toMatchObject({ code: 'JENKINS_MALFORMED' })
  })

  test('no message shows a credential, whatever comes back', async () => {
    const basic = Buffer.from('sidecar:very-secret-token').toString('base64')
    for (const answer of ['api-root-bad-token-401', 'perm-no-overall-read-queue', broken('EPIPE_X')]) {
      const error = await failureOf(answer)
      expect(`${error.message} ${JSON.stringify(error)} ${error.stack ?? ''}`).not.toMatch(/very-secret-token/)
      expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(basic)
    }
  })

  test('credentials in JENKINS_URL are refused, and not repeated', () => {
    const url = new URL('http://u:hidden@ci.test/')
    expect(() => new Script({ url })).toThrow(/JENKINS_TOKEN/)
    expect(() => new Script({ url })).not.toThrow(/hidden/)
  })

  test('a call that is given up fails with the reason of its signal', async () => {
    const script = new Script()
    const reason = new Error('given up')
    await expect(script.jenkins.readNode('agent-1', AbortSignal.abort(reason))).rejects.toBe(reason)
    await script.end()
  })
})

describe('requests', () => {
  test('carry user and token, and none of them without a user', async () => {
    const script = new Script().on('GET', COMPUTER, jsonAnswer(computer()))
    await script.jenkins.readNode('agent-1')
    expect(script.seen[0]?.headers['authorization']).toBe(
      `Basic ${Buffer.from('sidecar:very-secret-token').toString('base64')}`,
    )
    await script.end()
    const open = new Script({ user: undefined, token: undefined }).on('GET', COMPUTER, jsonAnswer(computer()))
    await open.jenkins.readNode('agent-1')
    expect(open.seen[0]?.headers).not.toHaveProperty('authorization')
    await open.end()
  })

  test.each([
    ['http://ci.test/jenkins', '/jenkins/computer/agent-1/api/json'],
    ['http://ci.test/jenkins/', '/jenkins/computer/agent-1/api/json'],
    ['http://ci.test/a/b', '/a/b/computer/agent-1/api/json'],
    ['http://ci.test', '/computer/agent-1/api/json'],
  ])('%s keeps its context path', async (url, path) => {
    const script = new Script({ url: new URL(url) }).on('GET', `/${path}`, jsonAnswer(computer()))
    await script.jenkins.readNode('agent-1')
    expect(script.requests).toEqual([`GET ${path}`])
    await script.end()
  })

  test('names go into paths as they are', async () => {
    const script = new Script().on('GET', '/computer/agent%203%20%C3%BC%2Fx/api/json', jsonAnswer(computer()))
    expect(await script.jenkins.readNode('agent 3 ü/x')).toBeDefined()
    await script.end()
  })

  test.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])(
    'a GET is sent once more after %s, a POST never',
    async (code) => {
      const script = new Script().on('GET', COMPUTER, broken(code)).on('GET', COMPUTER, jsonAnswer(computer()))
      expect(await script.jenkins.readNode('agent-1')).toBeDefined()
      script.on('POST', '/computer/agent-1/doDelete', broken(code))
      await expect(script.jenkins.deleteNode('agent-1')).rejects.toMatchObject({
        code: 'JENKINS_UNREACHABLE',
        notSent: false,
        message: expect.stringContaining('whether Jenkins has done it is not known'),
      })
      await script.end()
    },
  )

  test('a GET that is reset twice fails', async () => {
    const script = new Script().on('GET', COMPUTER, broken('ECONNRESET')).on('GET', COMPUTER, broken('ECONNRESET'))
    await expect(script.jenkins.readNode('agent-1')).rejects.toMatchObject({ code: 'JENKINS_UNREACHABLE' })
    await script.end()
  })

  test('cookies are sent back, and dropped when they expire', async () => {
    const script = new Script()
    const set = (cookies: string[]): void => {
      script.on('GET', COMPUTER, { ...jsonAnswer(computer()), headers: { ...TODAY, 'set-cookie': cookies } })
    }
    set(['ROUTE=a; Path=/', 'JSESSIONID.1=x; HttpOnly'])
    set(['JSESSIONID.1=y', 'ROUTE=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'nonsense'])
    set([])
    for (let round = 0; round < 3; round++) await script.jenkins.readNode('agent-1')
    expect(script.seen.map(({ headers }) => headers['cookie'])).toEqual([
      undefined,
      'ROUTE=a; JSESSIONID.1=x',
      'JSESSIONID.1=y',
    ])
    await script.end()
  })

  test('the version is that of the header that names today’s Jenkins', async () => {
    const agent = new MockAgent()
    agent.disableNetConnect()
    const client = new JenkinsClient({ url: new URL('http://ci.test/'), dispatcher: agent })
    for (const headers of [{ 'x-hudson': '1.395' }, { 'x-hudson': '1.395', 'x-jenkins': '2.541.3' }]) {
      agent.get('http://ci.test').intercept({ path: '/x' }).reply(200, '', { headers })
      await client.get('x')
      expect(client.version).toBe(Object.values(headers).at(-1))
    }
    await client.close()
  })
})

describe('redirects of a GET', () => {
  test('a path on the same host is followed once', async () => {
    const script = new Script()
      .on('GET', COMPUTER, { status: 301, headers: { location: '/ci/computer/agent-1/api/json' } })
      .on('GET', '//ci/computer/agent-1/api/json', jsonAnswer(computer()))
    expect(await script.jenkins.readNode('agent-1')).toMatchObject({ name: 'agent-1' })
    await script.end()
  })

  test('a second one is not', async () => {
    const script = new Script()
      .on('GET', COMPUTER, { status: 301, headers: { location: '/a' } })
      .on('GET', '/a', { status: 301, headers: { location: '/b' } })
    await expect(script.jenkins.readNode('agent-1')).rejects.toMatchObject({ code: 'JENKINS_MALFORMED' })
    await script.end()
  })

  test('the missing slash behind the context path is normalised', async () => {
    const agent = new MockAgent()
    agent.disableNetConnect()
    const pool = agent.get('http://127.0.0.1:18082')
    const moved = answerOf('prefix-no-slash')
    pool.intercept({ path: '/jenkins/x' }).reply(moved.status, '', { headers: { ...moved.headers } })
    pool.intercept({ path: '/jenkins/' }).reply(200, 'home')
    const client = new JenkinsClient({ url: new URL('http://127.0.0.1:18082/jenkins'), dispatcher: agent })
    expect((await client.get('x')).text).toBe('home')
    await client.close()
  })

  test.each([
    [
      'https://ci.test:8080/computer/',
      'JENKINS_MALFORMED',
      /redirected to https:\/\/ci\.test:8080\/computer\/\. JENKINS_URL is http:\/\/ci\.test:8080\//,
    ],
    ['https://elsewhere.test/x?token=hidden', 'JENKINS_MALFORMED', /redirected to https:\/\/elsewhere\.test\/x\./],
    ['/login?from=%2Fcomputer', 'JENKINS_UNAUTHORIZED', /login page http:\/\/ci\.test:8080\/login\./],
    [
      'https://sso.test/oauth2/authorize?state=hidden',
      'JENKINS_UNAUTHORIZED',
      /login page https:\/\/sso\.test\/oauth2\/authorize/,
    ],
  ])('to %s ends there', async (location, code, message) => {
    const error = await failureOf({ status: 302, headers: { location } })
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('hidden')
  })
})

describe('crumbs', () => {
  const DELETE = '/computer/agent-1/doDelete'

  test('a token needs none, and none is asked for', async () => {
    const script = new Script().on('POST', DELETE, 'node-delete-ok')
    expect(await script.jenkins.deleteNode('agent-1')).toBe('deleted')
    expect(script.requests).toEqual([`POST ${DELETE}`])
    await script.end()
  })

  test('with a password one is fetched when Jenkins wants it, and used with its cookie from then on', async () => {
    const script = new Script(PASSWORD)
      .on('POST', DELETE, 'node-create-password-no-crumb-403')
      .on('GET', '/crumbIssuer/api/json', 'crumb-with-password')
      .on('POST', DELETE, 'node-delete-password-crumb')
      .on('POST', DELETE, 'node-delete-password-crumb')
    await script.jenkins.deleteNode('agent-1')
    await script.jenkins.deleteNode('agent-1')
    const { json, headers } = recorded('crumb-with-password').response
    const cookie = headers.find(([name]) => name === 'Set-Cookie')?.[1].split(';')[0]
    const { crumb } = json as { crumb: string }
    expect(script.seen.map((request) => request.method)).toEqual(['POST', 'GET', 'POST', 'POST'])
    expect(script.seen[0]?.headers).not.toHaveProperty('Jenkins-Crumb')
    for (const request of script.seen.slice(2)) {
      expect(request.headers).toMatchObject({ 'Jenkins-Crumb': crumb, cookie })
    }
    await script.end()
  })

  test('a crumb keeps its session although a page sets another', async () => {
    const script = new Script(PASSWORD)
      .on('POST', DELETE, 'node-create-password-no-crumb-403')
      .on('GET', '/crumbIssuer/api/json', 'crumb-with-password')
      .on('POST', DELETE, 'node-delete-missing-404')
      .on('POST', DELETE, 'node-delete-ok')
    await script.jenkins.deleteNode('agent-1')
    await script.jenkins.deleteNode('agent-1')
    expect(script.seen[3]?.headers['cookie']).toBe(script.seen[2]?.headers['cookie'])
    await script.end()
  })

  test('after a restart of Jenkins a new one is fetched', async () => {
    const script = new Script(PASSWORD)
      .on('POST', DELETE, 'node-create-password-no-crumb-403')
      .on('GET', '/crumbIssuer/api/json', 'crumb-with-password')
      .on('POST', DELETE, 'node-delete-ok')
      .on('POST', DELETE, 'crumb-after-restart')
      .on('GET', '/crumbIssuer/api/json', 'full-crumb-password')
      .on('POST', DELETE, 'node-delete-ok')
    await script.jenkins.deleteNode('agent-1')
    expect(await script.jenkins.deleteNode('agent-1')).toBe('deleted')
    const { crumb } = recorded('full-crumb-password').response.json as { crumb: string }
    expect(script.seen.at(-1)?.headers['Jenkins-Crumb']).toBe(crumb)
    await script.end()
  })

  test('a controller without security wants one too, whatever the credentials', async () => {
    const url = new URL('http://127.0.0.1:18082/jenkins/')
    const script = new Script({ url })
      .on('POST', '/computer/a/doDelete', 'open-node-create-basic-auth-no-crumb')
      .on('GET', '/crumbIssuer/api/json', 'open-crumb')
      .on('POST', '/computer/a/doDelete', 'open-node-delete')
    expect(await script.jenkins.deleteNode('a')).toBe('deleted')
    expect(script.seen[2]?.headers['cookie']).toMatch(/^JSESSIONID\./)
    await script.end()
  })

  test.each([
    'node-create-password-bad-crumb-403',
    'node-create-password-crumb-without-cookie-403',
    'open-node-create-crumb-other-session-403',
    'full-node-create-password-no-crumb',
    'node-create-anonymous-403',
    'open-node-create-no-crumb-403',
  ])('a fresh crumb that is refused again is an error (%s)', async (name) => {
    const script = new Script(PASSWORD)
      .on('POST', DELETE, name)
      .on('GET', '/crumbIssuer/api/json', 'crumb-with-password')
      .on('POST', DELETE, name)
    await expect(script.jenkins.deleteNode('agent-1')).rejects.toMatchObject({
      code: 'JENKINS_CRUMB',
      message: expect.stringContaining('API token'),
    })
    await script.end()
  })

  test.each([
    ['crumb-anonymous-403', 'JENKINS_UNAUTHORIZED'],
    ['full-crumb-anonymous', 'JENKINS_UNAUTHORIZED'],
    ['not-found-404', 'JENKINS_CRUMB'],
  ])('without a crumb to be had (%s) the POST fails with %s', async (name, code) => {
    const script = new Script(PASSWORD)
      .on('POST', DELETE, 'node-create-password-no-crumb-403')
      .on('GET', '/crumbIssuer/api/json', name)
    await expect(script.jenkins.deleteNode('agent-1')).rejects.toMatchObject({ code })
    await script.end()
  })

  test('POSTs that wait for a crumb share one request for it', async () => {
    const script = new Script(PASSWORD)
    for (const name of ['a', 'b', 'c']) {
      script.on('POST', `/computer/${name}/doDelete`, 'node-create-password-no-crumb-403')
    }
    script.on('GET', '/crumbIssuer/api/json', 'crumb-with-password')
    for (const name of ['a', 'b', 'c']) script.on('POST', `/computer/${name}/doDelete`, 'node-delete-ok')
    const outcomes = await Promise.all(['a', 'b', 'c'].map((name) => script.jenkins.deleteNode(name)))
    expect(outcomes).toEqual(['deleted', 'deleted', 'deleted'])
    expect(script.requests.filter((request) => request.startsWith('GET'))).toHaveLength(1)
    await script.end()
  })
})

describe('an answered POST', () => {
  test.each([
    ['/computer/', 'deleted'],
    ['http://other-name.test/ci/computer/', 'deleted'],
    ['/securityRealm/commenceLogin', 'JENKINS_UNAUTHORIZED'],
    ['https://sso.test/sso?x', 'JENKINS_UNAUTHORIZED'],
    ['https://ci.test/', 'JENKINS_MALFORMED'],
  ])('that leads to %s: %s', async (location, outcome) => {
    const script = new Script().on('POST', '/computer/agent-1/doDelete', { status: 302, headers: { location } })
    const result = await script.jenkins.deleteNode('agent-1').catch((error: unknown) => (error as JenkinsError).code)
    expect(result).toBe(outcome)
    expect(script.requests).toHaveLength(1)
    await script.end()
  })

  test('that a proxy spells in another way was not done', async () => {
    const script = new Script().on('POST', '/computer/agent-1/doDelete', {
      status: 301,
      headers: { location: 'https://ci.test/computer/agent-1/doDelete' },
    })
    await expect(script.jenkins.deleteNode('agent-1')).rejects.toMatchObject({ code: 'JENKINS_MALFORMED' })
    await script.end()
  })

  test('500 while Jenkins starts can be tried again', async () => {
    const script = new Script().on('POST', '/computer/agent-1/doDelete', 'startup-1-token-create-node')
    await expect(script.jenkins.deleteNode('agent-1')).rejects.toMatchObject({
      code: 'JENKINS_UNAVAILABLE',
      retryable: true,
    })
    await script.end()
  })
})
