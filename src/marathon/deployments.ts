import { isRecord } from './path.ts'
import { numberIn, objectsIn, textIn, textsIn } from './read.ts'

/** One that is under way. */
export interface Deployment {
  readonly id: string
  /** When it began, in ISO 8601. */
  readonly version: string | undefined
  /** Ids of apps and pods. */
  readonly affected: readonly string[]
  /** `step 1 of 2, RestartPod` */
  readonly step: string
}

export function readDeployments(body: unknown): readonly Deployment[] {
  const list: readonly unknown[] = Array.isArray(body) ? body : []
  return list.filter(isRecord).map((each) => {
    const actions = objectsIn(each, 'currentActions').flatMap((action) => textIn(action, 'action') ?? [])
    const [current, total] = [numberIn(each, 'currentStep'), numberIn(each, 'totalSteps')]
    const count = current === undefined || total === undefined ? [] : [`step ${current} of ${total}`]
    return {
      id: textIn(each, 'id') ?? '',
      version: textIn(each, 'version'),
      affected: [...textsIn(each, 'affectedApps'), ...textsIn(each, 'affectedPods')],
      step: [...count, ...new Set(actions)].join(', ') || 'under way',
    }
  })
}
