import type { WireRange, WireResource } from '../../mesos/protocol.ts'

/**
 * Resource maths of the embedded master: scalars in thousandths (Mesos computes with three decimals), ranges with
 * both ends. Its own, on purpose: a simulator that shared the program's maths would share its mistakes.
 */
export interface Entry {
  readonly name: string
  /** The role it is reserved for, `undefined` for unreserved. */
  readonly reservedFor: string | undefined
  /** The role it is allocated to; `undefined` for what a host has. */
  readonly allocatedTo: string | undefined
  readonly amount: Amount
}

type Amount =
  | { readonly kind: 'scalar'; readonly milli: number }
  | { readonly kind: 'ranges'; readonly ranges: readonly WireRange[] }
  | { readonly kind: 'set'; readonly items: readonly string[] }

export type Pool = readonly Entry[]

export class InvalidResource extends Error {
  override readonly name = 'InvalidResource'
}

/**
 * Reads resources in either reservation format; what carries no role yet is allocated to `allocateTo`.
 * An exact 0 is dropped, as Mesos does.
 * @throws {InvalidResource} in Mesos' words, for a scalar that is negative or rounds to 0
 */
export function fromWire(resources: readonly WireResource[], allocateTo?: string): Pool {
  let pool: Pool = []
  for (const resource of resources) {
    const reservation = resource.reservations?.at(-1)?.role ?? resource.role
    const entry: Entry = {
      name: resource.name,
      reservedFor: reservation === undefined || reservation === '*' ? undefined : reservation,
      allocatedTo: resource.allocation_info?.role ?? allocateTo,
      amount: amountOf(resource),
    }
    pool = add(pool, [entry])
  }
  return pool
}

function amountOf(resource: WireResource): Amount {
  if (resource.type === 'RANGES') return { kind: 'ranges', ranges: joined(resource.ranges?.range ?? []) }
  if (resource.type === 'SET') return { kind: 'set', items: [...new Set(resource.set?.item ?? [])] }
  const value = resource.scalar?.value ?? 0
  const milli = Math.round(value * 1000)
  if (value !== 0 && milli <= 0) {
    throw new InvalidResource(
      `Resource '${resource.name}:${decimal(milli)}' is invalid: Invalid scalar resource: value <= 0`,
    )
  }
  return { kind: 'scalar', milli }
}

export function allocate(pool: Pool, role: string): Pool {
  return pool.map((entry) => ({ ...entry, allocatedTo: role }))
}

export function unallocate(pool: Pool): Pool {
  return pool.map((entry) => ({ ...entry, allocatedTo: undefined }))
}

export function add(left: Pool, right: Pool): Pool {
  const sum = [...left]
  for (const entry of right) {
    const at = sum.findIndex((other) => same(other, entry))
    const found = sum[at]
    if (found === undefined) sum.push(entry)
    else sum[at] = { ...found, amount: plus(found.amount, entry.amount) }
  }
  return sum.filter((entry) => !isNothing(entry.amount))
}

/** What of `left` is not in `right`; never less than nothing. */
export function subtract(left: Pool, right: Pool): Pool {
  const rest = [...left]
  for (const entry of right) {
    const at = rest.findIndex((other) => same(other, entry))
    const found = rest[at]
    if (found !== undefined) rest[at] = { ...found, amount: minus(found.amount, entry.amount) }
  }
  return rest.filter((entry) => !isNothing(entry.amount))
}

export function contains(whole: Pool, part: Pool): boolean {
  return subtract(part, whole).length === 0
}

export function isEmpty(pool: Pool): boolean {
  return pool.length === 0
}

/** Thousandths of one scalar, all reservations together. */
export function scalar(pool: Pool, name: string): number {
  return pool.reduce(
    (sum, entry) => (entry.name === name && entry.amount.kind === 'scalar' ? sum + entry.amount.milli : sum),
    0,
  )
}

export function rangesOf(pool: Pool, name: string): readonly WireRange[] {
  return joined(
    pool.flatMap((entry) => (entry.name === name && entry.amount.kind === 'ranges' ? entry.amount.ranges : [])),
  )
}

export type Format = 'refined' | 'plain' | 'agent'

/** As a framework with (`refined`) or without RESERVATION_REFINEMENT, or Mesos' own lists (`agent`) show it. */
export function toWire(pool: Pool, format: Format, withAllocation = true): WireResource[] {
  const ordered = format === 'agent' ? pool : inMesosOrder(pool)
  return ordered.map(({ name, reservedFor, allocatedTo, amount }) => ({
    name,
    ...value(amount),
    ...(format === 'refined' ? {} : { role: reservedFor ?? '*' }),
    ...(allocatedTo === undefined || !withAllocation ? {} : { allocation_info: { role: allocatedTo } }),
    ...(format === 'refined' && reservedFor !== undefined
      ? { reservations: [{ type: 'STATIC', role: reservedFor }] }
      : {}),
  }))
}

/** `cpus(allocated: ci):0.5; mem(allocated: ci):64`: as error messages have it. */
export function toText(pool: Pool): string {
  return pool
    .map(({ name, reservedFor, allocatedTo, amount }) => {
      const allocated = allocatedTo === undefined ? '' : `(allocated: ${allocatedTo})`
      const reserved = reservedFor === undefined ? '' : `(reservations: [(STATIC,${reservedFor})])`
      return `${name}${allocated}${reserved}:${amountText(amount)}`
    })
    .join('; ')
}

export function rangesText(ranges: readonly WireRange[]): string {
  return `[${ranges.map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`
}

/** The allocator offers unreserved ranges first, then what is reserved, then unreserved scalars. */
export function inMesosOrder(pool: Pool): Pool {
  const rank = (entry: Entry): number => {
    if (entry.reservedFor !== undefined) return 1
    return entry.amount.kind === 'scalar' ? 2 : 0
  }
  return [...pool].sort((a, b) => rank(a) - rank(b))
}

function same(a: Entry, b: Entry): boolean {
  return (
    a.name === b.name &&
    a.reservedFor === b.reservedFor &&
    a.allocatedTo === b.allocatedTo &&
    a.amount.kind === b.amount.kind
  )
}

function value(amount: Amount): Pick<WireResource, 'type' | 'scalar' | 'ranges' | 'set'> {
  switch (amount.kind) {
    case 'scalar':
      return { type: 'SCALAR', scalar: { value: amount.milli / 1000 } }
    case 'ranges':
      return { type: 'RANGES', ranges: { range: amount.ranges } }
    case 'set':
      return { type: 'SET', set: { item: amount.items } }
  }
}

function amountText(amount: Amount): string {
  switch (amount.kind) {
    case 'scalar':
      return decimal(amount.milli)
    case 'ranges':
      return rangesText(amount.ranges)
    case 'set':
      return `{${amount.items.join(', ')}}`
  }
}

function decimal(milli: number): string {
  return String((milli === 0 ? 0 : milli) / 1000)
}

function isNothing(amount: Amount): boolean {
  switch (amount.kind) {
    case 'scalar':
      return amount.milli <= 0
    case 'ranges':
      return amount.ranges.length === 0
    case 'set':
      return amount.items.length === 0
  }
}

function plus(a: Amount, b: Amount): Amount {
  if (a.kind === 'scalar' && b.kind === 'scalar') return { kind: 'scalar', milli: a.milli + b.milli }
  if (a.kind === 'ranges' && b.kind === 'ranges') return { kind: 'ranges', ranges: joined([...a.ranges, ...b.ranges]) }
  if (a.kind === 'set' && b.kind === 'set') return { kind: 'set', items: [...new Set([...a.items, ...b.items])] }
  return a
}

function minus(a: Amount, b: Amount): Amount {
  if (a.kind === 'scalar' && b.kind === 'scalar') return { kind: 'scalar', milli: a.milli - b.milli }
  if (a.kind === 'ranges' && b.kind === 'ranges') return { kind: 'ranges', ranges: without(a.ranges, b.ranges) }
  if (a.kind === 'set' && b.kind === 'set') {
    return { kind: 'set', items: a.items.filter((item) => !b.items.includes(item)) }
  }
  return a
}

/** Sorted, overlapping and neighbouring ranges made one. */
function joined(ranges: readonly WireRange[]): WireRange[] {
  const sorted = ranges.filter(({ begin, end }) => begin <= end).sort((a, b) => a.begin - b.begin)
  const result: WireRange[] = []
  for (const range of sorted) {
    const last = result.at(-1)
    if (last !== undefined && range.begin <= last.end + 1) {
      result[result.length - 1] = { begin: last.begin, end: Math.max(last.end, range.end) }
    } else result.push({ begin: range.begin, end: range.end })
  }
  return result
}

function without(ranges: readonly WireRange[], taken: readonly WireRange[]): WireRange[] {
  let rest = [...ranges]
  for (const { begin, end } of taken) {
    rest = rest.flatMap((range) => {
      if (end < range.begin || begin > range.end) return [range]
      return [
        { begin: range.begin, end: begin - 1 },
        { begin: end + 1, end: range.end },
      ].filter((part) => part.begin <= part.end)
    })
  }
  return rest
}
