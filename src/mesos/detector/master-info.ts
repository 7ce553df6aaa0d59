import { MesosError } from '../errors.ts'

/**
 * Masters make one node each, with a number that counts up: `json.info_0000000003`. What else lies beside them
 * (`log_replicas`) has no number.
 * @returns the name of the node of the master that leads; `undefined`: there is none
 */
export function lowest(names: readonly string[]): string | undefined {
  let first: { readonly name: string; readonly sequence: number } | undefined
  for (const name of names) {
    const digits = /_(\d+)$/.exec(name)?.[1]
    if (digits === undefined) continue
    const sequence = Number(digits)
    if (first === undefined || sequence < first.sequence) first = { name, sequence }
  }
  return first?.name
}

/**
 * Reads what a master says about itself. Its field `ip` is a number of uncertain byte order; only `address` is of use.
 * @param node named in the error
 * @returns origin, such as `http://10.0.0.1:5050`
 * @throws MesosError MESOS_MALFORMED
 */
export function originOf(data: Buffer, scheme: 'http' | 'https', node: string): string {
  const address = addressOf(data.toString('utf8'), node)
  const host = text(address, 'hostname') ?? text(address, 'ip')
  const port = address['port']
  if (host === undefined) throw unreadable(node, 'no address.hostname and no address.ip')
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw unreadable(node, 'no address.port')
  }
  const origin = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
  if (!URL.canParse(origin)) throw unreadable(node, `"${host}" is no host`)
  return new URL(origin).origin
}

function addressOf(json: string, node: string): Readonly<Record<string, unknown>> {
  const info = parse(json, node)
  const address = isObject(info) ? info['address'] : undefined
  if (!isObject(address)) throw unreadable(node, 'no "address"')
  return address
}

function parse(json: string, node: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw unreadable(node, 'no JSON, as Mesos writes it from 0.24 on', error)
  }
}

function text(object: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = object[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unreadable(node: string, why: string, cause?: unknown): MesosError {
  return new MesosError('MESOS_MALFORMED', `what the leading Mesos master wrote to ${node} cannot be read: ${why}`, {
    cause,
  })
}
