import type { HttpHandler, HttpRequest } from '../../src/embedded/http.ts'

/** In a request's headers: which sidecar sent it. Agents and people send none. */
export const WHO_HEADER = 'x-sidecar'
/** The same request arrives once more, by no doing of its sender. */
export const AGAIN_HEADER = 'x-again'

/** When its sender let it go, by a clock that nobody sets: it may be long on its way. */
export const SENT_HEADER = 'x-sent'

/** A request of a sidecar that changes something. */
export interface WireRequest {
  readonly who: string
  readonly sentAt: number | undefined
  readonly again: boolean
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Of the node that the path names. */
  readonly node: string | undefined
  /** What is done there: `doDelete`, `doCreateItem`, `toggleOffline` … */
  readonly action: string
  readonly call: SchedulerCall | undefined
}

/** A call to the master as far as a rule asks for it. */
export interface SchedulerCall {
  readonly type: string
  readonly accept?: { readonly offer_ids?: readonly Id[]; readonly operations?: readonly Operation[] }
  readonly decline?: { readonly offer_ids?: readonly Id[] }
  readonly kill?: { readonly task_id: Id }
  readonly acknowledge?: { readonly task_id: Id; readonly uuid: string }
}

interface Id {
  readonly value: string
}

interface Operation {
  readonly launch?: { readonly task_infos: readonly LaunchedTask[] }
}

export interface LaunchedTask {
  readonly task_id: Id
  readonly resources: readonly { readonly name: string; readonly scalar?: { readonly value: number } }[]
}

/** An event on a subscription. */
export interface Told {
  readonly who: string
  readonly type: string
  readonly offers?: { readonly offers: readonly { readonly id: Id }[] }
  readonly rescind?: { readonly offer_id: Id }
  readonly update?: { readonly status: ToldStatus }
  readonly error?: { readonly message: string }
}

export interface ToldStatus {
  readonly task_id: Id
  readonly state: string
  readonly uuid?: string
}

/** Who listens on the wire. */
export interface Listener {
  readonly request: (request: WireRequest) => void
  readonly told: (told: Told) => void
  readonly streamEnded: (who: string) => void
  /** Everything that a sidecar asked, looks included, with the status of the answer. */
  readonly exchange: (who: string, words: string, status: number) => void
}

/** Listens to what sidecars say to a server and, on a subscription, to what they are told. */
export function tapped(handler: HttpHandler, listening: () => Listener): HttpHandler {
  return async (request) => {
    const who = request.headers[WHO_HEADER]
    if (who === undefined) return handler(request)
    const listener = listening()
    const read = readRequest(request, who)
    if (read !== undefined) listener.request(read)
    const response = await handler(request)
    listener.exchange(who, `${request.method} ${request.path} ${request.body.toString()}`, response.status)
    if (Buffer.isBuffer(response.body)) return response
    return { ...response, body: overheard(response.body, who, listener) }
  }
}

async function* overheard(
  body: AsyncIterable<Uint8Array>,
  who: string,
  listener: Listener,
): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  try {
    for await (const chunk of body) {
      rest = Buffer.concat([rest, chunk])
      for (;;) {
        const line = rest.indexOf('\n')
        const end = line < 0 ? Number.POSITIVE_INFINITY : line + 1 + Number(rest.subarray(0, line).toString())
        if (rest.length < end) break
        listener.told({ who, ...(JSON.parse(rest.subarray(line + 1, end).toString()) as Omit<Told, 'who'>) })
        rest = rest.subarray(end)
      }
      yield chunk
    }
  } finally {
    listener.streamEnded(who)
  }
}

/** @returns nothing for a look */
function readRequest({ method, path: target, headers, body }: HttpRequest, who: string): WireRequest | undefined {
  const path = target.split('?')[0] ?? ''
  const again = headers[AGAIN_HEADER] !== undefined
  const sent = headers[SENT_HEADER]
  const sentAt = sent === undefined ? undefined : Number(sent)
  if (path.endsWith('/api/v1/scheduler')) {
    const call = JSON.parse(body.toString()) as SchedulerCall
    return { who, sentAt, again, method, path, node: undefined, action: call.type, call }
  }
  if (method === 'GET') return undefined
  const [, node, action] = /\/computer\/([^/]+)\/([^/]+)$/.exec(path) ?? []
  if (node !== undefined && action !== undefined) {
    return { who, sentAt, again, method, path, node: decodeURIComponent(node), action, call: undefined }
  }
  const name = path.endsWith('/doCreateItem') ? new URLSearchParams(body.toString()).get('name') : null
  return {
    who,
    sentAt,
    again,
    method,
    path,
    node: name ?? undefined,
    action: path.slice(path.lastIndexOf('/') + 1),
    call: undefined,
  }
}
