import { createServer, type IncomingMessage, type Server } from 'node:http'

export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One request as it came. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: unknown
}

type Handler = (request: Seen) => Reply | 'cut' | undefined

/**
 * A Marathon with one pod or app, which deploys as told: each deployment is listed so many times before it is gone.
 * `before` answers first, for faults. Only the wire is Marathon's: no rules, no Mesos.
 */
export class MarathonStub {
  readonly seen: Seen[] = []
  stored: Record<string, unknown> | undefined
  /** How often a deployment is still listed. */
  listed = 2
  before: Handler = () => undefined
  /** In the answer of `::status`. */
  status: Record<string, unknown> = { status: 'STABLE', instances: [{ status: 'STABLE' }] }
  readonly #server: Server
  readonly #isApp: boolean
  #count = 0
  #left = 0

  private constructor(server: Server, isApp: boolean) {
    this.#server = server
    this.#isApp = isApp
  }

  static async start(kind: 'pod' | 'app' = 'pod'): Promise<MarathonStub> {
    const server = createServer()
    const stub = new MarathonStub(server, kind === 'app')
    server.on('request', (request, response) => {
      void bodyOf(request).then((body) => {
        const seen = {
          method: request.method ?? '',
          path: request.url ?? '',
          authorization: request.headers.authorization,
          body,
        }
        stub.seen.push(seen)
        const reply = stub.before(seen) ?? stub.#answer(seen)
        if (reply === 'cut') return request.socket.destroy()
        const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {})
        response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
        return response.end(text)
      })
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    return stub
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return `http://127.0.0.1:${address.port}`
  }

  get puts(): readonly Seen[] {
    return this.seen.filter(({ method }) => method === 'PUT')
  }

  /** Under way without anybody's call. */
  deploying(times: number): void {
    this.#count++
    this.#left = times
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }

  #answer({ method, path, body }: Seen): Reply {
    const id = `deployment-${this.#count}`
    const [bare = ''] = path.split('?')
    const own = this.#isApp ? '/v2/apps/' : '/v2/pods/'
    if (method === 'HEAD') return { status: 200 }
    if (bare === '/v2/deployments') return { status: 200, body: this.#left-- > 0 ? [this.#deployment(id)] : [] }
    if (!bare.startsWith(own)) return { status: 404, body: { message: 'not here' } }
    if (method === 'PUT') return this.#put(body as Record<string, unknown>)
    if (this.stored === undefined) return { status: 404, body: { message: 'does not exist' } }
    if (bare.endsWith('::status')) return { status: 200, body: this.status }
    return { status: 200, body: this.#isApp ? { app: { ...this.stored, ...this.status } } : this.stored }
  }

  #put(body: Record<string, unknown>): Reply {
    this.#count++
    this.#left = this.listed
    const created = this.stored === undefined && this.#isApp
    this.stored = { ...body, version: '2026-11-28T02:00:00.000Z', role: '*' }
    const deploymentId = `deployment-${this.#count}`
    if (this.#isApp) return { status: created ? 201 : 200, body: { version: '', deploymentId } }
    return { status: 200, body: this.stored, headers: { 'Marathon-Deployment-Id': deploymentId } }
  }

  #deployment(id: string): unknown {
    const affected = [this.stored?.['id'] ?? '/ci/jenkins']
    return {
      id,
      version: new Date(Date.now() - 42_000).toISOString(),
      affectedApps: this.#isApp ? affected : [],
      affectedPods: this.#isApp ? [] : affected,
      currentActions: [{ action: this.#isApp ? 'StartApplication' : 'StartPod' }],
      currentStep: 1,
      totalSteps: 2,
      steps: [],
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}
