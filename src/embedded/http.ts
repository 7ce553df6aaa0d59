/**
 * HTTP as the embedded systems see it: a function from a request to an answer. `listen` puts a real server on
 * loopback before it; scenario tests on a virtual clock carry the same exchanges in memory.
 */
export interface HttpRequest {
  readonly method: string
  /** As on the request line, query included: `/queue/api/json?tree=…`. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
  /** Of the other end, for log and `Host`-less answers. */
  readonly remote: string
}

export interface HttpResponse {
  readonly status: number
  readonly reason?: string
  readonly headers: readonly (readonly [string, string])[]
  /** A stream that ends well ends the response; one that throws resets the connection. */
  readonly body: Buffer | AsyncIterable<Uint8Array>
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>
