/**
 * Scalars by name in thousandths, as Mesos counts them: `{ cpus: 500, mem: 1_024_000 }` is half a CPU and 1024 MiB.
 * Whole numbers only, so sums never drift. `mem` and `disk` are MiB. A name that is absent is zero.
 */
export type Resources = Readonly<Record<string, number>>

/** From a decimal as written by people or sent by Mesos; rounded to the nearest thousandth. */
export function toMilli(value: number): number {
  return Math.round(value * 1000)
}

export function fromMilli(milli: number): number {
  return milli / 1000
}

/** Names are the operators' choice: one may be called like something that every object inherits. */
export function amount(resources: Resources, name: string): number {
  return Object.hasOwn(resources, name) ? (resources[name] ?? 0) : 0
}

export function plus(a: Resources, b: Resources): Resources {
  const added = Object.entries(b).map(([name, milli]): [string, number] => [name, amount(a, name) + milli])
  return { ...a, ...Object.fromEntries(added) }
}

/** What is left; a scalar may become negative, the caller asks `fits` first. */
export function minus(a: Resources, b: Resources): Resources {
  const left = Object.entries(b).map(([name, milli]): [string, number] => [name, amount(a, name) - milli])
  return { ...a, ...Object.fromEntries(left) }
}

export interface Shortage {
  readonly name: string
  /** Thousandths. */
  readonly needed: number
  /** Thousandths. */
  readonly available: number
}

/** Every scalar of which there is less than needed; empty where `needed` fits. */
export function shortages(needed: Resources, available: Resources): readonly Shortage[] {
  return Object.entries(needed)
    .filter(([name, milli]) => milli > amount(available, name))
    .map(([name, milli]) => ({ name, needed: milli, available: amount(available, name) }))
}

export function fits(needed: Resources, available: Resources): boolean {
  for (const name in needed) if (amount(needed, name) > amount(available, name)) return false
  return true
}

/** `cpus 0.5, mem 1024 MiB`: for reasons that people read. */
export function show(resources: Resources): string {
  const parts = Object.entries(resources)
    .filter(([, milli]) => milli !== 0)
    .map(([name, milli]) => showScalar(name, milli))
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

export function showScalar(name: string, milli: number): string {
  return `${name} ${fromMilli(milli)}${name === 'mem' || name === 'disk' ? ' MiB' : ''}`
}
