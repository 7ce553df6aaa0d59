import { readFileSync } from 'node:fs'
import { MockAgent } from 'undici'
import { Jenkins, type JenkinsOptions } from '../../src/jenkins/jenkins.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** One exchange with a real Jenkins, as recorded. */
export interface Recorded {
  readonly name: string
  readonly request: { readonly method: string; readonly path: string; readonly body?: string | null }
  readonly response: {
    readonly status: number
    readonly headers: readonly (readonly [string, string])[]
    readonly body?: string | null
    readonly bodyBase64?: string
    readonly json?: unknown
  }
}

export function recorded(name: string): Recorded {
  return fixture(name) as Recorded
}

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/jenkins/${name}.json`, import.meta.url), 'utf8'))
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Buffer
}

export function answerOf(name: string): Answer {
  const { response } = recorded(name)
  const headers: Record<string, string | string[]> = {}
  for (const [key, value] of response.headers) {
    const lower = key.toLowerCase()
    if (lower === 'content-length' || lower === 'transfer-encoding') continue
    const before = headers[lower]
    headers[lower] = before === undefined ? value : [before, value].flat()
  }
  const body = response.bodyBase64 === undefined ? (response.body ?? '') : Buffer.from(response.bodyBase64, 'base64')
  return { status: response.status, headers, body }
}

/** The recordings come from several runs of the controller: as if all were from one. */
export function inOneSession(name: string): Answer {
  const answer = answerOf(name)
  const session = TODAY['x-jenkins-session']
  return answer.headers?.['x-jenkins-session'] === undefined || session === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'x-jenkins-session': session } }
}

export function jsonAnswer(json: unknown, headers: Readonly<Record<string, string>> = TODAY): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
    body: JSON.stringify(json),
  }
}

export const TODAY: Readonly<Record<string, string>> = { 'x-jenkins': '2.541.3', 'x-jenkins-session': '9e89efe9' }

export interface Seen {
  readonly method: string
  /** Path with query, decoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A Jenkins that follows a script: each line is used once, in order, and unused ones fail the test in `end`. */
export class Script {
  readonly seen: Seen[] = []
  readonly clock = new VirtualClock()
  readonly jenkins: Jenkins
  readonly #agent = new MockAgent()
  readonly #origin: string
  readonly #base: string

  constructor(options: Partial<JenkinsOptions> = {}) {
    const url = options.url ?? new URL('http://ci.test:8080/')
    this.#origin = url.origin
    this.#base = url.pathname
    this.#agent.disableNetConnect()
    this.jenkins = new Jenkins({
      url,
      user: 'sidecar',
      token: 'very-secret-token',
      clock: this.clock,
      dispatcher: this.#agent,
      ...options,
    })
  }

  /** Answers the next request of this method whose path begins so, below the context path. */
  on(method: string, path: string, answer: Answer | string | Error): this {
    const told = typeof answer === 'string' ? inOneSession(answer) : answer
    const intercept = this.#agent.get(this.#origin).intercept({
      method,
      path: (asked) => asked.startsWith(path.startsWith('//') ? path.slice(1) : `${this.#base}${path.slice(1)}`),
    })
    if (told instanceof Error) intercept.replyWithError(told)
    else {
      intercept.reply((request) => {
        this.seen.push({
          method: request.method,
          path: decodeURIComponent(request.path),
          headers: request.headers as Record<string, string>,
          body: typeof request.body === 'string' ? request.body : '',
        })
        return {
          statusCode: told.status,
          data: told.body ?? '',
          responseOptions: { headers: { ...told.headers } },
        }
      })
    }
    return this
  }

  /** The requests that were answered, as `GET /path`, without queries. */
  get requests(): readonly string[] {
    return this.seen.map(({ method, path }) => `${method} ${path.replace(/\?.*$/s, '')}`)
  }

  async end(): Promise<void> {
    try {
      this.#agent.assertNoPendingInterceptors()
    } finally {
      await this.jenkins.close()
    }
  }
}

/** An error as Node makes it for a broken connection. */
export function broken(code: string): Error {
  return Object.assign(new Error(`broken by ${code}`), { code })
}

/** A computer that was asked for everything; `told` is laid over it. */
export function computer(told: object = {}): object {
  return {
    _class: 'hudson.slaves.SlaveComputer',
    assignedLabels: [{ name: 'agent-1' }, { name: 'linux' }],
    description: '',
    displayName: 'agent-1',
    executors: [{ currentExecutable: null, idle: true, number: 0 }],
    idle: true,
    numExecutors: 1,
    offline: false,
    offlineCauseReason: '',
    oneOffExecutors: [],
    temporarilyOffline: false,
    ...told,
  }
}

export const OFFLINE = { offline: true, temporarilyOffline: true, offlineCauseReason: 'jenkins-mesos-sidecar: idle' }
