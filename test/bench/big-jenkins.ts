import type { HttpHandler } from '../../src/embedded/http.ts'
import { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import { type Listener, listen } from '../../src/embedded/listen.ts'
import { systemClock } from '../../src/system-clock.ts'

export const USER = 'sidecar'
export const TOKEN = `11${'c'.repeat(32)}`
const SECRET_KEY = 'a key for benchmarks'

export interface BenchJenkins {
  readonly jenkins: EmbeddedJenkins
  readonly listener: Listener
  /** Requests that came so far. */
  readonly requests: () => number
}

/**
 * An embedded Jenkins on a real socket with one user, who may do what the sidecar does.
 * @param url as it calls itself; where it listens unless given
 * @param around what stands before it
 */
export async function listenAsJenkins(
  url?: string,
  around: (inner: HttpHandler) => HttpHandler = (inner) => inner,
): Promise<BenchJenkins> {
  let requests = 0
  let handler: HttpHandler = async () => ({ status: 503, headers: [], body: Buffer.from('not started\n') })
  const listener = await listen(
    (request) => {
      requests += 1
      return handler(request)
    },
    { host: '127.0.0.1', port: 0 },
  )
  const jenkins = new EmbeddedJenkins({
    clock: systemClock,
    url: url ?? listener.url.href,
    security: true,
    users: [{ name: USER, apiToken: TOKEN, permissions: ['Overall/Administer'] }],
    secretKey: SECRET_KEY,
    quietPeriodMs: 0,
    agentProgram: () => Buffer.from('export {}\n'),
  })
  handler = around(jenkins.handler)
  await jenkins.start()
  return { jenkins, listener, requests: () => requests }
}

export interface NewNode {
  readonly name: string
  readonly description: string
  readonly labels: string
  readonly executors: number
}

export async function addNode(jenkins: EmbeddedJenkins, node: NewNode): Promise<void> {
  const form = new URLSearchParams({
    name: node.name,
    type: 'hudson.slaves.DumbSlave',
    json: JSON.stringify({
      numExecutors: String(node.executors),
      remoteFS: 'jenkins',
      labelString: node.labels,
      nodeDescription: node.description,
      mode: 'NORMAL',
      retentionStrategy: { $class: 'hudson.slaves.RetentionStrategy$Always' },
      launcher: { $class: 'hudson.slaves.JNLPLauncher', webSocket: true },
    }),
  })
  const headers = {
    authorization: `Basic ${Buffer.from(`${USER}:${TOKEN}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  await post(jenkins, '/computer/doCreateItem', headers, form.toString(), 302)
}

/** Its agent comes online and stays; it takes builds and never ends them. */
export async function connectAgent(jenkins: EmbeddedJenkins, node: string): Promise<void> {
  const path = `/embedded-agent/${encodeURIComponent(node)}/connect`
  await post(jenkins, path, { 'x-agent-secret': jenkins.secretOf(node) }, '', 200)
}

async function post(
  jenkins: EmbeddedJenkins,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  expected: number,
): Promise<void> {
  const { status } = await jenkins.handler({
    method: 'POST',
    path,
    headers: { host: 'localhost', ...headers },
    body: Buffer.from(body),
    signal: new AbortController().signal,
    remote: '127.0.0.1:1',
  })
  if (status !== expected) throw new Error(`the embedded Jenkins answered ${status} to POST ${path}`)
}
