import type { Clock } from '../../src/core/clock.ts'
import { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'

export const USER = 'sidecar'
export const TOKEN = `11${'c'.repeat(32)}`
const SECRET_KEY = 'a key for benchmarks'

/** An embedded Jenkins with one user, who may do what the sidecar does. */
export async function startJenkins(clock: Clock, url: string): Promise<EmbeddedJenkins> {
  const jenkins = new EmbeddedJenkins({
    clock,
    url,
    security: true,
    users: [{ name: USER, apiToken: TOKEN, permissions: ['Overall/Administer'] }],
    secretKey: SECRET_KEY,
    quietPeriodMs: 0,
    agentProgram: () => Buffer.from('export {}\n'),
  })
  await jenkins.start()
  return jenkins
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
