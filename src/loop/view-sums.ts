import type { AgentView } from './view-types.ts'

/** What agents were given and use, in CPUs and MiB. */
export interface Sums {
  readonly agents: number
  readonly givenCpus: number
  readonly givenMemMib: number
  /** Of those whose hosts tell; `undefined`: none does. */
  readonly usedCpus: number | undefined
  readonly usedMemMib: number | undefined
}

export const NO_AGENTS: Sums = { agents: 0, givenCpus: 0, givenMemMib: 0, usedCpus: undefined, usedMemMib: undefined }

const MIB = 1024 * 1024

/** Adds agents up by some key of theirs. */
export function sumsBy(
  agents: readonly AgentView[],
  keyOf: (agent: AgentView) => string | undefined,
): ReadonlyMap<string, Sums> {
  const groups = new Map<string, AgentView[]>()
  for (const agent of agents) {
    const key = keyOf(agent)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [agent])
    else group.push(agent)
  }
  return new Map([...groups].map(([key, group]) => [key, sumOf(group)]))
}

export function sumOf(agents: readonly AgentView[]): Sums {
  return {
    agents: agents.length,
    givenCpus: exact(agents.reduce((sum, { cpus }) => sum + cpus, 0)),
    givenMemMib: exact(agents.reduce((sum, { memMib }) => sum + memMib, 0)),
    usedCpus: totalOf(agents.map(({ usedCpus }) => usedCpus)),
    usedMemMib: totalOf(agents.map(({ usage }) => toMib(usage?.memRssBytes))),
  }
}

function toMib(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / MIB
}

function totalOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : exact(known.reduce((sum, value) => sum + value, 0))
}

/** Mesos counts in thousandths: without what binary fractions add. */
function exact(value: number): number {
  return Math.round(value * 1000) / 1000
}
