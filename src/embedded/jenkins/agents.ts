import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Cancel, Clock } from '../../core/clock.ts'
import type { Instant } from '../../core/model.ts'
import type { HttpRequest, HttpResponse } from '../http.ts'
import type { Order, Report } from './demo-agent.ts'
import { Outbox } from './outbox.ts'
import { empty, text } from './pages.ts'

export interface AgentsOptions {
  readonly clock: Clock
  /** The key of all node secrets. */
  readonly secretKey: string
  readonly random: (bytes: number) => string
  /** Whether an agent may connect as this node: `undefined` where it may, else why not. */
  readonly admit: (name: string) => string | undefined
  readonly connected: (name: string) => void
  /** The connection is gone, whoever ended it. */
  readonly gone: (name: string) => void
  readonly console: (build: string, text: string) => void
  readonly ended: (build: string, exitCode: number) => void
  /** A silent agent is asked this often, [300 s]. */
  readonly pingIntervalMs: number
  /** And has this long to answer, [240 s]. */
  readonly pingTimeoutMs: number
}

interface Link {
  readonly id: string
  readonly outbox: Outbox
  cancelPing: Cancel
  pingedAt: Instant | undefined
}

/**
 * The connections of the demo agents: one streamed answer each, with orders for the agent, and a request for each of
 * its reports. A frozen agent keeps its connection until a ping has gone unanswered, as with Jenkins.
 */
export class Agents {
  readonly #options: AgentsOptions
  readonly #links = new Map<string, Link>()

  constructor(options: AgentsOptions) {
    this.#options = options
  }

  /** Depends on controller and name alone: a node that is made again has the same. 64 hex digits. */
  secretOf(name: string): string {
    return createHmac('sha256', this.#options.secretKey).update(name).digest('hex')
  }

  /** `/embedded-agent/NAME/connect` and `/embedded-agent/NAME/report?connection=ID`. */
  handle(name: string, action: string, query: URLSearchParams, request: HttpRequest): HttpResponse {
    if (request.method !== 'POST') return refusal(405, 'POST only')
    const given = Buffer.from(request.headers['x-agent-secret'] ?? '')
    const secret = Buffer.from(this.secretOf(name))
    if (given.length !== secret.length || !timingSafeEqual(given, secret)) return refusal(403, 'Authorization failure')
    if (action === 'connect') return this.#connect(name, request)
    if (action === 'report') return this.#report(name, query.get('connection'), request)
    return refusal(404, `no such action: ${action}`)
  }

  /** @returns whether there was somebody to tell */
  send(name: string, order: Order): boolean {
    const link = this.#links.get(name)
    if (link === undefined) return false
    link.outbox.push(Buffer.from(`${JSON.stringify(order)}\n`))
    return true
  }

  /** Tells the agent to go; it will try again unless it was started with `-noReconnect`. */
  close(name: string, why: string): void {
    if (!this.send(name, { kind: 'close', why })) return
    const link = this.#links.get(name)
    this.#drop(name, link)
    link?.outbox.end()
  }

  /** The controller stops: every stream breaks off. */
  breakAll(why: Error): void {
    for (const [name, link] of this.#links) {
      this.#drop(name, link)
      link.outbox.fail(why)
    }
  }

  #connect(name: string, request: HttpRequest): HttpResponse {
    if (this.#links.has(name))
      return refusal(409, `${name} is already connected to this controller. Rejecting this connection.`)
    const refused = this.#options.admit(name)
    if (refused !== undefined) return refusal(404, refused)
    const id = this.#options.random(8)
    const outbox = new Outbox(() => {
      this.#drop(name, link)
    })
    const link: Link = { id, outbox, cancelPing: () => undefined, pingedAt: undefined }
    this.#links.set(name, link)
    request.signal.addEventListener('abort', () => {
      this.#drop(name, link)
      outbox.end()
    })
    this.send(name, { kind: 'welcome', connection: id })
    this.#schedulePing(name, link)
    this.#options.connected(name)
    return { status: 200, headers: [['Content-Type', 'application/x-ndjson']], body: outbox }
  }

  #report(name: string, connection: string | null, request: HttpRequest): HttpResponse {
    const link = this.#links.get(name)
    if (link === undefined || link.id !== connection) return refusal(410, 'this connection is gone')
    const report = JSON.parse(request.body.toString()) as Report
    switch (report.kind) {
      case 'pong':
        link.pingedAt = undefined
        this.#schedulePing(name, link)
        break
      case 'console':
        this.#options.console(report.build, report.text)
        break
      case 'ended':
        this.#options.ended(report.build, report.exitCode)
        break
    }
    return empty(204)
  }

  #schedulePing(name: string, link: Link): void {
    link.cancelPing()
    link.cancelPing = this.#options.clock.timer(this.#options.pingIntervalMs, () => {
      link.pingedAt = this.#options.clock.now()
      this.send(name, { kind: 'ping' })
      link.cancelPing = this.#options.clock.timer(this.#options.pingTimeoutMs, () => {
        this.#drop(name, link)
        link.outbox.fail(new Error('Ping timed out'))
      })
    })
  }

  #drop(name: string, link: Link | undefined): void {
    if (link === undefined || this.#links.get(name) !== link) return
    link.cancelPing()
    this.#links.delete(name)
    this.#options.gone(name)
  }
}

function refusal(status: number, why: string): HttpResponse {
  return { ...text(`${why}\n`, 'text/plain;charset=utf-8'), status }
}
