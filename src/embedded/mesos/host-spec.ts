import type { WireAttribute, WireRange } from '../../mesos/protocol.ts'
import { add, type Entry, type Pool } from './resources.ts'

/** A machine of the embedded cluster. */
export interface HostSpec {
  readonly hostname: string
  /** `127.0.0.1:5051`: where its endpoints answer, as told in offers. Each host has its own. */
  readonly authority: string
  readonly resources: HostResources & {
    /** By role: what is reserved for it, beside the unreserved part. */
    readonly reserved?: Readonly<Record<string, HostResources>>
  }
  /** As on a Mesos agent's command line: `8` becomes a SCALAR, `[1-10,20-30]` RANGES, the rest TEXT. */
  readonly attributes?: Readonly<Record<string, string>>
  /** Offers say it; hosts of another region than the master's go to frameworks with REGION_AWARE only. */
  readonly faultDomain?: FaultDomain
  /** It has the Docker containerizer: containers go to the task runner instead of failing at once. */
  readonly containers?: boolean
}

export interface FaultDomain {
  readonly region: string
  readonly zone: string
}

interface HostResources {
  readonly cpus?: number
  readonly memMib?: number
  readonly diskMib?: number
  readonly ports?: readonly WireRange[]
  /** Hosts that have some go to frameworks with GPU_RESOURCES only. */
  readonly gpus?: number
  /** Any other amounts, by name. */
  readonly scalars?: Readonly<Record<string, number>>
}

/** Everything the host has, unreserved first, nothing allocated. */
export function totalOf({ resources }: HostSpec): Pool {
  let pool = entries(resources, undefined)
  for (const [role, reserved] of Object.entries(resources.reserved ?? {})) {
    pool = add(pool, entries(reserved, role))
  }
  return pool
}

function entries(
  { cpus, memMib, diskMib, ports, gpus, scalars = {} }: HostResources,
  reservedFor: string | undefined,
): Pool {
  const amounts: readonly (readonly [string, number | undefined])[] = [
    ['cpus', cpus],
    ['mem', memMib],
    ['disk', diskMib],
    ['gpus', gpus],
    ...Object.entries(scalars),
  ]
  const pool: Entry[] = amounts.flatMap(([name, value]) =>
    value === undefined
      ? []
      : [
          {
            name,
            reservedFor,
            allocatedTo: undefined,
            amount: { kind: 'scalar' as const, milli: Math.round(value * 1000) },
          },
        ],
  )
  if (ports !== undefined) {
    pool.push({ name: 'ports', reservedFor, allocatedTo: undefined, amount: { kind: 'ranges', ranges: ports } })
  }
  return add([], pool)
}

export function attributesOf({ attributes = {} }: HostSpec): WireAttribute[] {
  return Object.entries(attributes).map(([name, text]) => {
    if (/^\d+(?:\.\d+)?$/.test(text)) return { name, type: 'SCALAR', scalar: { value: Number(text) } }
    const ranges = /^\[(.*)\]$/.exec(text)?.[1]
    if (ranges !== undefined && /^\s*\d+-\d+\s*(?:,\s*\d+-\d+\s*)*$/.test(ranges)) {
      const range = ranges.split(',').map((part) => {
        const [begin = 0, end = 0] = part.split('-').map(Number)
        return { begin, end }
      })
      return { name, type: 'RANGES', ranges: { range } }
    }
    return { name, type: 'TEXT', text: { value: text.replaceAll(/\s/g, '') } }
  })
}

export interface Address {
  readonly hostname: string
  readonly ip: string
  readonly port: number
}

/** @throws {Error} where there is no port */
export function addressOf(authority: string): Address {
  const match = /^(.+):(\d+)$/.exec(authority)
  const [, name, port] = match ?? []
  if (name === undefined || port === undefined) {
    throw new Error(`'${authority}' is no authority of an embedded host or master: write host:port`)
  }
  return { hostname: name, ip: /^[\d.]+$/.test(name) ? name : '127.0.0.1', port: Number(port) }
}
