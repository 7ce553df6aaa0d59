import { gunzipSync } from 'node:zlib'
import { codeOf } from '../../core/code-of.ts'
import type { HttpRequest } from '../http.ts'
import { CALL, type CallType } from './call-schema.ts'
import { ConversionError, convert, type Message } from './json-proto.ts'
import { parseJson } from './json-text.ts'
import type { ReceivedCall } from './received.ts'

export interface Refusal {
  readonly status: number
  readonly text: string
}

/** Content type, JSON, conversion: what comes before the call itself is looked at. */
export function readBody(request: HttpRequest, message: Message, name: string): { readonly value: unknown } | Refusal {
  const type = request.headers['content-type']
  if (type === undefined) return { status: 400, text: "Expecting 'Content-Type' to be present" }
  if (type === 'application/x-protobuf') return { status: 400, text: `Failed to parse body into ${name} protobuf` }
  if (type !== 'application/json') {
    return { status: 415, text: "Expecting 'Content-Type' of application/json or application/x-protobuf" }
  }
  const body = unzipped(request)
  if (body === undefined) return { status: 400, text: 'Failed to decompress request body' }
  const parsed = parseJson(body.toString('utf8'))
  if ('error' in parsed) return { status: 400, text: `Failed to parse body into JSON: ${parsed.error}` }
  try {
    return { value: convert(message, parsed.value) }
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error
    return { status: 400, text: `Failed to convert JSON into ${name} protobuf: ${error.message}` }
  }
}

function unzipped({ headers, body }: HttpRequest): Buffer | undefined {
  if (headers['content-encoding'] !== 'gzip') return body
  try {
    return gunzipSync(body)
  } catch (error) {
    // What zlib throws carries a code; anything else is a mistake of ours.
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}

export function readCall(request: HttpRequest): { readonly value: ReceivedCall & { type: CallType } } | Refusal {
  const read = readBody(request, CALL, 'Call')
  if ('status' in read) return read
  const call = read.value as ReceivedCall
  const wrong = validate(call)
  if (wrong !== undefined) return { status: 400, text: `Failed to validate scheduler::Call: ${wrong}` }
  return { value: { ...call, type: call.type ?? 'UNKNOWN' } }
}

const WITHOUT_BODY: readonly CallType[] = ['UNKNOWN', 'TEARDOWN', 'REVIVE', 'SUPPRESS']

function validate(call: ReceivedCall): string | undefined {
  const { type } = call
  if (type === undefined) return "Expecting 'type' to be present"
  const body = type.toLowerCase()
  const missing = WITHOUT_BODY.includes(type) || body in call ? undefined : `Expecting '${body}' to be present`
  if (type === 'SUBSCRIBE') {
    if (missing !== undefined) return missing
    const inside = call.subscribe?.framework_info.id?.value
    return inside === call.framework_id?.value ? undefined : "'framework_id' differs from 'subscribe.framework_info.id'"
  }
  if (call.framework_id === undefined) return "Expecting 'framework_id' to be present"
  if (missing !== undefined) return missing
  if (type === 'UPDATE_FRAMEWORK' && call.update_framework?.framework_info.id?.value !== call.framework_id.value) {
    return "'framework_id' differs from 'update_framework.framework_info.id'"
  }
  if (type === 'ACKNOWLEDGE') {
    const uuid = Buffer.from(call.acknowledge?.uuid ?? '', 'base64')
    if (uuid.length !== 16 || uuid.every((byte) => byte === 0)) return 'Not a valid UUID'
  }
  return undefined
}

const ACCEPTED = ['application/json', 'application/*', '*/*', '*']

/** Whether an `Accept` header lets JSON through; none does. */
export function acceptsJson(accept: string | undefined): boolean {
  return accept === undefined || accept.split(',').some((part) => ACCEPTED.includes(part.split(';')[0]?.trim() ?? ''))
}
