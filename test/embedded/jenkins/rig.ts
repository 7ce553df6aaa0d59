import { readFileSync } from 'node:fs'
import type { JenkinsUser } from '../../../src/embedded/jenkins/auth.ts'
import type { BuildOrder, Order, Report } from '../../../src/embedded/jenkins/demo-agent.ts'
import { EmbeddedJenkins, type EmbeddedJenkinsOptions } from '../../../src/embedded/jenkins/embedded-jenkins.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

/** A recorded exchange with a real Jenkins. */
export interface Recording {
  readonly name: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: readonly (readonly [string, string])[]
    readonly body?: string | null
  }
  readonly response: {
    readonly status: number
    readonly headers: readonly (readonly [string, string])[]
    readonly body?: string | null
    readonly json?: unknown
  }
}

export function recording(name: string): Recording {
  return JSON.parse(fixture(`${name}.json`)) as Recording
}

export function fixture(file: string): string {
  return readFileSync(new URL(`../../fixtures/jenkins/${file}`, import.meta.url), 'utf8')
}

const SIDECAR = [
  'Overall/Read',
  'Job/Read',
  'Agent/Create',
  'Agent/Connect',
  'Agent/Delete',
  'Agent/Disconnect',
  'Agent/Configure',
] as const

/** The users of the recordings. */
const USERS: readonly JenkinsUser[] = [
  { name: 'admin', apiToken: `11${'a'.repeat(32)}`, password: 'admin', permissions: ['Overall/Administer'] },
  { name: 'viewer', apiToken: `11${'b'.repeat(32)}`, permissions: ['Overall/Read', 'Job/Read'] },
  { name: 'sidecar', apiToken: `11${'c'.repeat(32)}`, password: 'sidecar', permissions: SIDECAR },
]

export interface Answer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly text: string
  readonly json: () => unknown
}

export interface Call {
  readonly user?: string
  readonly password?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An embedded Jenkins on a virtual clock, and hands to use it. */
export class Rig {
  readonly clock = new VirtualClock()
  readonly jenkins: EmbeddedJenkins

  constructor(options: Partial<EmbeddedJenkinsOptions> = {}) {
    let random = 0
    this.jenkins = new EmbeddedJenkins({
      clock: this.clock,
      url: 'http://127.0.0.1:18081/',
      users: USERS,
      security: true,
      secretKey: 'key',
      quietPeriodMs: 0,
      random: (bytes) => (++random).toString(16).padStart(bytes * 2, '0'),
      agentProgram: () => Buffer.from('export function agent() {}\n'),
      ...options,
    })
  }

  static async started(options: Partial<EmbeddedJenkinsOptions> = {}): Promise<Rig> {
    const rig = new Rig(options)
    await rig.jenkins.start()
    return rig
  }

  async call(
    method: string,
    path: string,
    { user = 'admin', password, headers = {}, body = '' }: Call = {},
  ): Promise<Answer> {
    const secret = password ?? USERS.find(({ name }) => name === user)?.apiToken ?? ''
    const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
    return this.send(method, path, user === '' ? headers : { authorization, ...headers }, body)
  }

  async send(method: string, path: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
    const { signal } = new AbortController()
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const answer = await this.jenkins.handler({
      method,
      path,
      headers: { host: '127.0.0.1:18081', ...lower },
      body: Buffer.from(body),
      signal,
      remote: '127.0.0.1',
    })
    if (!Buffer.isBuffer(answer.body)) throw new Error(`${path} answered with a stream`)
    const text = answer.body.toString()
    return {
      status: answer.status,
      header: (wanted) => answer.headers.find(([name]) => name.toLowerCase() === wanted)?.[1],
      text,
      json: () => JSON.parse(text) as unknown,
    }
  }

  /** Sends a recorded request. */
  replay({ request }: Recording, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const recorded = Object.fromEntries(request.headers.filter(([name]) => name !== 'Host'))
    return this.send(request.method, request.path, { ...recorded, ...headers }, request.body ?? '')
  }

  async addNode(name: string, labels = '', more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const json = {
      numExecutors: '1',
      remoteFS: `/srv/agents/${name}`,
      labelString: labels,
      nodeDescription: 'lab agent',
      mode: 'EXCLUSIVE',
      retentionStrategy: { $class: 'hudson.slaves.RetentionStrategy$Always' },
      launcher: { $class: 'hudson.slaves.JNLPLauncher', webSocket: true },
      ...more,
    }
    const form = new URLSearchParams({ name, type: 'hudson.slaves.DumbSlave', json: JSON.stringify(json) })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await this.call('POST', '/computer/doCreateItem', { headers, body: form.toString() })
    if (answer.status !== 302) throw new Error(`node ${name}: ${answer.status} ${answer.text}`)
  }

  async json(path: string, call?: Call): Promise<unknown> {
    return (await this.call('GET', path, call)).json()
  }

  /** The whole `why` of every item, by job. */
  async why(call?: Call): Promise<Record<string, string>> {
    const { items } = (await this.json('/queue/api/json?tree=items[why,task[name]]', call)) as {
      items: { why: string; task: { name: string } }[]
    }
    return Object.fromEntries(items.map(({ why, task }) => [task.name, why]))
  }

  /** Connects as the agent of a node, with nothing but HTTP. */
  async connect(name: string, secret = this.jenkins.secretOf(name)): Promise<AgentHands> {
    const gone = new AbortController()
    const path = `/embedded-agent/${encodeURIComponent(name)}`
    const headers = { 'x-agent-secret': secret }
    const post = (action: string, body: string) =>
      this.jenkins.handler({
        method: 'POST',
        path: `${path}/${action}`,
        headers,
        body: Buffer.from(body),
        signal: gone.signal,
        remote: '127.0.0.1',
      })
    const answer = await post('connect', '')
    if (answer.status !== 200 || Buffer.isBuffer(answer.body)) throw new Error(`refused: ${answer.status}`)
    const hands = new AgentHands(gone, async (id, report) => {
      const { status } = await post(`report?connection=${id}`, JSON.stringify(report))
      if (status !== 204) throw new Error(`report refused: ${status}`)
    })
    void hands.read(answer.body)
    await settle()
    return hands
  }
}

export class AgentHands {
  readonly orders: Order[] = []
  ended: string | undefined
  readonly #gone: AbortController
  readonly #report: (connection: string, report: Report) => Promise<void>

  constructor(gone: AbortController, report: (connection: string, report: Report) => Promise<void>) {
    this.#gone = gone
    this.#report = report
  }

  get builds(): readonly BuildOrder[] {
    return this.orders.filter((order) => order.kind === 'build')
  }

  async read(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of body) this.orders.push(JSON.parse(Buffer.from(chunk).toString()) as Order)
      this.ended = 'end'
    } catch (thrown) {
      this.ended = (thrown as Error).message
    }
  }

  report(report: Report): Promise<void> {
    const welcome = this.orders.find((order) => order.kind === 'welcome')
    return this.#report(welcome?.connection ?? '', report)
  }

  /** The process is killed: its connection breaks. */
  kill(): void {
    this.#gone.abort(new Error('killed'))
  }
}
