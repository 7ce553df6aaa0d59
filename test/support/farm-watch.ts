import { Checker, type Violation } from '../checker/checker.ts'
import type { JenkinsSide, SeenCaps, Systems } from '../checker/scene.ts'
import { promisesOf, type WatchedTemplate } from './farm-promises.ts'

/** What is watched. */
export interface WatchedFarm extends Omit<Systems, 'jenkins' | 'caps' | 'promises'> {
  readonly jenkins: JenkinsSide
  /** The clock that sidecars go by. */
  readonly wall: () => number
  readonly attributesOf: (hostname: string) => Readonly<Record<string, string>>
  readonly templates: Readonly<Record<string, WatchedTemplate>>
  /** The total caps that are to hold stand in here. */
  readonly environment: Readonly<Record<string, string>>
}

type Values = Pick<WatchedTemplate, 'maxAgents' | 'minIdle'>

/** Its own values, and those that it has at times. */
function valuesOf({ schedules = [], ...own }: WatchedTemplate): readonly Values[] {
  return [own, ...(schedules as readonly Values[])]
}

/** The checker of a farm: looks at the world after every tick and writes down what must never be. */
export class FarmWatch {
  readonly checker: Checker
  /** The most agents that there were at once, by template. */
  readonly peak: ReadonlyMap<string, number>
  /** The most that all agents had at once, in thousandths; `agents` in whole ones. Counted where a total cap is set. */
  readonly peakInAll: ReadonlyMap<string, number>

  constructor({ templates, environment, wall, attributesOf, ...systems }: WatchedFarm) {
    const promises = { wall, attributesOf, ...promisesOf(templates, environment) }
    this.checker = new Checker({ ...systems, caps: capsOf(templates, environment), promises })
    this.peak = this.checker.caps.peak
    this.peakInAll = this.checker.caps.peakInAll
  }

  /** Violations of invariants; what becomes of its builds each test says itself. */
  get violations(): readonly string[] {
    return this.checker.violations.filter(({ invariant }) => invariant !== 0).map(showViolation)
  }

  /** Offers that are made on a silent subscription are seen by nobody. */
  get silent(): boolean {
    return this.checker.offers.silent
  }

  set silent(silent: boolean) {
    this.checker.offers.silent = silent
  }

  look(): void {
    this.checker.look()
  }
}

export function showViolation({ invariant, at, words }: Violation): string {
  return `${new Date(at).toISOString()} ${invariant > 0 ? `invariant ${invariant}: ` : ''}${words}`
}

function capsOf(templates: WatchedFarm['templates'], environment: WatchedFarm['environment']): SeenCaps {
  const totals = [
    { name: 'MAX_AGENTS', resource: 'agents' },
    { name: 'MAX_CPUS', resource: 'cpus' },
    { name: 'MAX_MEM_MIB', resource: 'mem' },
  ] as const
  return {
    agents: new Map(
      Object.entries(templates).map(([name, template]) => {
        const { maxAgents = 10 } = template
        return [name, Math.max(...valuesOf(template).map((values) => values.maxAgents ?? maxAgents))]
      }),
    ),
    inAll: totals.flatMap((total) =>
      environment[total.name] === undefined ? [] : [{ ...total, most: Number(environment[total.name]) }],
    ),
    ofTemplates: Object.entries(templates).flatMap(([template, { maxCpus, maxMemMib }]) => [
      ...(maxCpus === undefined ? [] : [{ template, name: 'maxCpus', resource: 'cpus' as const, most: maxCpus }]),
      ...(maxMemMib === undefined ? [] : [{ template, name: 'maxMemMib', resource: 'mem' as const, most: maxMemMib }]),
    ]),
    warm: Object.values(templates).reduce((sum, template) => sum + warmOf(template), 0),
  }
}

/** The most that may be kept idle at times; of headroom it only counts that there is some. */
function warmOf(template: WatchedTemplate): number {
  const most = Math.max(...valuesOf(template).map(({ minIdle }) => Number(minIdle ?? 0)))
  return most + (template.headroom === undefined ? 0 : 1)
}
