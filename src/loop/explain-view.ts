import { Explainer } from '../core/explain-report.ts'
import type { Instant } from '../core/model.ts'
import type { DryRunReport } from './dry-run-ledger.ts'
import type { World } from './world.ts'

/** What `/api/v1/explain` answers from. */
export interface Explanations {
  readonly now: Instant
  /** `undefined`: no round has ended here. */
  readonly explainer: Explainer | undefined
  /** Why less is known than there could be, or why nothing is taken away; `undefined` where nothing stands in the way. */
  readonly held: string | undefined
  readonly problems: readonly string[]
  /** Of a dry run. */
  readonly dryRun: DryRunSource | undefined
}

interface DryRunSource {
  readonly words: string
  readonly report: DryRunReport
}

/** Of an instance that acts, or would. Cheap: what nobody asks for is not worked out. */
export function explanationsOf(world: World, now: Instant, dryRun: DryRunSource | undefined): Explanations {
  const { lastPlan: plan, lastSnapshot: snapshot } = world
  if (plan === undefined || snapshot === undefined) {
    return { now, explainer: undefined, held: world.jenkins.error ?? 'no round has ended yet', problems: [], dryRun }
  }
  const { reading } = world.jenkins
  const explainer = new Explainer({ snapshot, plan, records: world.records, reading, now })
  const { held, problems } = plan.explanation
  return { now, explainer, held: world.jenkins.error ?? held, problems, dryRun }
}

/** Of an instance that does not act: it looks at nothing. */
export function nothingExplained(now: Instant, held: string): Explanations {
  return { now, explainer: undefined, held, problems: [], dryRun: undefined }
}
