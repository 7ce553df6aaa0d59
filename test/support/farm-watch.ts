import { Checker, type Violation } from '../checker/checker.ts'
import type { JenkinsSide, SeenCaps, Systems } from '../checker/scene.ts'

/** What is watched. */
export interface WatchedFarm extends Omit<Systems, 'jenkins' | 'caps'> {
  readonly jenkins: JenkinsSide
  readonly templates: Readonly<Record<string, WatchedTemplate>>
  /** The total caps that are to hold stand in here. */
  readonly environment: Readonly<Record<string, string>>
}

type Values = { readonly maxAgents?: number; readonly minIdle?: unknown }
type WatchedTemplate = Values & { readonly headroom?: unknown; readonly schedules?: unknown }

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

  constructor({ templates, environment, ...systems }: WatchedFarm) {
    this.checker = new Checker({ ...systems, caps: capsOf(templates, environment) })
    this.peak = this.checker.caps.peak
    this.peakInAll = this.checker.caps.peakInAll
  }

  /** Violations of invariants; what becomes of its builds each test says itself. */
  get violations(): readonly string[] {
    return this.checker.violations.filter(({ invariant }) => invariant > 0).map(showViolation)
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
  return `${new Date(at).toISOString()} ${invariant === 0 ? '' : `invariant ${invariant}: `}${words}`
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
    warm: Object.values(templates).reduce((sum, template) => sum + warmOf(template), 0),
  }
}

/** The most that may be kept idle at times; of headroom it only counts that there is some. */
function warmOf(template: WatchedTemplate): number {
  const most = Math.max(...valuesOf(template).map(({ minIdle }) => Number(minIdle ?? 0)))
  return most + (template.headroom === undefined ? 0 : 1)
}
