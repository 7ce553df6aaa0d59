/** What a figure is held against. */
export type Target = { readonly atMost: number } | { readonly atLeast: number }

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** `undefined`: told for its own sake. */
  readonly target: Target | undefined
}

export interface Benchmark {
  readonly name: string
  readonly run: () => Promise<readonly Figure[]>
}

export function isOk({ value, target }: Figure): boolean {
  if (target === undefined) return true
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}

export function showTarget(target: Target | undefined): string {
  if (target === undefined) return ''
  return 'atMost' in target ? `<= ${round(target.atMost)}` : `>= ${round(target.atLeast)}`
}

/** Three digits that count. */
export function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}

/** @throws on an empty list: nothing was measured */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined) throw new Error('no median of nothing')
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/**
 * What `work` costs in milliseconds of CPU, all threads of this process together: what it would take on one core that
 * it has for itself, whatever else this machine is doing. Garbage is collected when it comes, as in the program.
 */
function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('benchmarks need node --expose-gc: use npm run bench')
  globalThis.gc()
}

/** Medians of several kinds of work, measured in turn so that a busy machine is as hard on one as on the other. */
export function interleaved<K extends string>(
  repetitions: number,
  work: Readonly<Record<K, () => unknown>>,
  warmUps = 3,
): Readonly<Record<K, number>> {
  const names = Object.keys(work) as K[]
  const times = new Map<K, number[]>(names.map((name) => [name, []]))
  for (let turn = -warmUps; turn < repetitions; turn++) {
    for (const name of names) {
      const ms = cpuMs(work[name])
      if (turn >= 0) times.get(name)?.push(ms)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<K, number>
}
